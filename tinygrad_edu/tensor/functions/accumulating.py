"""Numbers combined with those of a tensor: sums, products, means and extremes of what meets in one place."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import READ, announce
from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import elementwise, scattered_extremes
from tinygrad_edu.ops import index as index_ops
from tinygrad_edu.tensor.arguments import one_dim
from tinygrad_edu.tensor.functions.picking import check_sizes
from tinygrad_edu.tensor.functions.places import (
    added,
    grid,
    is_tensor,
    of_same_dtype,
    replaced,
    rows,
    single,
    vector,
    whole,
)
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.indexing import Index

# The number with which nothing changes, by the way to combine.
_NEUTRAL = {"sum": 0, "mean": 0, "prod": 1, "amax": -np.inf, "amin": np.inf}


@public(in_place=True)
def scatter_add(input: Data, dim: int, index: Data, src: Data) -> Data:
    """`x[index[i][j]][j] += src[i][j]` for dim 0, and so on; an index given twice receives both."""
    x, place, v = scattered_parts("scatter_add", input, dim, index, src)
    return input.clone() if place is None else added(x, v, place).reshape(input.shape)


@public(in_place=True)
def scatter_reduce(
    input: Data, dim: int, index: Data, src: Data, reduce: str, *, include_self: bool = True
) -> Data:
    """The sum, prod, mean, amax or amin of each number and of what `src` brings to its place, as `scatter` does.

    `include_self=False`: of what `src` brings alone, wherever it brings something.
    """
    _check("scatter_reduce", reduce, ("sum", "prod", "mean", "amax", "amin"))
    x, place, v = scattered_parts("scatter_reduce", input, dim, index, src)
    if place is None:
        return input.clone()
    return combined(x, v, place, reduce, include_self).reshape(input.shape)


@public(in_place=True)
def index_add(input: Data, dim: int, index: Data, source: Data, *, alpha: float = 1) -> Data:
    """`x[index] += alpha * source` for dim 0, and so on; an index given twice receives both."""
    x, place, v = source_rows("index_add", input, dim, index, source)
    return added(x, v if alpha == 1 else v * _factor(alpha, v.dtype), place).reshape(input.shape)


@public(in_place=True)
def index_reduce(
    input: Data, dim: int, index: Data, source: Data, reduce: str, *, include_self: bool = True
) -> Data:
    """The prod, mean, amax or amin of each row along `dim` and of the rows of `source` with its index."""
    _check("index_reduce", reduce, ("prod", "mean", "amax", "amin"))
    x, place, v = source_rows("index_reduce", input, dim, index, source)
    return combined(x, v, place, reduce, include_self).reshape(input.shape)


# Arguments.


def _check(call: str, reduce: str, ways: tuple[str, ...]) -> None:
    if reduce not in ways:
        raise ValueError(f"{call} needs reduce as one of {', '.join(ways)}, got {reduce!r}")


def _factor(alpha: float, dtype: np.dtype[Any]) -> float:
    """`alpha` as a number of a dtype: -1 is 255 in uint8, with which sums come out the same."""
    if dtype.kind != "f" and isinstance(alpha, float):
        raise TypeError(f"index_add needs a whole alpha for {dtype}, got {alpha}")
    return np.asarray(alpha).astype(dtype).item()


def scattered_parts(
    call: str, input: Data, dim: int, index: Data, src: Data
) -> tuple[Data, Index | None, Data]:
    """The tensor, the place for each of `index`, None if there is none, and what belongs there."""
    dim = one_dim(call, dim, input.ndim)
    picks, x = whole(call, index), vector(input)
    v = single(call, input, src) if not is_tensor(src) else of_same_dtype(call, "src", input, src)
    if 0 in picks.shape:
        return x, None, v
    picks = vector(picks)
    check_sizes(call, "index", picks.shape, x.shape, dim)
    if is_tensor(v):
        v = vector(v)
        check_sizes(call, "index", picks.shape, v.shape)
        if v.shape != picks.shape:
            v = v[tuple([slice(n) for n in picks.shape])]
    return x, grid(call, x, dim, picks), v


def source_rows(call: str, input: Data, dim: int, index: Data, source: Data) -> tuple[Data, Index, Data]:
    """The tensor, the place of the rows `index` along `dim`, and the rows that belong there."""
    dim = one_dim(call, dim, input.ndim)
    picks, v = whole(call, index), of_same_dtype(call, "source", input, source)
    if picks.ndim > 1:
        raise ValueError(f"{call} needs a vector of indices, got shape {picks.shape}")
    picks, x = vector(picks), vector(input)
    wanted = (*x.shape[:dim], picks.shape[0], *x.shape[dim + 1 :])
    if v.ndim != input.ndim or vector(v).shape != wanted:
        raise ValueError(f"{call} needs a source of shape {wanted}, got {source.shape}")
    return x, rows(call, x, dim, picks), vector(v)


# Ways to combine.


def combined(x: Data, v: Data, place: Index, reduce: str, include_self: bool = True) -> Data:
    """`x` and what `v` brings to a place as one number."""
    v = v if is_tensor(v) else _filled(x, v, place)
    start = x if include_self else replaced(x, _neutral(reduce, x.dtype), place)
    arrays, index = place
    if reduce == "sum":
        return added(start, v, place)
    if reduce == "mean":
        hits = index_ops.scatter(v.detach() ** 0, *arrays, index=index, shape=x.shape)
        return _divided(added(start, v, place), hits + 1 if include_self else elementwise.maximum(hits, 1))
    if reduce == "prod":
        return _product(start, v, place)
    extreme = getattr(scattered_extremes, f"scatter_{reduce}")
    return extreme(start, v, *arrays, index=index)


def _filled(x: Data, value: float, place: Index) -> Data:
    """A number for each of a place."""
    arrays, index = place
    return index_ops.take(replaced(x.detach(), value, place), *arrays, index=index)


def _neutral(reduce: str, dtype: np.dtype[Any]) -> Any:
    number = _NEUTRAL[reduce]
    if dtype.kind == "f" or np.isfinite(number):
        return number
    low, high = (False, True) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    return low if number < 0 else high


def _divided(total: Data, count: Data) -> Data:
    """The mean; of whole numbers rounded downwards, as in PyTorch."""
    if total.dtype.kind == "f":
        return total / count
    towards_zero = (total / count).astype(total.dtype)
    return towards_zero - (towards_zero * count > total)


def _product(x: Data, v: Data, place: Index) -> Data:
    """`x` times all that `v` brings to its place, two and two, and so on: that has a derivative at 0, too."""
    cells = _cells(x.shape, place).ravel()
    order = np.argsort(cells, kind="stable")
    cells, factors = cells[order], index_ops.take(v.reshape(-1), index=order)
    while len(cells) > 1 and (cells[1:] == cells[:-1]).any():
        cells, factors = _two_and_two(cells, factors)
    flat = x.reshape(-1)
    products = index_ops.take(flat, index=cells) * factors
    return index_ops.put(flat, products, index=cells).reshape(x.shape)


def _two_and_two(cells: np.ndarray, factors: Data) -> tuple[np.ndarray, Data]:
    """Each first factor of its cell, each third, and so on, times the next if it belongs to the cell, too."""
    starts = np.searchsorted(cells, cells)
    first = np.flatnonzero((np.arange(len(cells)) - starts) % 2 == 0)
    paired = np.flatnonzero(np.append(cells[1:], -1)[first] == cells[first])
    left = index_ops.take(factors, index=first)
    products = index_ops.take(left, index=paired) * index_ops.take(factors, index=first[paired] + 1)
    return cells[first], index_ops.put(left, products, index=paired)


def _cells(sizes: tuple[int, ...], place: Index) -> np.ndarray:
    """The places, counted row by row through a tensor of these sizes."""
    arrays, index = place
    for x in arrays:
        announce(READ, x)
    counted = np.arange(int(np.prod(sizes))).reshape(sizes)
    return counted[index_ops.filled(index, tuple(x.raw for x in arrays))]
