"""Diagonals and triangles of matrices, and of stacks of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import index
from tinygrad_edu.ops import shape as ops
from tinygrad_edu.tensor.arguments import ANY, all_dims, whole_number
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.reshaping import clone, dim_of, flatten, movedim


@public(within="linalg")
def diagonal(A: Data, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Data:
    """The diagonal of each matrix of a stack, along the last dimension."""
    return _diagonal(A, offset, dim1, dim2)


@public()  # type: ignore[no-redef]
def diagonal(input: Data, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Data:  # noqa: F811 - not linalg's
    """The numbers `x[i, i + offset]` of the dimensions `dim1` and `dim2`, along a new last dimension."""
    return _diagonal(input, offset, dim1, dim2)


def _diagonal(x: Data, offset: Any, dim1: int, dim2: int) -> Data:
    offset, dims = _number("diagonal", offset), all_dims("diagonal", (dim1, dim2), max(x.ndim, 1)) or ()
    x = x if dims == (x.ndim - 2, x.ndim - 1) else movedim(x, dims, (-2, -1))
    row, column = max(-offset, 0), max(offset, 0)
    n = max(min(x.shape[-2] - row, x.shape[-1] - column), 0)
    if x.shape[-2:] != (n, n):
        x = index.take(x, index=(..., slice(row, row + n), slice(column, column + n)))
    return ops.diagonal(x)


def _number(call: str, diagonal: Any) -> int:
    """Which diagonal is meant: 0 for the main one, more for those above."""
    return whole_number(call, "the diagonal", diagonal, least=ANY)


@public()
def diag_embed(input: Data, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Data:
    """Matrices in the dimensions `dim1` and `dim2` of the result, with the last dimension on their diagonals."""
    offset, n = _number("diag_embed", offset), input.shape[dim_of("diag_embed", -1, input)]
    side = n + abs(offset)
    start, stack = max(offset, -offset * side), input.shape[:-1]
    place = slice(start, start + n * (side + 1), side + 1)  # of the rows of a matrix, one behind the other
    rows = index.scatter(input, index=(..., place), shape=(*stack, side * side))
    matrices = ops.reshape(rows, shape=(*stack, side, side))
    dims = all_dims("diag_embed", (dim1, dim2), matrices.ndim)
    return matrices if dims == (input.ndim - 1, input.ndim) else movedim(matrices, (-2, -1), dims)


@public()
def diag(input: Data, diagonal: int = 0) -> Data:
    """A matrix with a vector on its diagonal; or the diagonal of a matrix, in memory of its own."""
    if input.ndim not in (1, 2):
        raise ValueError(
            f"diag needs a vector or a matrix, got shape {input.shape}; use diagonal or diag_embed"
        )
    return diag_embed(input, diagonal) if input.ndim == 1 else clone(_diagonal(input, diagonal, 0, 1))


@public()
def diagflat(input: Data, offset: int = 0) -> Data:
    """A matrix with all numbers of the tensor on its diagonal."""
    return diag_embed(flatten(input), offset)


@public(in_place=True)
def tril(input: Data, diagonal: int = 0) -> Data:
    """The numbers on and below a diagonal of each matrix, and 0 above."""
    return index.put(input, 0, index=(..., ~_below("tril", input, diagonal)))


@public(in_place=True)
def triu(input: Data, diagonal: int = 0) -> Data:
    """The numbers on and above a diagonal of each matrix, and 0 below."""
    return index.put(input, 0, index=(..., _below("triu", input, diagonal, strictly=1)))


def _below(call: str, x: Data, diagonal: Any, strictly: int = 0) -> np.ndarray:
    if x.ndim < 2:
        raise ValueError(f"{call} needs a matrix or a stack of them, got shape {x.shape}")
    return below(call, x.shape[-2:], diagonal, strictly)


def below(call: str, sizes: Any, diagonal: Any, strictly: int = 0) -> np.ndarray:
    """A matrix that is True on a diagonal and below, or strictly below."""
    rows, columns = sizes
    return np.tri(rows, columns, _number(call, diagonal) - strictly, dtype=bool)
