"""Differences of neighbours and their sums: diff, gradient by finite differences, integrals by trapezoids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.scan import FIRST, FRONT, LAST, REST, part
from tinygrad_edu.ops.shape import cat
from tinygrad_edu.tensor.arguments import all_dims, no_booleans, one_dim
from tinygrad_edu.tensor.functions.cumulative import cumsum
from tinygrad_edu.tensor.functions.public import public


@public()
def diff(input: Data, n: int = 1, dim: int = -1, prepend: Data = None, append: Data = None) -> Data:
    """`x[k + 1] - x[k]` along `dim`, `n` times over; of booleans whether they differ.

    `prepend` and `append` are joined to the input before.
    """
    if input.ndim == 0 or n < 0:
        raise ValueError(
            f"diff needs at least one dimension and n of 0 or more, got shape {input.shape}, n={n}"
        )
    dim = one_dim("diff", dim, input.ndim)
    if n == 0:
        return input.clone()
    ends = [end for end in (prepend, input, append) if end is not None]
    for end in ends:
        _check_joined(input, end, dim)
    result = cat(*ends, dim=dim) if len(ends) > 1 else input
    for _ in range(min(n, result.shape[dim])):
        left, right = part(result, dim, FRONT), part(result, dim, REST)
        result = left != right if result.dtype == np.bool_ else right - left
    return result


def _check_joined(input: Data, end: Data, dim: int) -> None:
    if (*end.shape[:dim], *end.shape[dim + 1 :]) != (*input.shape[:dim], *input.shape[dim + 1 :]):
        raise ValueError(
            f"diff needs ends of the sizes of the input but along dim {dim}, {input.shape}, got {end.shape}"
        )


@public(method=False)
def gradient(input: Data, *, spacing: Any = 1, dim: Any = None, edge_order: int = 1) -> tuple[Data, ...]:
    """The derivative along each `dim` by central differences, at the ends by differences of `edge_order` 1 or 2.

    `spacing`: the distance of neighbours, one for all or one for each `dim`, or for each `dim` a vector of places.
    """
    dims = all_dims("gradient", dim, input.ndim)
    dims = tuple(range(input.ndim)) if dims is None else dims
    spacings = (
        list(spacing) if isinstance(spacing, Sequence) else [1 if spacing is None else spacing] * len(dims)
    )
    _check_gradient(input, spacings, dims, edge_order)
    return tuple(_slope(input, d, each, edge_order) for d, each in zip(dims, spacings))


def _check_gradient(input: Data, spacings: list[Any], dims: Sequence[int], edge_order: int) -> None:
    if len(spacings) != len(dims):
        raise ValueError(f"gradient needs a spacing for each of {len(dims)} dimensions, got {len(spacings)}")
    if edge_order not in (1, 2):
        raise ValueError(f"gradient needs edge_order of 1 or 2, got {edge_order}")
    for d, spacing in zip(dims, spacings):
        if input.shape[d] <= edge_order:
            raise ValueError(
                f"gradient needs more than {edge_order} numbers along dim {d}, got shape {input.shape}"
            )
        if hasattr(spacing, "shape") and spacing.shape != (input.shape[d],):
            raise ValueError(
                f"gradient needs {input.shape[d]} places along dim {d}, got shape {spacing.shape}"
            )


def _slope(x: Data, dim: int, spacing: Any, edge_order: int) -> Data:
    """The slopes of parabolas through each three neighbours; at the ends those of lines, or of parabolas."""
    along = (-1, *(1,) * (x.ndim - dim - 1))
    widths = diff(spacing).reshape(along) if hasattr(spacing, "shape") else spacing
    steps = diff(x, dim=dim) / widths
    first, last = part(steps, dim, FIRST), part(steps, dim, LAST)
    bend = part(steps, dim, REST) - part(steps, dim, FRONT)
    share = (widths[:-1] / (widths[:-1] + widths[1:])) if hasattr(spacing, "shape") else 0.5
    inner = part(steps, dim, FRONT) + bend * share
    if edge_order == 2:
        first = first - part(bend * share, dim, FIRST)
        last = last + part(bend * (1 - share), dim, LAST)
    return cat(first, inner, last, dim=dim)


@public("trapz", method=False)
def trapezoid(y: Data, x: Data = None, *, dx: float = 1, dim: int = -1) -> Data:
    """The integral of `y` along `dim` by trapezoids of width `dx`, or between the places `x`."""
    dim = one_dim("trapezoid", dim, y.ndim)
    return _trapezoids("trapezoid", y, x, dx, dim).sum(dim)


@public(method=False)
def cumulative_trapezoid(y: Data, x: Data = None, *, dx: float = 1, dim: int = -1) -> Data:
    """The integrals of `y` along `dim` from its first number to each after it, by trapezoids."""
    dim = one_dim("cumulative_trapezoid", dim, y.ndim)
    return cumsum(_trapezoids("cumulative_trapezoid", y, x, dx, dim), dim)


def _trapezoids(call: str, y: Data, x: Data, dx: float, dim: int) -> Data:
    """The area between each two neighbours."""
    for each in (y, x):
        if each is not None:
            no_booleans(call, each)
    if x is None and y.dtype.kind != "f":
        y = y / 1  # the sum of two uint8 may be too large for one; beside whole places PyTorch takes that
    return (part(y, dim, FRONT) + part(y, dim, REST)) * _widths(call, y, x, dx, dim) / 2


def _widths(call: str, y: Data, x: Data, dx: float, dim: int) -> Data:
    if x is None:
        return dx
    if x.ndim == 1:
        if x.shape[0] != y.shape[dim]:
            raise ValueError(
                f"{call} needs a place for each of {y.shape[dim]} numbers, got x of shape {x.shape}"
            )
        return diff(x).reshape(-1, *(1,) * (y.ndim - dim - 1))
    return diff(x.reshape((1,) * (y.ndim - x.ndim) + x.shape), dim=dim)
