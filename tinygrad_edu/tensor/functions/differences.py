"""Differences of neighbours, and the integral by trapezoids between them."""

from __future__ import annotations

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.scan import FRONT, REST, part
from tinygrad_edu.ops.shape import cat
from tinygrad_edu.tensor.arguments import no_booleans, one_dim, whole_number
from tinygrad_edu.tensor.functions.public import public


@public()
def diff(input: Data, n: int = 1, dim: int = -1, prepend: Data = None, append: Data = None) -> Data:
    """`x[k + 1] - x[k]` along `dim`, `n` times over; of booleans whether they differ.

    `prepend` and `append` are joined to the input before.
    """
    if input.ndim == 0:
        raise ValueError("diff needs at least one dimension, got a single number")
    dim, times = one_dim("diff", dim, input.ndim), whole_number("diff", "n", n)
    if times == 0:
        return input.clone()
    joined = [x for x in (prepend, input, append) if x is not None]
    result = cat(*joined, dim=dim) if len(joined) > 1 else input
    for _ in range(min(times, result.shape[dim])):
        left, right = part(result, dim, FRONT), part(result, dim, REST)
        result = left != right if result.dtype == bool else right - left
    return result


@public("trapz", method=False)
def trapezoid(y: Data, x: Data = None, *, dx: float = 1, dim: int = -1) -> Data:
    """The integral of `y` along `dim` by trapezoids of width `dx`, or between the places `x`."""
    dim, widths = one_dim("trapezoid", dim, y.ndim), dx
    for numbers in (y, x):
        if numbers is not None:
            no_booleans("trapezoid", numbers)
    if x is None:
        y = y if y.dtype.kind == "f" else y / 1  # the sum of two uint8 may be too large for one
    elif x.ndim > 1:
        widths = diff(x, dim=dim - y.ndim)
    elif x.shape[0] == y.shape[dim]:
        widths = diff(x).reshape(-1, *(1,) * (y.ndim - dim - 1))
    else:
        raise ValueError(
            f"trapezoid needs a place for each of {y.shape[dim]} numbers, got x of shape {x.shape}"
        )
    return ((part(y, dim, FRONT) + part(y, dim, REST)) * widths / 2).sum(dim)
