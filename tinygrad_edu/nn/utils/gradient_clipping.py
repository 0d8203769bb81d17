"""Gradients cut to a greatest norm, or number, before a step, as `torch.nn.utils` does."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.tensor.functions.joining import stack
from tinygrad_edu.tensor.functions.norms import vector_norm
from tinygrad_edu.tensor.tensor import Tensor, tensor

Tensors = Tensor | Iterable[Tensor]


def get_total_norm(
    tensors: Tensors,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,  # noqa: ARG001 - of other hardware
) -> Tensor:
    """The norm of all numbers of the tensors together: the norm of their norms.

    Raises `RuntimeError` if the norm is nan or infinite and `error_if_nonfinite`.
    """
    norms = [vector_norm(x, float(norm_type)) for x in _listed("get_total_norm", tensors)]
    if not norms:
        return tensor(0.0)
    kind = np.result_type(*(norm.dtype for norm in norms))
    total = vector_norm(stack([norm.to(kind) for norm in norms]), float(norm_type))
    if error_if_nonfinite and not np.isfinite(total.item()):
        raise RuntimeError(
            f"clip_grad_norm_ needs a finite norm of order {norm_type}, got {total.item()}; "
            "check_finite() finds where it began, error_if_nonfinite=False clips all the same"
        )
    return total


def clip_grads_with_norm_(
    parameters: Tensors,
    max_norm: float,
    total_norm: Tensor,
    foreach: bool | None = None,  # noqa: ARG001
) -> None:
    """Multiply the gradients by `max_norm / (total_norm + 1e-6)`, if that is below 1."""
    with no_grad():
        factor = (float(max_norm) / (total_norm + 1e-6)).clamp(max=1.0)
        for g in _gradients("clip_grads_with_norm_", parameters):
            g.mul_(factor.to(g.dtype))


def clip_grad_norm_(
    parameters: Tensors,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,  # noqa: ARG001
) -> Tensor:
    """Scale the gradients of all parameters so that their norm together is at most `max_norm`; returns the former norm.

    `norm_type`: 2, or another order, or inf for the greatest number.
    Source: Pascanu et al., On the difficulty of training recurrent neural networks (2013), algorithm 1.
    """
    chosen = _listed("clip_grad_norm_", parameters)
    with no_grad():
        total = get_total_norm(_gradients("clip_grad_norm_", chosen), norm_type, error_if_nonfinite)
    clip_grads_with_norm_(chosen, max_norm, total)
    return total


def clip_grad_norm(
    parameters: Tensors,
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> Tensor:
    """The older name of `clip_grad_norm_`; each call warns."""
    warnings.warn(
        "nn.utils.clip_grad_norm is an older name of nn.utils.clip_grad_norm_", FutureWarning, stacklevel=2
    )
    return clip_grad_norm_(parameters, max_norm, norm_type, error_if_nonfinite, foreach)


def clip_grad_value_(
    parameters: Tensors,
    clip_value: float,
    foreach: bool | None = None,  # noqa: ARG001
) -> None:
    """Bring each number of the gradients into [-clip_value, clip_value]."""
    limit = float(clip_value)
    with no_grad():
        for g in _gradients("clip_grad_value_", parameters):
            g.clamp_(-limit, limit)


def _listed(call: str, tensors: Any) -> list[Tensor]:
    """One Tensor, or several, as a list."""
    found = [tensors] if isinstance(tensors, Tensor) else list(tensors)
    for x in found:
        if not isinstance(x, Tensor):
            raise TypeError(f"{call} needs Tensors, got {type(x).__name__} {short(x)}")
    return found


def _gradients(call: str, parameters: Tensors) -> list[Any]:
    return [p.grad for p in _listed(call, parameters) if p.grad is not None]
