"""Numbers in order, and the places of numbers in an order: sort, topk, kthvalue, searchsorted."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import ordering
from tinygrad_edu.ops.index import along
from tinygrad_edu.tensor.arguments import one_dim
from tinygrad_edu.tensor.functions.places import is_tensor, taken, unchecked_grid, vector
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.pair import ValuesAndIndices


@public()
def argsort(input: Data, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Data:
    """The indices that bring the numbers along `dim` into order; equal ones stay as they came, nan is the greatest.

    `stable` changes nothing here: every order is.
    """
    dim = one_dim("argsort", dim, input.ndim)
    order = ordering.argsort(vector(input), dim=dim, descending=bool(descending))
    return order if input.shape else order.reshape(())


@public()
def sort(input: Data, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Data:
    """`(values, indices)`: the numbers along `dim` in order, and where each came from. See `argsort`."""
    return _at(input, dim, argsort(input, one_dim("sort", dim, input.ndim), descending))


def _at(input: Data, dim: int, indices: Data) -> ValuesAndIndices[Any]:
    """The numbers at `indices` along `dim`, with these."""
    if not input.shape:
        return ValuesAndIndices(input.clone(), indices)
    return ValuesAndIndices(taken(input, unchecked_grid(dim % input.ndim, indices)), indices)


@public()
def msort(input: Data) -> Data:
    """The numbers along dim 0 in ascending order."""
    return sort(input, 0).values


@public()
def topk(input: Data, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Data:
    """`(values, indices)` of the `k` greatest along `dim`, or of the smallest; of equals the first.

    They are in order, `sorted` or not.
    """
    dim = one_dim("topk", dim, input.ndim)
    size = vector(input).shape[dim]
    if not 0 <= k <= size:
        raise ValueError(f"topk needs k from 0 to {size}, the size of dim {dim}, got {k}")
    order = argsort(input, dim, largest)
    return _at(input, dim, order[along(dim, slice(k))] if input.shape else order)


@public()
def kthvalue(input: Data, k: int, dim: int = -1, keepdim: bool = False) -> Data:
    """`(values, indices)` of the `k`-th smallest along `dim`, counted from 1."""
    dim = one_dim("kthvalue", dim, input.ndim)
    size = vector(input).shape[dim]
    if not 1 <= k <= size:
        raise ValueError(f"kthvalue needs k from 1 to {size}, the size of dim {dim}, got {k}")
    order = argsort(input, dim)
    if not input.shape:
        return _at(input, dim, order)
    pair = _at(input, dim, order[along(dim, slice(k - 1, k))])
    return pair if keepdim else ValuesAndIndices(pair.values.squeeze(dim), pair.indices.squeeze(dim))


@public(method=False)
def searchsorted(
    sorted_sequence: Data,
    input: Data,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Data = None,
) -> Data:
    """For each number of `input`, before which number of an ascending row it belongs: the first that is not less.

    `right` (`side="right"`): the first that is greater. `sorter`: the order of a row that is in none.
    Shapes: `sorted_sequence` (n,), or (..., n) for an input of (..., m).
    """
    if side not in (None, "left", "right") or (side == "left" and right):
        raise ValueError(f"searchsorted needs side 'left' or 'right' as right={right} says, got {side!r}")
    row = sorted_sequence if sorter is None else _in_order(sorted_sequence, sorter)
    x: Any = input if is_tensor(input) else np.asarray(input)
    if not row.shape or (row.ndim > 1 and row.shape[:-1] != x.shape[:-1]):
        raise ValueError(
            "searchsorted needs one row, or a row for each row of its input, got shapes "
            f"{row.shape} and {x.shape}"
        )
    found = ordering.searchsorted(x, row, side="right" if right else side or "left")
    return found.astype(np.dtype(np.int32)) if out_int32 else found


def _in_order(row: Data, sorter: Data) -> Data:
    if sorter.shape != row.shape or sorter.dtype != np.int64:
        raise ValueError(
            f"searchsorted needs a sorter of int64 and shape {row.shape}, got {sorter.dtype} of shape {sorter.shape}"
        )
    return row.gather(-1, sorter)


@public(method=False)
def bucketize(input: Data, boundaries: Data, *, out_int32: bool = False, right: bool = False) -> Data:
    """The number of the bucket of each number: how many boundaries are less than it; with `right`, or equal to it."""
    if np.ndim(boundaries) != 1:
        raise ValueError(f"bucketize needs a vector of boundaries, got shape {np.shape(boundaries)}")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)
