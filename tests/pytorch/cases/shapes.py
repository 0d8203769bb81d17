"""Cases of functions that put the same numbers into another shape or order, and of views and their copies."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from tests.pytorch.case import broadcast, case, dim_of, dims_of, floats, integers, refused, shapes


def any_numbers(draw, **of_shape):
    """Floats, or now and then whole numbers."""
    whole = draw(st.sampled_from([False, False, True]))
    return draw(integers(**of_shape) if whole else floats(**of_shape))


def spread(draw, sizes):
    """Several sizes one by one, or as one tuple, as methods take them."""
    return list(sizes) if sizes and draw(st.booleans()) else [tuple(sizes)]


# The same numbers in another shape.


def other_shape(draw, x):
    """A shape for as many numbers, in which one size may be -1."""
    sizes = (
        draw(st.permutations(x.shape)) if draw(st.booleans()) else [*x.shape[:-2], int(np.prod(x.shape[-2:]))]
    )
    if x.size and sizes and draw(st.booleans()):
        sizes[draw(st.integers(0, len(sizes) - 1))] = -1
    return tuple(sizes)


@case("reshape")
def _(draw):
    x = any_numbers(draw)
    return [x, other_shape(draw, x)], {}


@case("Tensor.view")
def _(draw):
    x = np.ascontiguousarray(any_numbers(draw, min_dims=1))
    return [x, other_shape(draw, x)], {}


@case("Tensor.view_as", "Tensor.reshape_as")
def _(draw):
    x = np.ascontiguousarray(draw(floats(min_dims=1)))
    return [x, draw(floats(shape=tuple(draw(st.permutations(x.shape)))))], {}


@case("flatten")
def _(draw):
    x = any_numbers(draw)
    start, end = sorted((draw(dim_of(x)) % max(x.ndim, 1), draw(dim_of(x)) % max(x.ndim, 1)))
    return [x, start - draw(st.sampled_from([0, max(x.ndim, 1)])), end], {}


@case(
    "ravel",
    "Tensor.contiguous",
    "clone",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
)
def _(draw):
    return [any_numbers(draw)], {}


@case("Tensor.is_contiguous", derivatives=0)
def _(draw):
    return [any_numbers(draw)], {}


@case("Tensor.stride", derivatives=0)
def _(draw):
    x = draw(floats(min_side=2, max_dims=3, min_dims=1))
    return [x] if draw(st.booleans()) else [x, draw(dim_of(x))], {}


@case("unflatten")
def _(draw):
    x = draw(floats(min_dims=1, min_side=1))
    dim = draw(dim_of(x))
    size = x.shape[dim]
    parts = draw(
        st.sampled_from([(size,), (1, size), (-1, size), (2, -1) if size % 2 == 0 else (size, 1, -1)])
    )
    return [x, dim, parts], {}


@case("squeeze")
def _(draw):
    x = draw(floats(max_side=2))
    dim = draw(st.sampled_from(["none", "one", "several"]))
    return [
        x,
        *(
            []
            if dim == "none"
            else [draw(dim_of(x))]
            if dim == "one"
            else [draw(dims_of(x)) if x.ndim else ()]
        ),
    ], {}


@case("unsqueeze")
def _(draw):
    x = any_numbers(draw)
    return [x, draw(st.integers(-x.ndim - 1, x.ndim))], {}


refused(
    "reshape",
    lambda t: t.ones(2, 3).reshape(-2, 3),
    r"reshape needs sizes of 0 or more, and -1 for one .* got \(-2, 3\)",
)
refused(
    "view",
    lambda t: t.ones(2, 3).T.view(6),
    r"view needs numbers that lie in memory in the order .* use reshape",
)
refused(
    "flatten", lambda t: t.flatten(t.ones(2, 3), 1, 0), "flatten needs start_dim before end_dim, got 1 and 0"
)
refused(
    "unflatten",
    lambda t: t.ones(6).unflatten(0, (4, 2)),
    r"unflatten needs sizes whose product is 6, .* got \(4, 2\)",
)
refused("unflatten", lambda t: t.ones(6).unflatten(0, (4, -1)), r"unflatten needs sizes whose product is 6")
refused(
    "unflatten",
    lambda t: t.ones(6).unflatten(0, ()),
    r"unflatten needs sizes whose product is 6, .* got \(\)",
)


# Dimensions in another order.


@case("permute")
def _(draw):
    x = any_numbers(draw)
    dims = draw(st.permutations(range(x.ndim)))
    return [x, tuple(d - x.ndim if draw(st.booleans()) else d for d in dims)], {}


@case("transpose", "swapdims", "swapaxes")
def _(draw):
    x = any_numbers(draw)
    return [x, draw(dim_of(x)), draw(dim_of(x))], {}


@case("t")
def _(draw):
    return [any_numbers(draw, max_dims=2)], {}


@case("adjoint")
def _(draw):
    return [any_numbers(draw, min_dims=2)], {}


@case("movedim", "moveaxis")
def _(draw):
    x = any_numbers(draw, min_dims=1)
    source = draw(dims_of(x))
    places = draw(st.permutations(range(x.ndim)))[: len(source)]
    return [x, source[0], places[0]] if len(source) == 1 else [x, source, tuple(places)], {}


refused("permute", lambda t: t.permute(t.ones(2, 3), (0,)), r"permute needs all 2 dimensions, got \(0,\)")
refused("t", lambda t: t.t(t.ones(2, 3, 4)), "t needs a matrix or a vector")
refused("adjoint", lambda t: t.adjoint(t.ones(2)), "mT needs a matrix or a stack of them")
refused("H", lambda t: t.ones(2, 2, 2).H, "H needs a matrix, got shape .* use mH")
refused(
    "movedim",
    lambda t: t.movedim(t.ones(2, 3), (0, 1), (0,)),
    "movedim needs as many sources as destinations",
)


# Numbers in another order.


@case("flip")
def _(draw):
    x = any_numbers(draw)
    return [x, draw(dims_of(x, min_size=0)) if x.ndim else ()], {}


@case("fliplr")
def _(draw):
    return [any_numbers(draw, min_dims=2)], {}


@case("flipud")
def _(draw):
    return [any_numbers(draw, min_dims=1)], {}


@case("roll")
def _(draw):
    x = any_numbers(draw, min_dims=1)
    dims = draw(dims_of(x))
    if draw(st.booleans()):
        return [x, draw(st.integers(-5, 5))], {}
    return [x, tuple(draw(st.integers(-5, 5)) for _ in dims), dims], {}


@case("rot90")
def _(draw):
    x = any_numbers(draw, min_dims=2)
    dims = draw(st.permutations(range(x.ndim)))[:2]
    return [x, draw(st.integers(-5, 5)), list(dims)], {}


refused("fliplr", lambda t: t.fliplr(t.ones(2)), "fliplr needs dim between -1 and 0, got 1")
refused("flipud", lambda t: t.flipud(t.tensor(2.0)), "flipud needs a tensor with dimensions")
refused("roll", lambda t: t.roll(t.ones(2, 3), (1, 2), (0,)), "roll needs one shift for each of dims")
refused("rot90", lambda t: t.rot90(t.ones(2, 3), 1, (0,)), "rot90 needs two dims of a tensor that has them")
refused("rot90", lambda t: t.rot90(t.ones(2, 3), 1, (1, 1)), "rot90 needs every dim once")


# Numbers that stand in several places.


def wider(draw, x, kept=-1):
    """A shape to which `x` broadcasts, with 1 made larger and sizes in front, and perhaps `kept` for what stays."""
    sizes = [
        draw(st.sampled_from([2, 0, 3] if n == 1 else [n, n if kept is None else kept])) for n in x.shape
    ]
    return (*draw(shapes(max_dims=2)), *sizes)


@case("Tensor.expand", "broadcast_to")
def _(draw):
    x = any_numbers(draw, max_side=2)
    return [x, wider(draw, x)], {}


@case("Tensor.expand_as")
def _(draw):
    x = draw(floats(max_side=2))
    return [x, draw(floats(shape=np.broadcast_to(x, wider(draw, x, kept=None)).shape))], {}


@case("broadcast_tensors")
def _(draw):
    x = draw(floats())
    return [x, draw(floats(shape=draw(broadcast(x.shape)))), draw(floats(shape=()))], {}


@case("broadcast_shapes", derivatives=0)
def _(draw):
    shape = draw(shapes())
    return [shape, draw(broadcast(shape)), 1], {}


@case("Tensor.sum_to_size")
def _(draw):
    x = any_numbers(draw)
    return [x, draw(broadcast(x.shape))], {}


@case("Tensor.repeat")
def _(draw):
    x = any_numbers(draw)
    return [x, *spread(draw, draw(shapes(min_dims=x.ndim, max_dims=x.ndim + 1, max_side=3)))], {}


@case("tile")
def _(draw):
    return [any_numbers(draw), draw(shapes(max_side=3))], {}


@case("repeat_interleave")
def _(draw):
    x = any_numbers(draw, min_dims=1)
    if draw(st.booleans()):
        return [x, draw(st.integers(0, 3)), *([draw(dim_of(x))] if draw(st.booleans()) else [])], {}
    dim = draw(dim_of(x))
    counts = draw(integers(shape=(x.shape[dim],), low=0))
    return [x, counts, dim], {"output_size": int(counts.sum())} if draw(st.booleans()) else {}


@case("meshgrid")
def _(draw):
    vectors = [draw(floats(max_dims=1)) for _ in range(draw(st.integers(1, 3)))]
    vectors = [x.astype(vectors[0].dtype) for x in vectors]
    return vectors, {"indexing": draw(st.sampled_from(["ij", "xy"]))}


@case("cartesian_prod")
def _(draw):
    vectors = [draw(floats(min_dims=1, max_dims=1)) for _ in range(draw(st.integers(1, 3)))]
    return [x.astype(vectors[0].dtype) for x in vectors], {}


refused(
    "broadcast_shapes",
    lambda t: t.broadcast_shapes((2,), (3,)),
    "broadcast_shapes needs sizes of 0 or more that are equal or 1",
)
refused("broadcast_shapes", lambda t: t.broadcast_shapes((-1,)), "broadcast_shapes needs sizes of 0 or more")
refused(
    "sum_to_size",
    lambda t: t.ones(2, 3).sum_to_size(2),
    r"sum_to_size needs a shape that can be expanded to \(2, 3\)",
)
refused("repeat", lambda t: t.ones(2, 3).repeat(2), r"repeat needs 2 or more counts of 0 or more, got \(2,\)")
refused(
    "repeat_interleave",
    lambda t: t.ones(2).repeat_interleave(-1),
    "repeat_interleave needs repeats as a whole number",
)
refused(
    "repeat_interleave",
    lambda t: t.ones(2).repeat_interleave(2, output_size=3),
    "makes 4 parts, not output_size=3",
)
refused("meshgrid", lambda t: t.meshgrid(t.ones(2, 2)), r"meshgrid needs vectors, got shapes \(2, 2\)")
refused("meshgrid", lambda t: t.meshgrid(t.ones(2), indexing="yx"), 'meshgrid needs indexing "ij" or "xy"')
refused("cartesian_prod", lambda t: t.cartesian_prod(t.ones(2, 2)), "cartesian_prod needs vectors")


# Windows.


@case("Tensor.unfold")
def _(draw):
    x = any_numbers(draw)
    dim = draw(dim_of(x))
    return [x, dim, draw(st.integers(0, x.shape[dim] if x.ndim else 1)), draw(st.integers(1, 3))], {}


refused(
    "unfold", lambda t: t.ones(3).unfold(0, 4, 1), "unfold needs a size up to 3, the size of dim 0, got 4"
)
refused("unfold", lambda t: t.ones(3).unfold(0, 2, 0), "unfold needs step of 1 or more, got 0")


@case("unravel_index", derivatives=0)
def _(draw):
    shape = draw(shapes(min_dims=1, min_side=1))
    return [draw(integers(low=0, high=int(np.prod(shape)) - 1)), shape], {}


refused(
    "unravel_index",
    lambda torch: torch.unravel_index(torch.ones(2), (2,)),
    "needs whole numbers, got float64",
)
