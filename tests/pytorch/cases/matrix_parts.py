"""Cases of diagonals and triangles of matrices, and of pads and pictures."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.pytorch.case import Word, case, floats, integers, refused, shapes

offsets = st.integers(-4, 4)


def two_dims(draw, ndim):
    """Two different dimensions, counted from the front or from the back."""
    first, second = draw(st.permutations(range(ndim)))[:2]
    return first, second - ndim if draw(st.booleans()) else second


@case("diagonal")
def _(draw):
    x = draw(st.one_of(floats(min_dims=2), integers(min_dims=2)))
    return [x, draw(offsets), *two_dims(draw, x.ndim)] if draw(st.booleans()) else [x], {}


@case("linalg.diagonal")
def _(draw):
    x = draw(floats(min_dims=2))
    return [x], {"offset": draw(offsets)} if draw(st.booleans()) else {}


@case("diag_embed")
def _(draw):
    x = draw(floats(min_dims=1))
    return [x, draw(offsets), *two_dims(draw, x.ndim + 1)] if draw(st.booleans()) else [x], {}


@case("diag")
def _(draw):
    return [draw(floats(min_dims=1, max_dims=2)), draw(offsets)], {}


@case("diagflat")
def _(draw):
    return [draw(floats()), draw(offsets)], {}


@case("tril", "triu")
def _(draw):
    return [draw(st.one_of(floats(min_dims=2), integers(min_dims=2))), draw(offsets)], {}


@case("tril_indices", "triu_indices")
def _(draw):
    side = st.integers(0, 4)
    return [draw(side), draw(side), draw(offsets)], {"dtype": Word("int64")} if draw(st.booleans()) else {}


refused("diagonal", lambda t: t.diagonal(t.ones(2, 2), 0, 1, 1), "diagonal needs every dim once")
refused(
    "diag",
    lambda t: t.diag(t.ones(2, 2, 2)),
    "diag needs a vector or a matrix, .* use diagonal or diag_embed",
)
refused("diag_embed", lambda t: t.diag_embed(t.tensor(1.0)), "diag_embed needs a tensor with dimensions")
refused("tril", lambda t: t.tril(t.ones(2)), r"tril needs a matrix or a stack of them, got shape \(2,\)")
refused(
    "triu", lambda t: t.triu(t.ones(2, 2), 0.5), "triu needs the diagonal as a whole number, got float 0.5"
)
refused(
    "tril_indices", lambda t: t.tril_indices(-1, 2), r"tril_indices needs sizes of 0 or more, got \(-1, 2\)"
)


# Pads.


@case("constant_pad_nd")
def _(draw):
    x, pads = to_be_padded(draw)
    return [x, pads, draw(st.sampled_from([0, 1, -2.5]))], {}


def to_be_padded(draw):
    x = draw(st.one_of(floats(), integers()))
    pads = []
    for n in x.shape[::-1][: draw(st.integers(0, x.ndim))]:
        pads += [draw(st.integers(-(n // 2), 2)), draw(st.integers(-(n // 2), 2))]
    return x, pads


@case("nn.functional.pad")
def _(draw):
    mode = draw(st.sampled_from(["constant", "reflect", "replicate", "circular"]))
    if mode == "constant":
        x, pads = to_be_padded(draw)
        return [x, pads], {"value": draw(st.sampled_from([None, 0.5]))} if x.dtype.kind == "f" else {}
    padded = draw(st.integers(1, 3))
    x = draw(floats(min_dims=padded + 1, max_dims=padded + 2, min_side=2, max_side=3))
    return [x, draw(st.lists(st.integers(0, 1), min_size=2 * padded, max_size=2 * padded))], {"mode": mode}


refused("pad", lambda t: t.nn.functional.pad(t.ones(2), (1,)), r"pad needs pairs of counts, .* got \(1,\)")
refused("pad", lambda t: t.nn.functional.pad(t.ones(2), (-2, -1)), r"pad needs to leave sizes of 0 or more")
refused(
    "pad", lambda t: t.nn.functional.pad(t.ones(2), (1, 1), "mirror"), 'pad needs mode "constant", "reflect"'
)
refused(
    "pad",
    lambda t: t.nn.functional.pad(t.ones(2, 2), (1, 1), "reflect", 1),
    "pad needs no value in mode 'reflect'",
)
refused(
    "pad",
    lambda t: t.nn.functional.pad(t.ones(2), (1, 1), "reflect"),
    "pad in mode 'reflect' needs the last 1 to 3",
)
refused(
    "pad",
    lambda t: t.nn.functional.pad(t.ones(2, 2), (2, 0), "reflect"),
    "needs counts up to 1 for a size of 2",
)


# Pictures.


@case("pixel_shuffle", "nn.functional.pixel_shuffle")
def _(draw):
    r = draw(st.integers(1, 2))
    *stack, rows, columns = draw(shapes(min_dims=2, min_side=1, max_side=2))
    return [draw(floats(shape=(*stack, 2 * r * r, rows, columns))), r], {}


@case("pixel_unshuffle", "nn.functional.pixel_unshuffle")
def _(draw):
    r = draw(st.integers(1, 2))
    *stack, rows, columns = draw(shapes(min_dims=2, min_side=1, max_side=2))
    return [draw(floats(shape=(*stack, 2, rows * r, columns * r))), r], {}


@case("channel_shuffle", "nn.functional.channel_shuffle")
def _(draw):
    groups = draw(st.integers(1, 3))
    return [
        draw(floats(shape=(2, 2 * groups, *draw(shapes(min_dims=1, max_dims=2, min_side=1))))),
        groups,
    ], {}


refused(
    "pixel_shuffle",
    lambda t: t.pixel_shuffle(t.ones(3, 2, 2), 2),
    "pixel_shuffle needs a size that 4 divides in dim -3",
)
refused(
    "pixel_unshuffle",
    lambda t: t.pixel_unshuffle(t.ones(3, 2, 3), 2),
    "needs a size that 2 divides in dim -1",
)
refused(
    "channel_shuffle",
    lambda t: t.channel_shuffle(t.ones(1, 3, 2), 2),
    "channel_shuffle needs a size that 2 divides in dim 1",
)
