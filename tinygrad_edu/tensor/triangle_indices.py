"""The places in the triangles of a matrix as new Tensors: tril_indices, triu_indices."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.tensor.filled import made, placed, sizes_of
from tinygrad_edu.tensor.functions.diagonals import below
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.tensor import Tensor


@public(method=False)
@placed
def tril_indices(row: int, col: int, offset: int = 0, *, dtype: Any = None) -> Tensor:
    """The places on and below a diagonal of a `row` x `col` matrix: their rows, and their columns."""
    return _places("tril_indices", row, col, offset, dtype, upper=False)


@public(method=False)
@placed
def triu_indices(row: int, col: int, offset: int = 0, *, dtype: Any = None) -> Tensor:
    """The places on and above a diagonal of a `row` x `col` matrix: their rows, and their columns."""
    return _places("triu_indices", row, col, offset, dtype, upper=True)


def _places(call: str, row: int, col: int, offset: int, dtype: Any, *, upper: bool) -> Tensor:
    chosen = below(call, sizes_of(call, (row, col)), offset, strictly=upper) ^ upper
    places: Tensor = made(Tensor, np.stack(np.nonzero(chosen)), False)
    return places if dtype is None else places.to(dtype)
