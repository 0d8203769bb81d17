"""Cases of functions that make one tensor of several, or several of one."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import case, dim_of, floats, integers, refused, shapes


def several(draw, shape, dim=None):
    """Up to three tensors of one shape, which may differ in the size of `dim`, of any dtypes."""
    parts = []
    for _ in range(draw(st.integers(1, 3))):
        own = (
            shape
            if dim is None
            else tuple(draw(st.integers(0, 3)) if i == dim else n for i, n in enumerate(shape))
        )
        parts.append(draw(st.one_of(floats(shape=own), floats(shape=own), integers(shape=own))))
    return parts


@case("cat", "concat", "concatenate")
def _(draw):
    shape = draw(shapes(min_dims=1))
    dim = draw(dim_of(np.empty(shape)))
    return [several(draw, shape, dim % len(shape)), dim], {}


@case("stack")
def _(draw):
    shape = draw(shapes())
    return [several(draw, shape), draw(st.integers(-len(shape) - 1, len(shape)))], {}


@case("hstack", "vstack", "row_stack", "dstack", "column_stack")
def _(draw):
    return [several(draw, draw(shapes()))], {}


refused("cat", lambda t: t.cat([]), "cat needs a list with at least one Tensor")
refused(
    "cat",
    lambda t: t.cat([t.ones(2), 1.0]),
    r"cat needs Tensors and arrays, got .* write a number x as tensor\(x\)",
)
refused(
    "cat", lambda t: t.cat([t.ones(2, 2), t.ones(3, 3)]), r"cat cannot take shape \(2, 2\) and shape \(3, 3\)"
)
refused(
    "stack",
    lambda t: t.stack([t.ones(2), t.ones(3)]),
    r"stack needs tensors of one shape, got \(2,\), \(3,\)",
)


# Several of one.


def with_dim(draw, min_side=0):
    x = draw(st.one_of(floats(min_dims=1, min_side=min_side), integers(min_dims=1, min_side=min_side)))
    return x, draw(dim_of(x))


@case("unbind")
def _(draw):
    return list(with_dim(draw)), {}


@case("select")
def _(draw):
    x, dim = with_dim(draw, min_side=1)
    return [x, dim, draw(st.integers(-x.shape[dim], x.shape[dim] - 1))], {}


@case("narrow")
def _(draw):
    x, dim = with_dim(draw)
    start = draw(st.integers(0, x.shape[dim]))
    length = draw(st.integers(0, x.shape[dim] - start))
    return [x, dim, start - x.shape[dim] if draw(st.booleans()) else start, length], {}


@case("split")
def _(draw):
    x, dim = with_dim(draw)
    if draw(st.booleans()):
        return [x, sizes_of(draw, x.shape[dim]), dim], {}
    return [x, draw(st.integers(1, 5)), dim], {}


def sizes_of(draw, size):
    """Sizes that add up to `size`."""
    cuts = sorted(draw(st.lists(st.integers(0, size), max_size=3)))
    return [b - a for a, b in zip([0, *cuts], [*cuts, size])]


@case("split_with_sizes", "unsafe_split_with_sizes")
def _(draw):
    x, dim = with_dim(draw)
    return [x, sizes_of(draw, x.shape[dim]), dim], {}


@case("chunk", "unsafe_chunk", "unsafe_split")
def _(draw):
    x, dim = with_dim(draw)
    return [x, draw(st.integers(1, 5)), dim], {}


@case("tensor_split")
def _(draw):
    x, dim = with_dim(draw)
    return [x, draw(st.one_of(st.integers(1, 5), st.lists(st.integers(-4, 4), max_size=3))), dim], {}


refused("select", lambda t: t.select(t.ones(2), 0, 2), "select needs a place from -2 to 1, got 2")
refused(
    "select",
    lambda t: t.select(t.tensor(1.0), 0, 0),
    "select needs a tensor with dimensions, got a single number",
)
refused(
    "narrow", lambda t: t.narrow(t.ones(3), 0, 2, 2), r"narrow needs start \+ length up to 3, .* got 2 \+ 2"
)
refused(
    "narrow",
    lambda t: t.narrow(t.ones(3), 0, 1.5, 2),
    "narrow needs a place as a whole number, got float 1.5",
)
refused("split", lambda t: t.split(t.ones(3), 0), "split needs split_size of 1 or more, got 0")
refused("split", lambda t: t.split(t.ones(3), [1, 1]), r"split needs sizes that add up to 3, .* got \[1, 1\]")
refused("chunk", lambda t: t.chunk(t.ones(3), 0), "chunk needs chunks of 1 or more, got 0")


# Copies with a part replaced.


@case("select_scatter")
def _(draw):
    x = draw(floats(min_dims=1, min_side=1, dtype=np.float64))
    dim = draw(dim_of(x))
    place = draw(st.integers(-x.shape[dim], x.shape[dim] - 1))
    return [x, draw(floats(shape=np.take(x, 0, dim).shape, dtype=np.float64)), dim, place], {}


@case("slice_scatter")
def _(draw):
    x = draw(floats(min_dims=1, dtype=np.float64))
    dim = draw(dim_of(x))
    start, end, step = draw(
        st.tuples(st.integers(-4, 2), st.one_of(st.none(), st.integers(-2, 4)), st.integers(1, 3))
    )
    part = (slice(None),) * (dim % x.ndim) + (slice(start, end, step),)
    return [x, draw(floats(shape=x[part].shape, dtype=np.float64)), dim, start, end, step], {}


refused(
    "select_scatter",
    lambda t: t.select_scatter(t.ones(2, 3), t.ones(2), 0, 0),
    r"select_scatter needs src of shape \(3,\), got \(2,\)",
)
