"""Numbers put into a copy of a tensor: at an index along a dimension, at places counted through, and under a mask."""

from __future__ import annotations

import math

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import elementwise, shape
from tinygrad_edu.tensor.arguments import one_dim
from tinygrad_edu.tensor.functions.accumulating import combined, scattered_parts, source_rows
from tinygrad_edu.tensor.functions.picking import as_mask
from tinygrad_edu.tensor.functions.places import (
    added,
    of_same_dtype,
    replaced,
    rows,
    single,
    spread,
    vector,
    whole,
)
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.indexing import marked, numpy_indices

_REDUCTIONS = {"add": "sum", "multiply": "prod"}


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
    given = value if src is None else src
    x, place, v = scattered_parts("scatter", input, dim, index, given)
    if place is None:
        return input.clone()
    result = replaced(x, v, place) if reduce is None else combined(x, v, place, _REDUCTIONS[reduce])
    return result.reshape(input.shape)


@public(in_place=True)
def index_copy(input: Data, dim: int, index: Data, source: Data) -> Data:
    """`x[index] = source` for dim 0, `x[:, index] = source` for dim 1, and so on."""
    x, place, v = source_rows("index_copy", input, dim, index, source)
    return replaced(x, v, place).reshape(input.shape)


@public(in_place=True)
def index_fill(input: Data, dim: int, index: Data, value: Data) -> Data:
    """One number in all rows (or columns, ...) `index` along `dim`."""
    dim = one_dim("index_fill", dim, input.ndim)
    picks, x = vector(whole("index_fill", index)), vector(input)
    if picks.ndim > 1:
        raise ValueError(f"index_fill needs a vector of indices, got shape {picks.shape}")
    place = rows("index_fill", x, dim, picks, negative=True)
    v = single("index_fill", input, value)
    v = spread("index_fill", x, v, place) if np.ndim(v) or hasattr(v, "shape") else v
    return replaced(x, v, place).reshape(input.shape)


@public(in_place=True)
def index_put(input: Data, indices: Data, values: Data, accumulate: bool = False) -> Data:
    """`x[indices] = values`; with `accumulate` `x[indices] += values`, where a place named twice receives both."""
    if not isinstance(indices, tuple | list) or not all(hasattr(part, "shape") for part in indices):
        raise TypeError(
            "index_put needs a tuple of index tensors, as in x.index_put((rows, columns), values)"
        )
    values = of_same_dtype("index_put", "values", input, values)
    place = numpy_indices(tuple(indices), input.ndim)[-1]
    v = spread("index_put", input, values, place)
    return added(input, v, place) if accumulate else replaced(input, v, place)


@public(in_place=True)
def put(input: Data, index: Data, source: Data, accumulate: bool = False) -> Data:
    """`source` at places counted row by row through the whole tensor; added there with `accumulate`."""
    picks, v = whole("put", index), of_same_dtype("put", "source", input, source)
    if math.prod(picks.shape) != math.prod(v.shape):
        raise ValueError(
            f"put needs a number for each index, got a source of {v.shape} for an index of {picks.shape}"
        )
    flat, v = input.reshape(-1), v.reshape(picks.shape)
    place = rows("put", flat, 0, picks, negative=True)
    return (added if accumulate else replaced)(flat, v, place).reshape(input.shape)


# Under a mask.


@public(in_place=True)
def masked_fill(input: Data, mask: Data, value: Data) -> Data:
    """One number wherever the mask holds, which broadcasts with the tensor."""
    return elementwise.where(as_mask("masked_fill", mask), single("masked_fill", input, value), input)


@public(in_place=True)
def masked_scatter(input: Data, mask: Data, source: Data) -> Data:
    """The first numbers of `source`, one after the other, wherever the mask holds."""
    mask = as_mask("masked_scatter", mask)
    v = of_same_dtype("masked_scatter", "source", input, source).reshape(-1)
    sizes = np.broadcast_shapes(input.shape, mask.shape)
    mask = shape.expand(mask, shape=sizes)
    count = int(mask.sum())
    if count > v.shape[0]:
        raise ValueError(
            f"masked_scatter needs a number for each True of its mask, got {v.shape[0]} for {count}"
        )
    return replaced(shape.expand(input, shape=sizes), v[:count], marked([mask]))
