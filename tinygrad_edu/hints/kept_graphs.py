"""Warnings about a graph that ends where it should go on, and about one that is kept where nobody expects it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.hints.warnings import LostGraphWarning, ReferenceCycleWarning, warn


def copied_without_graph(data: Any) -> None:
    """`tensor(data)` copies numbers and no history; said if somebody may wait for a gradient behind `data`."""
    if isinstance(data, Variable) and data.requires_grad:
        warn(
            LostGraphWarning,
            f"tensor(x) copies the numbers of {data.described()} and no history, so that no gradient reaches "
            "what it was computed from; use x itself or x.clone(), or x.detach().clone() if that is meant",
        )


def gradients_with_graph(gradients: Iterable[Any]) -> None:
    """`backward(create_graph=True)` put these in `.grad`: their graph leads back to the tensors that hold them."""
    if any(isinstance(g, Variable) and g.requires_grad for g in gradients):
        warn(
            ReferenceCycleWarning,
            "backward(create_graph=True) leaves gradients whose graph leads back to their tensors, which Python "
            "frees late; take gradients by autograd.grad(loss, inputs, create_graph=True), or set .grad to None "
            "after use",
        )
