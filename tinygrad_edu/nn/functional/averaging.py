"""Means of windows: average pooling, power means, and the normalization by the mean square of neighbouring channels."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.nn.functional.pooling import max_pool
from tinygrad_edu.nn.functional.window_arguments import (
    box,
    check_dtype,
    constant,
    each,
    in_dims,
    window_counts,
)
from tinygrad_edu.ops.elementwise import absolute, relu, sign
from tinygrad_edu.ops.shape import cast_whole
from tinygrad_edu.ops.windows import Sizes, padded, windows
from tinygrad_edu.tensor.functions.public import public


@public(within="nn.functional", method=False)
def avg_pool1d(
    input: Data,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Data:
    """The mean of each window of numbers in a row; see `avg_pool2d`."""
    return avg_pool(1, input, kernel_size, stride, padding, ceil_mode, count_include_pad)


@in_dims(2, 3)
def avg_pool(
    n: int,
    input: Data,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Data:
    """The mean of each window.

    `stride` is `kernel_size` unless given. With `ceil_mode`, the last window may stand out over the end. The zeros of
    the `padding` count unless `count_include_pad=False`; `divisor_override` is what each sum is divided by.
    Shapes: `input` (N, C, *sizes) or (C, *sizes).
    """
    call = f"avg_pool{n}d"
    check_dtype(call, input, "fi")
    if divisor_override == 0:
        raise ValueError(f"{call} needs a divisor_override other than 0")
    size, stride, padding = box(call, n, input, kernel_size, stride, padding, (1,) * n)
    counts = window_counts(call, input, size, stride, padding, ceil_mode)
    lengths = input.shape[-n:]
    after = [(c - 1) * s + k - p - m for c, s, k, p, m in zip(counts, stride, size, padding, lengths)]
    margin = padding if count_include_pad else (0,) * n
    divisor = divisor_override or _held(lengths, size, stride, padding, margin, counts)
    return means(padded(input, padding, [max(0, a) for a in after]), size, stride, divisor)


def means(input: Data, size: Sizes, stride: Sizes, divisor: Any) -> Data:
    """The sum over each window, divided by `divisor`; a quotient of whole numbers is cut off."""
    n, first = len(size), input.ndim - len(size)
    seen = windows(input, size=size, stride=stride, dilation=(1,) * n)
    total = seen.reshape(*seen.shape[:first], math.prod(size), *seen.shape[-n:]).sum(first)
    is_float = total.dtype.kind == "f"
    if not isinstance(divisor, int):
        divisor = constant(divisor, total.dtype if is_float else None)
    return total / divisor if is_float else cast_whole(total / divisor, dtype=total.dtype)


def _held(*along: Sizes) -> Any:
    """How many numbers each window has inside the margin around the input: one number, if all have as many."""
    parts = [
        [max(1, min(start + size, length + margin) - max(start, -margin)) for start in starts]
        for length, size, stride, padding, margin, count in zip(*along)
        for starts in [range(-padding, count * stride - padding, stride)]
    ]
    counts = functools.reduce(np.multiply.outer, parts, np.array(1))
    first = int(counts.flat[0])
    return first if (counts == first).all() else counts


@in_dims(1, 2, 3)
def lp_pool(
    n: int,
    input: Data,
    norm_type: float,
    kernel_size: Any,
    stride: Any = None,
    ceil_mode: bool = False,
) -> Data:
    """`(sum of x ** p over each window) ** (1 / p)` for p = `norm_type`; 0 where the sum is negative.

    An infinite `norm_type` gives the greatest of the absolute values, a negative infinite one the smallest.
    """
    if math.isinf(norm_type):
        side = 1 if norm_type > 0 else -1
        return side * max_pool(n, side * absolute(input), kernel_size, stride, 0, 1, ceil_mode)
    mean = avg_pool(n, input**norm_type, kernel_size, stride, 0, ceil_mode)
    count = math.prod(each(f"lp_pool{n}d", "kernel_size", kernel_size, n))
    return (sign(mean) * relu(absolute(mean)) * count) ** (1 / norm_type)


@public(within="nn.functional", method=False)
def local_response_norm(
    input: Data,
    size: int,
    alpha: float = 1e-4,
    beta: float = 0.75,
    k: float = 1.0,
) -> Data:
    """`x / (k + alpha * mean of x ** 2) ** beta`, with the mean over `size` neighbouring channels, zeros beyond.

    Shapes: `input` (N, C, ...).
    Source: Krizhevsky et al., ImageNet Classification with Deep Convolutional Neural Networks (2012), section 3.3.
    """
    (size,) = each("local_response_norm", "size", size, 1)
    if input.ndim < 3:
        raise ValueError(f"local_response_norm needs input of shape (N, C, ...), got {input.shape}")
    squares = padded((input * input).swapaxes(1, -1), [size // 2], [(size - 1) // 2])
    mean = means(squares, (size,), (1,), size).swapaxes(1, -1)
    return input / (alpha * mean + k) ** beta
