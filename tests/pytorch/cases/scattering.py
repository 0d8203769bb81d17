"""Cases of what puts numbers into a copy of a tensor, or combines them with those there."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import booleans, broadcast, case, dim_of, floats, integers, refused
from tests.pytorch.cases.indexing import smaller_index


@st.composite
def scattered(draw, x, distinct=False):
    """`(dim, index)` for an array; `distinct`: no two of the index are one place."""
    dim = draw(dim_of(x))
    index = draw(smaller_index(x, dim))
    if distinct and index.ndim:
        size = x.shape[dim]
        sizes = list(index.shape)
        sizes[dim] = min(sizes[dim], size)
        rng = np.random.default_rng(draw(st.integers(0, 99)))
        order = np.argsort(
            rng.random([size if i == dim % x.ndim else n for i, n in enumerate(sizes)]), axis=dim
        )
        index = np.take(order, range(sizes[dim]), axis=dim)
    return dim, index


@st.composite
def source_of(draw, x, index, distinct=False):
    """An array of the sizes of `index` (PyTorch has no derivative for larger ones).

    `distinct`: it has no number that is also in `x`.
    """
    numbers = draw(floats(shape=index.shape, dtype=x.dtype, distinct=distinct))
    return _moved(numbers) if distinct else numbers


def _moved(numbers):
    """Other numbers than those that are drawn in another array."""
    return np.asarray(numbers + numbers.dtype.type(0.001))


@case("scatter")
def _(draw):
    x = draw(floats(min_side=1))
    dim, index = draw(scattered(x, distinct=True))
    src = draw(st.sampled_from([draw(source_of(x, index)), 2.5, 3]))
    return [x, dim, index, src], {}


@case("scatter_add")
def _(draw):
    x = draw(floats(min_side=1))
    dim, index = draw(scattered(x))
    return [x, dim, index, draw(source_of(x, index))], {}


@case("scatter_reduce", smooth=False)
def _(draw):
    reduce = draw(st.sampled_from(["sum", "prod", "mean", "amax", "amin"]))
    x = draw(floats(min_side=1, distinct=True))
    dim, index = draw(scattered(x))
    v = draw(source_of(x, index, distinct=True))
    return [x, dim, index, v, reduce], {"include_self": draw(st.booleans())}


@st.composite
def row_arguments(draw, x, repeated=True):
    """`(dim, index, source)` for the functions of rows."""
    dim = draw(dim_of(x))
    size = x.shape[dim] if x.ndim else 1
    count = draw(st.integers(0, 3 if repeated else size)) if x.ndim else 1
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    index = rng.integers(0, size, count) if repeated else rng.permutation(size)[:count]
    sizes = list(x.shape)
    if x.ndim:
        sizes[dim] = count
    return dim, index, _moved(draw(floats(shape=tuple(sizes), dtype=x.dtype, distinct=True)))


@case("index_copy")
def _(draw):
    x = draw(floats(min_side=1))
    return [x, *draw(row_arguments(x, repeated=False))], {}


@case("index_add")
def _(draw):
    x = draw(floats(min_side=1))
    return [x, *draw(row_arguments(x))], draw(st.sampled_from([{}, {"alpha": -0.5}]))


@case("index_fill")
def _(draw):
    x = draw(floats(min_side=1))
    dim = draw(dim_of(x))
    size = x.shape[dim] if x.ndim else 1
    if draw(st.booleans()):
        index = draw(integers(shape=draw(st.sampled_from([(), (2,), (0,)])), low=-size, high=size - 1))
        return [x, dim, index, draw(st.sampled_from([2.5, 3]))], {}
    index = np.arange(draw(st.integers(1, size)))  # PyTorch counts the slope of a place named twice, twice
    return [x, dim, index, np.array(1.5, x.dtype)], {}


@case("index_put")
def _(draw):
    x = draw(floats(min_dims=1, min_side=1))
    mask = draw(booleans(shape=x.shape[: draw(st.integers(1, x.ndim))]))
    rows = draw(integers(shape=(3,), low=-x.shape[0], high=x.shape[0] - 1))
    accumulate = draw(st.booleans())
    indices = draw(st.sampled_from([(mask,), (rows,) if accumulate else (rows[:1],)]))
    sizes = x[indices].shape
    values = draw(floats(shape=draw(st.sampled_from([sizes, ()])), dtype=x.dtype))
    return [x, indices, values], {"accumulate": accumulate}


@case("put")
def _(draw):
    x = draw(floats(min_side=1))
    accumulate = draw(st.booleans())
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    count = draw(st.integers(0, x.size))
    index = rng.integers(-x.size, x.size, count) if accumulate else rng.permutation(x.size)[:count]
    return [x, index, draw(floats(shape=(count,), dtype=x.dtype))], {"accumulate": accumulate}


@case("masked_fill")
def _(draw):
    x = draw(floats())
    mask = draw(booleans(shape=draw(broadcast(x.shape))))
    return [x, mask, draw(st.sampled_from([2.5, 3, np.array(1.5, x.dtype)]))], {}


def _x(torch):
    return torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


refused("scatter", lambda t: _x(t).scatter(1, t.tensor([[0]])), "scatter needs src or value, one of the two")
refused(
    "scatter",
    lambda t: _x(t).scatter(1, t.tensor([[0]]), 1.0, reduce="mean"),
    "scatter needs reduce as 'add', 'multiply' or None, got 'mean'",
)
refused(
    "scatter",
    lambda t: _x(t).scatter(1, t.tensor([[0]]), t.tensor([[1]])),
    "scatter needs src as a Tensor of float64, as its tensor is, got int64",
)
refused(
    "scatter",
    lambda t: _x(t).scatter(1, t.tensor([[0, 1]]), t.tensor([[1.0]])),
    r"scatter needs index of at most shape \(1, 1\), got \(1, 2\)",
)
refused(
    "scatter",
    lambda t: _x(t).long().scatter(1, t.tensor([[0]]), 1e30),
    "scatter needs a value that fits int64, got 1e",
)
refused(
    "scatter_add",
    lambda t: _x(t).scatter_add(1, t.tensor([[3]]), t.tensor([[1.0]])),
    "scatter_add needs indices from 0 to 2 in dim 1 of size 3, got 3",
)
refused(
    "scatter_reduce",
    lambda t: _x(t).scatter_reduce(1, t.tensor([[0]]), t.tensor([[1.0]]), "median"),
    "scatter_reduce needs reduce as one of sum, prod, mean, amax, amin, got 'median'",
)
refused(
    "index_add",
    lambda t: _x(t).index_add(0, t.tensor([[0]]), _x(t)[:1]),
    "index_add needs a vector of indices, got shape",
)
refused(
    "index_add",
    lambda t: _x(t).index_add(0, t.tensor([0]), _x(t)),
    r"index_add needs a source of shape \(1, 3\), got \(2, 3\)",
)
refused(
    "index_add",
    lambda t: _x(t).index_add(0, t.tensor([0]), 1.0),
    "index_add needs source as a Tensor of float64, as its tensor is, got float",
)
refused(
    "index_add",
    lambda t: _x(t).long().index_add(0, t.tensor([0]), _x(t)[:1].long(), alpha=0.5),
    "index_add needs a whole alpha for int64, got 0.5",
)
refused(
    "index_fill",
    lambda t: _x(t).index_fill(0, t.tensor([[0]]), 1.0),
    "index_fill needs a vector of indices, got shape",
)
refused(
    "index_fill",
    lambda t: _x(t).index_fill(0, t.tensor([0]), t.tensor([1.0])),
    r"index_fill needs a single number as value, got shape \(1,\)",
)
refused(
    "index_fill",
    lambda t: _x(t).long().index_fill(0, t.tensor([0]), t.tensor(1.5)),
    "index_fill needs a value that fits int64, got float64",
)
refused(
    "index_put",
    lambda t: _x(t).index_put(t.tensor([0]), t.tensor(1.0)),
    "index_put needs a tuple of index tensors",
)
refused(
    "index_put",
    lambda t: _x(t).index_put((t.tensor([0]),), t.tensor([1.0, 2.0])),
    r"expand cannot take shape \(2,\), shape=\(1, 3\)",
)
refused(
    "put",
    lambda t: _x(t).put(t.tensor([0]), t.tensor([1.0, 2.0])),
    "put needs a number for each index, got a source of",
)
refused(
    "masked_fill",
    lambda t: _x(t).masked_fill(_x(t), 1.0),
    "masked_fill needs a mask of booleans, got float64; write x != 0",
)
refused(
    "masked_fill",
    lambda t: _x(t).masked_fill(_x(t) > 0, 1j),
    "masked_fill needs a value that fits float64, got 1j",
)
