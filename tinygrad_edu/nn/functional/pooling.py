"""Max pooling: the greatest number of each window, its place, and from the place the way back."""

from __future__ import annotations

import math
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.nn.functional.window_arguments import (
    box,
    check_dtype,
    check_spatial,
    constant,
    each,
    in_dims,
    window_counts,
)
from tinygrad_edu.ops.index import ARRAY, take
from tinygrad_edu.ops.windows import Rows, Sizes, spans, unpool, window_argmax


@in_dims(1, 2, 3)
def max_pool(
    n: int,
    input: Data,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The greatest number of each window; with `return_indices` also its place, the first of equals.

    `stride` is `kernel_size` unless given. With `ceil_mode`, the last window may stand out over the end.
    Shapes: `input` (N, C, *sizes) or (C, *sizes); places are counted row by row in the last dimensions.
    """
    call = f"max_pool{n}d"
    check_dtype(call, input, "fiu")
    dilation = each(call, "dilation", dilation, n)
    size, stride, padding = box(call, n, input, kernel_size, stride, padding, dilation)
    counts = window_counts(call, input, spans(size, dilation), stride, padding, ceil_mode)
    rows = map(_rows, input.shape[-n:], size, stride, padding, dilation, counts)
    return greatest(input, tuple(rows), return_indices)


@in_dims(1, 2, 3)
def max_pool_with_indices(
    n: int,
    input: Data,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,  # noqa: ARG001 - in PyTorch's signature
) -> tuple[Data, Data]:
    """The greatest number of each window, and its place: `max_pool` with `return_indices=True`."""
    return max_pool(n, input, kernel_size, stride, padding, dilation, ceil_mode, True)


def greatest(input: Data, rows: Rows, indices: bool) -> Any:
    """The greatest number of each window; with `indices` also its place in the last dimensions."""
    places = window_argmax(input, rows=rows)
    values = take(input.reshape(-1), places.reshape(-1), index=ARRAY).reshape(places.shape)
    return (values, places - starts(input.shape, len(rows))) if indices else values


def starts(shape: Sizes, n: int) -> Data:
    """The place of the first number of each plane of the last `n` dimensions, counted row by row in the whole."""
    first = len(shape) - n
    count, size = math.prod(shape[:first]), math.prod(shape[first:])
    return constant((np.arange(count) * size).reshape(*shape[:first], *[1] * n))


def _rows(length: int, size: int, stride: int, padding: int, dilation: int, count: int) -> tuple[Sizes, ...]:
    """The places inside the windows along one dimension; a place outside is replaced by the nearest of its window."""
    found = []
    for start in range(-padding, count * stride - padding, stride):
        inside = [x for x in range(start, start + size * dilation, dilation) if 0 <= x < length]
        lacking = -(start // dilation) if start < 0 else 0
        found.append([*inside[:1] * lacking, *inside, *inside[-1:] * size][:size])
    if not all(found):
        raise ValueError(
            f"a window of size {size} and dilation {dilation} with padding {padding} has no number"
        )
    return tuple(zip(*found))


@in_dims(1, 2, 3)
def max_unpool(
    n: int,
    input: Data,
    indices: Data,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    output_size: Any = None,
) -> Data:
    """Zeros, and each number of `input` at its place, as `max_pool` with `return_indices=True` gives it.

    `output_size`: the size of what was pooled, where several lead to the size of `input`.
    Raises `IndexError` if a place is not inside.
    """
    call = f"max_unpool{n}d"
    check_spatial(call, input, n)
    size = each(call, "kernel_size", kernel_size, n)
    stride = each(call, "stride", kernel_size if stride in (None, (), []) else stride, n)
    padding = each(call, "padding", padding, n, least=0)
    sizes = [(m - 1) * s + k - 2 * p for m, s, k, p in zip(input.shape[-n:], stride, size, padding)]
    shape = (*input.shape[:-n], *_unpooled(call, sizes, stride, output_size))
    _check_places(call, input, indices, math.prod(shape[-n:]))
    places = (indices + starts(shape, n)).reshape(-1)
    return unpool(input.reshape(-1), places, index=ARRAY, shape=(math.prod(shape),)).reshape(shape)


def _unpooled(call: str, sizes: list[int], stride: Sizes, output_size: Any) -> Sizes:
    """The `sizes` of the result, or those asked for, which differ by less than the stride."""
    if output_size is None:
        asked = tuple(sizes)
    else:
        asked = each(call, "output_size", tuple(output_size)[-len(sizes) :], len(sizes))
    if any(abs(a - m) >= s for a, m, s in zip(asked, sizes, stride)) or min(asked) < 1:
        raise ValueError(
            f"{call} needs an output_size that differs from {tuple(sizes)} by less than the stride {stride}, got "
            f"{asked}"
        )
    return asked


def _check_places(call: str, input: Data, indices: Any, count: int) -> None:
    if getattr(indices, "shape", None) != input.shape or indices.dtype.kind not in "iu":
        raise ValueError(f"{call} needs a whole number for each of {input.shape}, got {short(indices)}")
    low, high = indices.raw.min(initial=0), indices.raw.max(initial=0)
    if low < 0 or high >= count:
        raise IndexError(f"{call} needs indices from 0 to {count - 1}, got {low} to {high}")
