"""Windows as columns of a matrix, and the adjoint: `unfold` and `fold`."""

from __future__ import annotations

import math
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.nn.functional.window_arguments import check_dtype, check_spatial, each
from tinygrad_edu.ops.windows import Sizes, overlap_add, padded, spans, windows
from tinygrad_edu.tensor.functions.public import public


@public(within="nn.functional", method=False)
def unfold(
    input: Data,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Data:
    """The numbers of each window as a column.

    Shapes: `input` (N, C, H, W) or (C, H, W); result (N, C * kernel, windows) or (C * kernel, windows).
    """
    call = "unfold"
    check_spatial(call, input, 2)
    size, dilation, padding, stride = _arguments(call, kernel_size, dilation, padding, stride)
    lengths = [length + 2 * p for length, p in zip(input.shape[-2:], padding)]
    _places(call, lengths, size, dilation, stride)
    seen = windows(padded(input, padding, padding), size=size, stride=stride, dilation=dilation)
    return seen.reshape(*input.shape[:-3], math.prod(seen.shape[-5:-2]), math.prod(seen.shape[-2:]))


@public(within="nn.functional", method=False)
def fold(
    input: Data,
    output_size: Any,
    kernel_size: Any,
    dilation: Any = 1,
    padding: Any = 0,
    stride: Any = 1,
) -> Data:
    """The sum of the columns at the places of their windows: the adjoint of `unfold`.

    Shapes: `input` (N, C * kernel, windows) or (C * kernel, windows); result (N, C, *output_size) or (C, *output_size).
    """
    call = "fold"
    check_dtype(call, input)
    size, dilation, padding, stride = _arguments(call, kernel_size, dilation, padding, stride)
    lengths = [length + 2 * p for length, p in zip(each(call, "output_size", output_size, 2), padding)]
    places = _places(call, lengths, size, dilation, stride)
    rows, columns = math.prod(size), math.prod(places)
    if (
        input.ndim not in (2, 3)
        or input.shape[-2] % rows
        or 0 in input.shape[-2:]
        or input.shape[-1] != columns
    ):
        raise ValueError(
            f"fold needs input of shape (N, C * {rows}, {columns}) or (C * {rows}, {columns}), got {input.shape}"
        )
    parts = input.reshape(*input.shape[:-2], input.shape[-2] // rows, *size, *places)
    whole = overlap_add(parts, size=size, stride=stride, dilation=dilation, shape=tuple(lengths))
    cut = [-p for p in padding]
    return padded(whole, cut, cut)


def _arguments(call: str, kernel_size: Any, dilation: Any, padding: Any, stride: Any) -> tuple[Sizes, ...]:
    return (
        each(call, "kernel_size", kernel_size, 2),
        each(call, "dilation", dilation, 2),
        each(call, "padding", padding, 2, least=0),
        each(call, "stride", stride, 2),
    )


def _places(call: str, lengths: list[int], size: Sizes, dilation: Sizes, stride: Sizes) -> Sizes:
    """The number of windows along each dimension."""
    places = tuple((n - m) // s + 1 for n, m, s in zip(lengths, spans(size, dilation), stride))
    if min(places) < 1:
        raise ValueError(f"{call} needs sizes of at least {spans(size, dilation)}, got {tuple(lengths)}")
    return places
