"""Cases of what picks numbers out of a tensor: by indices along a dimension, by places, by masks."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import booleans, broadcast, case, dim_of, floats, integers, refused


@st.composite
def smaller_index(draw, x, dim, negative=False):
    """Indices along `dim` of an array, at most as many as there are numbers in the other dimensions."""
    sizes = [draw(st.integers(0, n)) for n in x.shape]
    size = x.shape[dim] if x.ndim else 1
    if x.ndim:
        sizes[dim] = draw(st.integers(0, 3)) if size else 0
    return draw(integers(shape=tuple(sizes), low=-size if negative else 0, high=size - 1))


@case("gather")
def _(draw):
    x = draw(floats(min_side=0))
    dim = draw(dim_of(x))
    return [x, dim, draw(smaller_index(x, dim))], {}


@case("take_along_dim")
def _(draw):
    x = draw(floats(min_dims=1, min_side=1))
    dim = draw(dim_of(x))
    if draw(st.booleans()):
        picks = draw(integers(low=0, high=x.size - 1))
        return [np.array(x, order="C"), np.array(picks, order="C")], {}  # PyTorch views both
    sizes = [draw(st.sampled_from([n, 1])) for n in x.shape]
    sizes[dim] = draw(st.integers(0, 3))
    return [x, draw(integers(shape=tuple(sizes), low=-x.shape[dim], high=x.shape[dim] - 1)), dim], {}


@case("index_select")
def _(draw):
    x = draw(floats(min_side=1))
    dim = draw(dim_of(x))
    shape = draw(st.sampled_from([(), (1,), (0,), (4,)])) if x.ndim else (1,)
    size = x.shape[dim] if x.ndim else 1
    dtype = draw(st.sampled_from([np.int64, np.int32]))
    return [x, dim, draw(integers(shape=shape, low=0, high=size - 1, dtype=dtype))], {}


@case("take")
def _(draw):
    x = draw(floats(min_side=1))
    return [x, draw(integers(low=-x.size, high=x.size - 1))], {}


@case("masked_select")
def _(draw):
    x = draw(floats())
    return [x, draw(booleans(shape=draw(broadcast(x.shape))))], {}


@case("nonzero", derivatives=0)
def _(draw):
    return [draw(integers(low=0, high=1))], {"as_tuple": draw(st.booleans())}


@case("argwhere", derivatives=0)
def _(draw):
    return [draw(booleans())], {}


@case("where", smooth=False)
def _(draw):
    condition = draw(booleans())
    other = draw(floats(shape=draw(broadcast(condition.shape))))
    arguments = [[], [draw(floats(shape=condition.shape)), other], [2.5, other], [1, 2], [other, 3]]
    return [condition, *draw(st.sampled_from(arguments))], {}


@case(".where")
def _(draw):
    x = draw(floats())
    return [x, draw(booleans(shape=x.shape)), draw(st.sampled_from([1.5, -x]))], {}


@case("nn.functional.embedding", smooth=False)
def _(draw):
    weight = draw(floats(shape=(4, draw(st.integers(0, 3))), distinct=True))
    options = {
        "padding_idx": draw(st.sampled_from([None, 0, -1])),
        "scale_grad_by_freq": draw(st.booleans()),
    }
    return [draw(integers(low=0, high=3)), weight], options


@case("nn.functional.embedding_bag", derivatives=1, smooth=False)
def _(draw):
    weight = draw(floats(shape=(4, 3), distinct=True))
    mode = draw(st.sampled_from(["sum", "mean", "max"]))
    options = {"mode": mode, "padding_idx": draw(st.sampled_from([None, 0, -1]))}
    if draw(st.booleans()):
        picks = draw(integers(min_dims=2, max_dims=2, min_side=1, low=0, high=3))
    else:
        picks = draw(integers(shape=(6,), low=0, high=3))
        offsets = draw(st.sampled_from([[0, 6], [0, 2, 2, 6], [0, 0, 1, 6]]))
        options["include_last_offset"] = draw(st.booleans())
        options["offsets"] = np.array(offsets if options["include_last_offset"] else offsets[:-1])
    if mode == "sum" and draw(st.booleans()):
        options["per_sample_weights"] = draw(floats(shape=picks.shape, dtype=weight.dtype))
    return [picks, weight], options


@case("nn.functional.one_hot", derivatives=0)
def _(draw):
    return [draw(integers(low=0, high=2, min_side=1))], {"num_classes": draw(st.sampled_from([-1, 3, 5]))}


def _x(torch):
    return torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


refused(
    "gather",
    lambda t: _x(t).gather(1, t.tensor([0])),
    r"gather needs index of 2 dimensions, got shape \(1,\) for \(2, 3\)",
)
refused(
    "gather",
    lambda t: _x(t).gather(0, t.tensor([[0] * 4])),
    r"gather needs index of at most shape \(2, 3\) but for dim 0, got \(1, 4\)",
)
refused(
    "gather",
    lambda t: _x(t).gather(1, t.tensor([[-1]])),
    "gather needs indices from 0 to 2 in dim 1 of size 3, got -1",
)
refused(
    "gather",
    lambda t: _x(t)[:, :0].gather(1, t.tensor([[0]])),
    "gather needs no index in dim 1 of size 0, got 0",
)
refused("gather", lambda t: _x(t).gather(1, t.tensor([[0.0]])), "gather needs an index of whole numbers")
refused(
    "take_along_dim",
    lambda t: _x(t).take_along_dim(t.tensor([0]), 1),
    "take_along_dim needs indices of 2 dimensions, .* got shape",
)
refused(
    "index_select",
    lambda t: _x(t).index_select(0, t.tensor([[0]])),
    "index_select needs a vector of indices, got shape",
)
refused(
    "index_select",
    lambda t: t.tensor(1.0).index_select(0, t.tensor([0, 0])),
    "index_select needs one index for a single number, got shape",
)
refused(
    "index_select",
    lambda t: _x(t).index_select(0, t.tensor([-1])),
    "index_select needs indices from 0 to 1 in dim 0 of size 2, got -1",
)
refused("take", lambda t: _x(t).take(t.tensor([6])), "take cannot take .*; there is no 6 in dim 0 of size 6")
refused(
    "masked_select",
    lambda t: _x(t).masked_select(t.tensor([1, 0, 1])),
    "masked_select needs a mask of booleans, got int64",
)
refused(
    "where",
    lambda t: t.where(_x(t), 1.0, 2.0),
    "where needs a condition of booleans, got float64; write x != 0",
)
refused("where", lambda t: t.where(_x(t) > 0, 1.0), "where needs both")
refused(
    "embedding",
    lambda t: t.nn.functional.embedding(t.tensor([2]), _x(t)),
    "embedding needs indices from 0 to 1",
)
refused(
    "embedding",
    lambda t: t.nn.functional.embedding(t.tensor([0]), _x(t), 2),
    "embedding needs padding_idx from -2 to 1, got 2",
)
refused(
    "embedding",
    lambda t: t.nn.functional.embedding(t.tensor([0]), _x(t)[0]),
    r"embedding needs weight as a matrix, got shape \(3,\)",
)
refused(
    "embedding_bag",
    lambda t: t.nn.functional.embedding_bag(t.tensor([0]), _x(t), t.tensor([0]), mode="min"),
    "embedding_bag needs mode 'sum', 'mean' or 'max', got 'min'",
)
refused(
    "embedding_bag",
    lambda t: t.nn.functional.embedding_bag(t.tensor([0]), _x(t), t.tensor([0]), per_sample_weights=_x(t)),
    "embedding_bag needs per_sample_weights of the shape",
)
refused(
    "embedding_bag",
    lambda t: t.nn.functional.embedding_bag(t.tensor([0]), _x(t)),
    "embedding_bag needs a matrix, or a vector and offsets",
)
refused(
    "embedding_bag",
    lambda t: t.nn.functional.embedding_bag(t.tensor([0]), _x(t), t.tensor([1])),
    "embedding_bag needs offsets that rise from 0 to at most 1",
)
