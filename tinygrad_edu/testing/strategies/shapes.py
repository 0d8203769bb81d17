"""Strategies for what says where numbers are: shapes, dimensions, indices, and the arguments of convolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

Shape = tuple[int, ...]
Draw = Any  # the function that a composite strategy is given


def shapes(
    min_dims: int = 0, max_dims: int = 3, min_side: int = 1, max_side: int = 4
) -> st.SearchStrategy[Shape]:
    """Shapes of `min_dims` to `max_dims` dimensions; `min_side=0` gives empty ones, too."""
    return st.lists(st.integers(min_side, max_side), min_size=min_dims, max_size=max_dims).map(tuple)


@st.composite
def broadcastable_shapes(
    draw: Draw, count: int = 2, max_dims: int = 3, min_side: int = 1, max_side: int = 4
) -> tuple[Shape, ...]:
    """`count` shapes that broadcast together."""
    whole = draw(shapes(0, max_dims, min_side, max_side))
    return tuple(_part_of(draw, whole) for _ in range(count))


def _part_of(draw: Draw, whole: Shape) -> Shape:
    """A shape that broadcasts to `whole`: without its first dimensions, and with 1 in place of others."""
    kept = whole[draw(st.integers(0, len(whole))) :]
    return tuple(draw(st.sampled_from([n, 1])) for n in kept)


@st.composite
def matmul_shapes(draw: Draw, max_side: int = 4, batches: bool = True) -> tuple[Shape, Shape]:
    """The shapes of two tensors that `@` multiplies: vectors, matrices, and with `batches` stacks that broadcast."""
    n, k, m = (draw(st.integers(1, max_side)) for _ in range(3))
    left, right = draw(st.sampled_from([(n, k), (k,)])), draw(st.sampled_from([(k, m), (k,)]))
    if batches and len(left) == len(right) == 2:
        first, second = draw(broadcastable_shapes(2, max_dims=2, max_side=3))
        return (*first, *left), (*second, *right)
    return left, right


@st.composite
def dims(draw: Draw, ndim: int, *, several: bool = False) -> int | tuple[int, ...]:
    """A dimension of a tensor that has `ndim` of them, from the front or from the end; with `several` one or more."""
    if ndim < 1:
        raise ValueError(f"dims needs a tensor with a dimension, got ndim={ndim}")
    counted = st.integers(0, ndim - 1)
    chosen = draw(st.lists(counted, min_size=1, max_size=ndim, unique=True) if several else counted.map(_one))
    signed = tuple(i - ndim if draw(st.booleans()) else i for i in chosen)
    return signed if several else signed[0]


def _one(x: int) -> list[int]:
    return [x]


@st.composite
def indices(draw: Draw, shape: Sequence[int], *, arrays: bool = True) -> Any:
    """An index that a tensor of this shape takes: numbers, slices, `None`, `...`, and a list if `arrays`."""
    parts: list[Any] = []
    sides, listed = list(shape[: draw(st.integers(0, len(shape)))]), False
    for n in sides:
        kinds: list[Any] = [st.slices(n).filter(_goes_forward)]
        kinds += [st.integers(-n, n - 1)] * (n > 0)
        if arrays and n > 0 and not listed:
            kinds.append(st.lists(st.integers(-n, n - 1), min_size=1, max_size=4))
        parts.append(draw(st.one_of(kinds)))
        listed = listed or isinstance(parts[-1], list)
    if draw(st.booleans()):
        parts.insert(draw(st.integers(0, len(parts))), None)
    if len(sides) == len(shape) and draw(st.booleans()):
        parts.append(...)
    return parts[0] if len(parts) == 1 else tuple(parts)


def _goes_forward(x: slice) -> bool:
    return x.step is None or x.step > 0


class ConvArguments(NamedTuple):
    """The shapes and the settings of a convolution with 1, 2 or 3 dimensions, for `F.conv1d` and its sisters."""

    input: Shape
    weight: Shape
    bias: bool
    stride: Shape
    padding: Shape
    dilation: Shape
    groups: int


@st.composite
def conv_arguments(
    draw: Draw, dims: int | None = None, max_side: int = 6, transposed: bool = False
) -> ConvArguments:
    """Arguments that fit together; `transposed`: for `F.conv_transpose1d` and its sisters."""
    count = draw(st.integers(1, 2)) if dims is None else dims
    groups, batch = draw(st.integers(1, 2)), draw(st.integers(1, 2))
    inside, outside = (groups * draw(st.integers(1, 2)) for _ in range(2))
    kernel = tuple(draw(st.integers(1, 3)) for _ in range(count))
    stride, dilation = (tuple(draw(st.integers(1, 2)) for _ in range(count)) for _ in range(2))
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation)]
    padding = tuple(draw(st.integers(0, span // 2)) for span in spans)
    least = [1 + (span == 2 * p) if transposed else max(1, span - 2 * p) for span, p in zip(spans, padding)]
    sides = tuple(draw(st.integers(low, max(max_side, low))) for low in least)
    channels = (inside, outside // groups) if transposed else (outside, inside // groups)
    return ConvArguments(
        (batch, inside, *sides), (*channels, *kernel), draw(st.booleans()), stride, padding, dilation, groups
    )
