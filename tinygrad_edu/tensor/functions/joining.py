"""Several tensors as one: cat, stack, and block_diag."""

from __future__ import annotations

from collections.abc import Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data, Tracer
from tinygrad_edu.ops import index
from tinygrad_edu.ops import shape as ops
from tinygrad_edu.tensor.arguments import one_dim
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.reshaping import atleast_1d, atleast_2d, atleast_3d


@public("concat", "concatenate", method=False)
def cat(tensors: Sequence[Any], dim: int = 0) -> Data:
    """The tensors one after the other along `dim`; their other sizes must be equal."""
    parts = _several("cat", tensors)
    if any(part.ndim != 1 for part in parts):  # PyTorch takes an empty vector beside anything
        parts = [part for part in parts if part.shape != (0,)]
    return ops.cat(*parts, dim=one_dim("cat", dim, parts[0].ndim))


@public(method=False)
def stack(tensors: Sequence[Any], dim: int = 0) -> Data:
    """The tensors, all of one shape, side by side along a new dimension `dim`."""
    parts = _several("stack", tensors)
    sizes = parts[0].shape
    if any(part.shape != sizes for part in parts):
        raise ValueError(
            f"stack needs tensors of one shape, got {', '.join(str(part.shape) for part in parts)}"
        )
    where = one_dim("stack", dim, len(sizes) + 1)
    longer = (*sizes[:where], 1, *sizes[where:])
    return ops.cat(*(ops.reshape(part, shape=longer) for part in parts), dim=where)


def _several(call: str, tensors: Sequence[Any]) -> list[Any]:
    parts = list(tensors)
    if not any(isinstance(part, Tracer) for part in parts):
        raise TypeError(f"{call} needs a list with at least one Tensor, got {short(parts)}")
    if not all(isinstance(part, Tracer | np.ndarray | list | tuple) for part in parts):
        raise TypeError(f"{call} needs Tensors and arrays, got {short(parts)}; write a number x as tensor(x)")
    return [np.asarray(part) if isinstance(part, list | tuple) else part for part in parts]


@public(method=False)
def hstack(tensors: Sequence[Any]) -> Data:
    """The tensors side by side: vectors one after the other, others along dimension 1."""
    parts = [atleast_1d(x) for x in _several("hstack", tensors)]
    return cat(parts, dim=min(parts[0].ndim - 1, 1))


@public("row_stack", method=False)
def vstack(tensors: Sequence[Any]) -> Data:
    """The tensors on top of each other, along dimension 0; a vector is a row."""
    return cat([atleast_2d(x) for x in _several("vstack", tensors)])


@public(method=False)
def dstack(tensors: Sequence[Any]) -> Data:
    """The tensors behind each other, along dimension 2; a matrix is one of rows of one."""
    return cat([atleast_3d(x) for x in _several("dstack", tensors)], dim=2)


@public(method=False)
def column_stack(tensors: Sequence[Any]) -> Data:
    """The tensors side by side; a vector is a column."""
    parts = _several("column_stack", tensors)
    return hstack([x if x.ndim > 1 else ops.reshape(x, shape=(-1, 1)) for x in parts])


@public(method=False)
def block_diag(*tensors: Any) -> Data:
    """A matrix with the matrices along its diagonal, and zeros elsewhere; a vector is a row."""
    blocks = [atleast_2d(x) for x in _several("block_diag", tensors)]
    if any(x.ndim > 2 for x in blocks):
        raise ValueError(f"block_diag needs matrices, got shapes {', '.join(str(x.shape) for x in blocks)}")
    ends = np.cumsum([x.shape[1] for x in blocks])
    return cat([_in_columns(x, int(end), int(ends[-1])) for x, end in zip(blocks, ends)])


def _in_columns(x: Data, end: int, width: int) -> Data:
    """A matrix as the columns before `end` of one with zeros elsewhere."""
    place = (slice(None), slice(end - x.shape[1], end))
    return index.scatter(x, index=place, shape=(x.shape[0], width))
