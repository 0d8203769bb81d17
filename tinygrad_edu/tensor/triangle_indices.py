"""The places in the triangles of a matrix as new Tensors: tril_indices, triu_indices."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import CREATE, announce
from tinygrad_edu.tensor.arguments import whole_number
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.triangles import diagonal_number
from tinygrad_edu.tensor.tensor import Tensor


@public(method=False)
def tril_indices(
    row: int,
    col: int,
    offset: int = 0,
    *,
    dtype: Any = None,
    device: Any = None,  # noqa: ARG001
    layout: Any = None,  # noqa: ARG001
) -> Tensor:
    """The places on and below a diagonal of a `row` x `col` matrix: their rows, and their columns."""
    return _places(
        "tril_indices", row, col, dtype, lambda i, j: j - i <= diagonal_number("tril_indices", offset)
    )


@public(method=False)
def triu_indices(
    row: int,
    col: int,
    offset: int = 0,
    *,
    dtype: Any = None,
    device: Any = None,  # noqa: ARG001
    layout: Any = None,  # noqa: ARG001
) -> Tensor:
    """The places on and above a diagonal of a `row` x `col` matrix: their rows, and their columns."""
    return _places(
        "triu_indices", row, col, dtype, lambda i, j: j - i >= diagonal_number("triu_indices", offset)
    )


def _places(call: str, row: int, col: int, dtype: Any, chosen: Any) -> Tensor:
    size = whole_number(call, "row", row), whole_number(call, "col", col)
    result = Tensor(np.stack(np.nonzero(np.fromfunction(chosen, size))), np.int64 if dtype is None else dtype)
    announce(CREATE, None, result=result)
    return result
