"""Numbers put into a copy of a tensor, or combined with those there: by an index along a dimension, places, a mask."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import READ, announce
from tinygrad_edu.engine.operation import NUMBERS, Data
from tinygrad_edu.ops import elementwise
from tinygrad_edu.ops import index as index_ops
from tinygrad_edu.ops.shape import expand
from tinygrad_edu.tensor.functions import places
from tinygrad_edu.tensor.functions.number_kinds import one_width
from tinygrad_edu.tensor.functions.picking import as_mask
from tinygrad_edu.tensor.functions.places import Place, added, is_tensor, replaced, taken, vector
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.indexing import clean_index, marked

# The number with which nothing changes, by the way to combine.
_NEUTRAL = {"sum": 0, "prod": 1, "mean": 0, "amax": -math.inf, "amin": math.inf}
_REDUCTIONS = {"add": "sum", "multiply": "prod"}  # of `scatter`


# At an index along a dimension, for each number or for each row.


@public(in_place=True)
def scatter(
    input: Data, dim: int, index: Data, src: Data = None, *, value: Data = None, reduce: str | None = None
) -> Data:
    """`x[index[i][j]][j] = src[i][j]` for dim 0, and so on; `src` may be one number. The last of several stays.

    `reduce`: "add" or "multiply", to combine instead of to replace.
    """
    if (src is None) == (value is None):
        raise TypeError("scatter needs src or value, one of the two")
    if reduce is not None and reduce not in _REDUCTIONS:
        raise ValueError(f"scatter needs reduce as 'add', 'multiply' or None, got {reduce!r}")
    combine = replaced if reduce is None else partial(_combined, reduce=_REDUCTIONS[reduce])
    return _scattered("scatter", input, dim, index, value if src is None else src, combine)


@public(in_place=True)
def scatter_add(input: Data, dim: int, index: Data, src: Data) -> Data:
    """`x[index[i][j]][j] += src[i][j]` for dim 0, and so on; an index given twice receives both."""
    return _scattered("scatter_add", input, dim, index, src, added)


@public(in_place=True)
def scatter_reduce(
    input: Data, dim: int, index: Data, src: Data, reduce: str, *, include_self: bool = True
) -> Data:
    """The sum, prod, mean, amax or amin of each number and of what `src` brings to its place, as `scatter` does.

    `include_self=False`: of what `src` brings alone, wherever it brings something.
    """
    if reduce not in _NEUTRAL:
        raise ValueError(f"scatter_reduce needs reduce as one of {', '.join(_NEUTRAL)}, got {reduce!r}")
    combine = partial(_combined, reduce=reduce, include_self=include_self)
    return _scattered("scatter_reduce", input, dim, index, src, combine)


def _scattered(call: str, input: Data, dim: int, index: Data, src: Data, combine: Any) -> Data:
    """A copy with the first numbers of `src`, or with one number, combined with those at the places of `index`."""
    if is_tensor(src):
        input, src = _of_one_dtype(call, "src", input, src)
    x, place = places.grid(call, input, dim, index)
    v = vector(src) if is_tensor(src) else _single(call, input, src)
    if 0 in np.shape(index):
        return input.clone()
    if is_tensor(v):
        sizes = place[dim].shape
        places.check_sizes(call, sizes, v.shape)
        v = v[tuple([slice(n) for n in sizes])]
    return combine(x, v, place).reshape(input.shape)


@public(in_place=True)
def index_copy(input: Data, dim: int, index: Data, source: Data) -> Data:
    """`x[index] = source` for dim 0, `x[:, index] = source` for dim 1, and so on."""
    return _by_rows("index_copy", input, dim, index, source, replaced)


@public(in_place=True)
def index_add(input: Data, dim: int, index: Data, source: Data, *, alpha: float = 1) -> Data:
    """`x[index] += alpha * source` for dim 0, and so on; an index given twice receives both."""
    if input.dtype.kind != "f" and isinstance(alpha, float):
        raise TypeError(f"index_add needs a whole alpha for {input.dtype}, got {alpha}")
    factor = np.asarray(alpha).astype(input.dtype).item()  # for -1 among uint8 255: sums come out the same
    return _by_rows("index_add", input, dim, index, source, lambda x, v, place: added(x, v * factor, place))


@public(in_place=True)
def index_fill(input: Data, dim: int, index: Data, value: Data) -> Data:
    """One number in all rows (or columns, ...) `index` along `dim`."""
    x, place = places.rows("index_fill", input, dim, index, negative=True)
    v = _single("index_fill", input, value)
    return replaced(x, _spread(v, x, place) if is_tensor(v) else v, place).reshape(input.shape)


def _by_rows(call: str, input: Data, dim: int, index: Data, source: Data, combine: Any) -> Data:
    """A copy with the rows of `source` combined with those at `index` along `dim`."""
    input, source = _of_one_dtype(call, "source", input, source)
    x, place = places.rows(call, input, dim, index)
    v, wanted = vector(source), taken(x.detach(), place).shape
    if source.ndim != input.ndim or v.shape != wanted:
        raise ValueError(f"{call} needs a source of shape {wanted}, got {source.shape}")
    return combine(x, v, place).reshape(input.shape)


# At places of all dimensions.


@public(in_place=True)
def index_put(input: Data, indices: Data, values: Data, accumulate: bool = False) -> Data:
    """`x[indices] = values`; with `accumulate` `x[indices] += values`, where a place named twice receives both."""
    if not isinstance(indices, tuple | list) or not all(hasattr(part, "shape") for part in indices):
        raise TypeError(
            "index_put needs a tuple of index tensors, as in x.index_put((rows, columns), values)"
        )
    place = [clean_index(part) for part in indices]
    input, values = _of_one_dtype("index_put", "values", input, values)
    v = _spread(values, input, place)
    return (added if accumulate else replaced)(input, v, place)


@public(in_place=True)
def put(input: Data, index: Data, source: Data, accumulate: bool = False) -> Data:
    """`source` at places counted row by row through the whole tensor; added there with `accumulate`."""
    picks = places.whole("put", index)
    input, v = _of_one_dtype("put", "source", input, source)
    if math.prod(picks.shape) != math.prod(v.shape):
        raise ValueError(
            f"put needs a number for each index, got a source of {v.shape} for an index of {picks.shape}"
        )
    combine = added if accumulate else replaced
    return combine(input.reshape(-1), v.reshape(picks.shape), [picks]).reshape(input.shape)


@public(in_place=True)
def masked_fill(input: Data, mask: Data, value: Data) -> Data:
    """One number wherever the mask holds, which broadcasts with the tensor."""
    return elementwise.where(as_mask("masked_fill", mask), _single("masked_fill", input, value), input)


# What is put there.


def _of_one_dtype(call: str, name: str, input: Data, src: Data) -> tuple[Data, ...]:
    """Both in one dtype, where `src` is a Tensor of that of `input`, or both are floats."""
    if not is_tensor(src) or (src.dtype != input.dtype and {src.dtype.kind, input.dtype.kind} != {"f"}):
        given = src.dtype if is_tensor(src) else type(src).__name__
        raise TypeError(
            f"{call} needs {name} as a Tensor of {input.dtype}, as its tensor is, got {given}; use tensor(...).to(x)"
        )
    return one_width(input, src)


def _single(call: str, input: Data, value: Data) -> Data:
    """One number, plain or a tensor without dimensions, as the dtype of `input`: 2.5 is 2 among whole numbers."""
    if np.shape(value) != ():
        raise ValueError(f"{call} needs a single number as value, got shape {np.shape(value)}")
    if is_tensor(value) and np.can_cast(value.dtype, input.dtype, "same_kind"):
        return value.to(input.dtype)
    kind: Any = {"f": float, "b": bool}.get(input.dtype.kind, int)
    try:
        if value.__class__ in NUMBERS:
            return np.array(kind(value), input.dtype).item()
    except (OverflowError, ValueError):  # infinity and nan are no whole numbers
        pass
    given = value.dtype if is_tensor(value) else value
    raise TypeError(f"{call} needs a value that fits {input.dtype}, got {given}; use x.double() first")


def _spread(v: Data, x: Data, place: Place) -> Data:
    """`v` broadcast to the shape of a place in `x`."""
    return expand(v, shape=taken(x.detach(), place).shape)


# Ways to combine.


def _combined(x: Data, v: Data, place: Place, reduce: str, include_self: bool = True) -> Data:
    """`x` and what `v` brings to a place as one number; v may be one number for all."""
    neutral = _NEUTRAL[reduce]
    if x.dtype.kind != "f":
        low, high = (0, 1) if x.dtype.kind == "b" else (np.iinfo(x.dtype).min, np.iinfo(x.dtype).max)
        neutral = min(max(neutral, low), high)
    v = v if is_tensor(v) else taken(replaced(x.detach(), v, place), place)
    start = x if include_self else replaced(x, neutral, place)
    if reduce == "sum":
        return added(start, v, place)
    if reduce == "mean":
        total, count = added(start, v, place), _combined(x.detach() ** 0, 1, place, "sum", include_self)
        return total / count if x.dtype.kind == "f" else total // count
    arrays, index = marked(place)
    if reduce == "prod":
        return _product(start, v, arrays, index)
    return index_ops.extreme_at(start, v, *arrays, index=index, least=reduce == "amin")


def _product(x: Data, v: Data, arrays: Any, index: Any) -> Data:
    """`x` times all that `v` brings to a place, as a column of a table: nothing is divided, so 0 has a derivative.

    There is a table for 1 number, for 2, for up to 4, ...: one for all would be large and nearly empty.
    """
    for array in arrays:
        announce(READ, array)
    counted = np.arange(math.prod(x.shape)).reshape(x.shape)
    cells = counted[index_ops.filled(index, tuple(array.raw for array in arrays))].ravel()
    order = np.argsort(cells, kind="stable")
    row = np.empty_like(order)
    row[order] = np.arange(len(cells)) - np.searchsorted(cells[order], cells[order])
    sizes = np.ceil(np.log2(np.bincount(cells)[cells]))
    y, v = x.reshape(-1), v.reshape(-1)
    for size in np.unique(sizes):
        part = np.flatnonzero(sizes == size)
        columns, column = np.unique(cells[part], return_inverse=True)
        ones = np.ones((row[part].max() + 1, len(columns)), x.dtype)
        table = index_ops.put(ones, v[part], index=(row[part], column))
        y = index_ops.put(y, y[columns] * table.prod(0, dtype=x.dtype), index=columns)
    return y.reshape(x.shape)
