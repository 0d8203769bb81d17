"""The gradient that flows out of a Tensor: what is checked before the walk, and who owns the arrays after it."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from tinygrad_edu.engine import grad_mode
from tinygrad_edu.engine.backward import gradients
from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.hints.not_finite import check_walk


@functools.cache
def _one(kind: Any, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """The gradient of a single number with respect to itself; rules never modify what they are given."""
    one = np.ones(shape, dtype)
    one.flags.writeable = False
    return kind.around(one)


def flow(call: str, result: Any, gradient: Any, create_graph: bool) -> dict[Any, Any]:
    """The gradient of `result` with respect to everything it was computed from, checked at the door."""
    if not result.requires_grad:
        raise RuntimeError(
            f"{call} needs a tensor that depends on one with requires_grad=True, but {result.why_no_gradient()}"
        )
    if gradient is None:
        if result.raw.size != 1:
            raise RuntimeError(
                f"{call} needs a single number, but the tensor has shape {result.shape}; "
                "take its sum or mean first, or pass gradient="
            )
        gradient = _one(result.result_kind, result.raw.shape, result.raw.dtype)
    else:
        # In memory of its own, as it may become the gradient of a leaf.
        kind: Any = result.result_kind
        gradient = gradient.clone() if isinstance(gradient, kind) else kind(gradient, result.dtype)
        if gradient.shape != result.shape:
            raise ValueError(
                f"{call} needs a gradient of shape {result.shape}, that of the tensor, got {gradient.shape}"
            )
    if current().watchers:
        check_walk(result, gradient)
    elif not create_graph:
        return gradients(result, gradient.raw[()])  # one number as a number, which is quicker
    with grad_mode.walk(records=create_graph):
        return gradients(result, gradient, create_graph=create_graph)


def each_its_own(grads: dict[Variable, Any]) -> dict[Variable, Any]:
    """Gradients as Variables, for the leaves: none shared, as each may be overwritten.

    Raw for all others: an inner tensor that held its own graph would never be freed.
    """
    owned: set[int] = set()
    for node, g in grads.items():
        if node.operation is not None:
            grads[node] = g.raw
        elif id(g) in owned or g.raw.base is not None or not g.raw.flags.writeable:
            grads[node] = g.clone()
        owned.add(id(g))
    return grads
