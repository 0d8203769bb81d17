"""The parts of each matrix of a stack: the triangles below and above a diagonal, and the diagonal itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import index, views
from tinygrad_edu.tensor.arguments import ANY, all_dims, whole_number
from tinygrad_edu.tensor.functions.public import public


@public(in_place=True)
def tril(input: Data, diagonal: int = 0) -> Data:
    """The numbers on and below a diagonal of each matrix, and 0 above."""
    return index.put(input, 0, index=(..., ~_below("tril", input, diagonal, 0)))


@public(in_place=True)
def triu(input: Data, diagonal: int = 0) -> Data:
    """The numbers on and above a diagonal of each matrix, and 0 below."""
    return index.put(input, 0, index=(..., _below("triu", input, diagonal, 1)))


def _below(call: str, x: Data, diagonal: Any, less: int) -> np.ndarray:
    """True on and below a diagonal, or below one that is higher by `less`."""
    if x.ndim < 2:
        raise ValueError(f"{call} needs a matrix or a stack of them, got shape {x.shape}")
    rows, columns = x.shape[-2:]
    return np.tri(rows, columns, diagonal_number(call, diagonal) - less, dtype=bool)


@public(within="linalg")
def diagonal(A: Data, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Data:
    """The diagonal of each matrix of a stack, along the last dimension."""
    return views.diagonal(A, **diagonal_line("diagonal", offset, dim1, dim2, A.ndim))


def diagonal_line(call: str, offset: int, dim1: int, dim2: int, ndim: int) -> dict[str, int]:
    """A diagonal as the operations take it."""
    first, second = all_dims(call, (dim1, dim2), max(ndim, 1)) or ()
    return {"offset": diagonal_number(call, offset), "dim1": first, "dim2": second}


def diagonal_number(call: str, diagonal: Any) -> int:
    """Which diagonal is meant: 0 for the main one, more for those above."""
    return whole_number(call, "the diagonal", diagonal, least=ANY)
