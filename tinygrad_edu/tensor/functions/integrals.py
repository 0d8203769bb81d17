"""Integrals of sampled functions by the trapezoidal rule."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.scan import FRONT, REST, part
from tinygrad_edu.tensor.arguments import one_dim
from tinygrad_edu.tensor.functions.cumulative import cumsum
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.reducing import diff, sum
from tinygrad_edu.tensor.functions.reshaping import reshape


def _areas(call: str, y: Data, x: Any, dx: Any, dim: int) -> Data:
    """The area above each step: its width times the mean height."""
    if y.ndim == 0:
        raise ValueError(f"{call} needs at least one dimension, got a single number")
    dim = one_dim(call, dim, y.ndim)
    if x is not None:
        width: Any = diff(x, dim=0 if x.ndim == 1 else dim)
        if x.ndim == 1 and y.ndim > 1:
            width = reshape(width, *[-1 if i == dim else 1 for i in range(y.ndim)])
    else:
        width = dx
    return (part(y, dim, FRONT) + part(y, dim, REST)) * 0.5 * width


@public("trapz", method=False)
def trapezoid(y: Data, x: Data = None, *, dx: float = 1, dim: int = -1) -> Data:
    """The integral of `y` along `dim`, at the points `x` or with steps of `dx`."""
    return sum(_areas("trapezoid", y, x, dx, dim), dim)


@public(method=False)
def cumulative_trapezoid(y: Data, x: Data = None, *, dx: float = 1, dim: int = -1) -> Data:
    """The integral of `y` along `dim` up to each point but the first, at the points `x` or with steps of `dx`."""
    return cumsum(_areas("cumulative_trapezoid", y, x, dx, dim), dim)
