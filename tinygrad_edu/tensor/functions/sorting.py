"""Numbers in order, and the places of numbers in an order: sort, topk, kthvalue, median, mode, searchsorted."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import elementwise, logic, ordering
from tinygrad_edu.ops.index import along
from tinygrad_edu.tensor.arguments import one_dim
from tinygrad_edu.tensor.functions.extreme_values import picked
from tinygrad_edu.tensor.functions.places import cells, is_tensor, taken, vector
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.reducing import of_one


@public()
def argsort(input: Data, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Data:
    """The indices that bring the numbers along `dim` into order; equal ones stay as they came, nan is the greatest.

    `stable` changes nothing here: every order is.
    """
    return of_one("argsort", _order, input, dim, descending=descending)


@public()
def sort(input: Data, dim: int = -1, descending: bool = False, *, stable: bool = False) -> Data:
    """`(values, indices)`: the numbers along `dim` in order, and where each came from. See `argsort`."""
    return picked("sort", _order, input, dim, True, descending=descending)


@public()
def msort(input: Data) -> Data:
    """The numbers along dim 0 in ascending order."""
    return sort(input, 0).values


@public()
def topk(input: Data, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> Data:
    """`(values, indices)` of the `k` greatest along `dim`, or of the smallest; of equals the first.

    They are in order, `sorted` or not.
    """
    _check_rank("topk", k, input, dim, least=0)
    return picked("topk", _order, input, dim, True, descending=largest, ranks=slice(k))


@public()
def kthvalue(input: Data, k: int, dim: int = -1, keepdim: bool = False) -> Data:
    """`(values, indices)` of the `k`-th smallest along `dim`, counted from 1."""
    _check_rank("kthvalue", k, input, dim, least=1)
    return picked("kthvalue", _order, input, dim, keepdim, ranks=slice(k - 1, k))


def _check_rank(call: str, k: int, input: Data, dim: int, *, least: int) -> None:
    dim = one_dim(call, dim, input.ndim)
    size = vector(input).shape[dim]
    if not least <= k <= size:
        raise ValueError(f"{call} needs k from {least} to {size}, the size of dim {dim}, got {k}")


# Places along `dim`, one non-negative dimension.


def _order(x: Data, *, dim: int, descending: bool = False, ranks: slice | None = None) -> Data:
    """The places of the numbers with these ranks; of all without them."""
    order = ordering.argsort(x.flip(dim) if descending else x, dim=dim)
    order = x.shape[dim] - 1 - order.flip(dim) if descending else order
    return order if ranks is None else order[along(dim, ranks)]


def median_place(x: Data, *, dim: int, skip_nan: bool) -> Data:
    """The place of the middle number, the lower of two; the first nan, unless they are skipped."""
    if x.shape[dim] == 0:
        raise IndexError(f"of no numbers there is no middle, got shape {x.shape}")
    nans = logic.isnan(x).sum(dim, keepdim=True)
    count = x.shape[dim] - nans
    middle = elementwise.maximum(count - 1, 0) // 2
    rank = middle if skip_nan else elementwise.where(nans > 0, count, middle)
    return taken(_order(x, dim=dim), cells(dim, rank))


def mode_place(x: Data, *, dim: int) -> Data:
    """The last place of the most frequent number, the smallest of several."""
    order = _order(x, dim=dim)
    ordered = taken(x, cells(dim, order))
    place = np.arange(x.shape[dim]).reshape(-1, *[1] * (x.ndim - dim - 1))
    repeated = (ordered == ordered.roll(1, dim)) & (place > 0)
    begin = ordering.running_place(elementwise.where(repeated, -1, place), dim=dim, least=False)
    return taken(order, cells(dim, (place - begin).argmax(dim, keepdim=True)))


# Places of numbers in an order.


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
    row, x = sorted_sequence, input if is_tensor(input) else np.asarray(input)
    if side not in (None, "left", "right") or (side == "left" and right):
        raise ValueError(f"searchsorted needs side 'left' or 'right' as right={right} says, got {side!r}")
    if not row.shape or (row.ndim > 1 and row.shape[:-1] != x.shape[:-1]):
        raise ValueError(
            f"searchsorted needs one row, or a row for each row of its input, got shapes {row.shape} and {x.shape}"
        )
    if sorter is not None and (sorter.shape != row.shape or sorter.dtype != np.int64):
        raise ValueError(
            f"searchsorted needs a sorter of int64 and shape {row.shape}, got {sorter.dtype} of shape {sorter.shape}"
        )
    row = row if sorter is None else row.gather(-1, sorter)
    found = ordering.searchsorted(x, row, side="right" if right else side or "left")
    return found.to(np.int32) if out_int32 else found


@public(method=False)
def bucketize(input: Data, boundaries: Data, *, out_int32: bool = False, right: bool = False) -> Data:
    """The number of the bucket of each number: how many boundaries are less than it; with `right`, or equal to it."""
    if np.ndim(boundaries) != 1:
        raise ValueError(f"bucketize needs a vector of boundaries, got shape {np.shape(boundaries)}")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)
