"""Convolutions: each kernel times each window of the input, and the adjoint; their arguments."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.nn.functional.window_arguments import Family, check_dtype, check_spatial, each, in_dims
from tinygrad_edu.ops.convolution import convolve, convolve_back
from tinygrad_edu.ops.windows import Sizes, padded, spans
from tinygrad_edu.tensor.functions.number_kinds import check_one_dtype, one_width
from tinygrad_edu.tensor.tensor import Tensor


def _halves_in_float32(family: Family) -> Family:
    """Let a convolution of float16 compute in float32: float16 counts no further than 2048."""

    @functools.wraps(family)
    def call(n: int, input: Data, weight: Data, bias: Data = None, *rest: Any, **options: Any) -> Data:
        given = [input, weight] if bias is None else [input, weight, bias]
        if any(getattr(x, "dtype", None) != np.float16 for x in given):
            return family(n, input, weight, bias, *rest, **options)
        wide = [x.astype(np.float32) for x in given]
        return family(n, *wide, *[None] * (3 - len(wide)), *rest, **options).astype(np.float16)

    return call


@in_dims(1, 2, 3, top=True)
@_halves_in_float32
def conv(
    n: int,
    input: Data,
    weight: Data,
    bias: Data = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Data:
    """The sum over each window of the input times each kernel (no kernel is turned around).

    `y[o, p, q] = bias[o] + sum of w[o, c, i, j] * x[c, p * stride + i * dilation, q * stride + j * dilation]` over
    c, i and j, with zeros around x: `padding` on both sides; "same" as many as keep the size, "valid" none. With
    `groups`, the channels are split into so many groups, and a kernel sees only those of its own.
    Shapes: `input` (N, C, *sizes) or (C, *sizes), `weight` (O, C / groups, *kernel), `bias` (O,).
    """
    call = f"conv{n}d"
    how = _how(call, n, stride, dilation, groups)
    _check(call, n, input, weight, bias, how["groups"], out=0)
    input, weight, bias = one_width(input, weight, bias)
    whole = padded(_batch(input, n), *_padding(call, padding, weight.shape[2:], how))
    _check_room(call, whole.shape[2:], spans(weight.shape[2:], how["dilation"]))
    result = convolve(whole, weight, **how) if bias is None else convolve(whole, weight, bias, **how)
    return result if input.ndim == n + 2 else result.reshape(result.shape[1:])


@in_dims(1, 2, 3, top=True)
@_halves_in_float32
def conv_transpose(
    n: int,
    input: Data,
    weight: Data,
    bias: Data = None,
    stride: Any = 1,
    padding: Any = 0,
    output_padding: Any = 0,
    groups: int = 1,
    dilation: Any = 1,
) -> Data:
    """The adjoint of the convolution: each number of the input times each kernel, added up where these overlap.

    The result has the size of what a convolution takes to a result of the size of `input`; where several sizes are
    possible, it is the smallest, and `output_padding` larger.
    Shapes: `input` (N, C, *sizes) or (C, *sizes), `weight` (C, O / groups, *kernel), `bias` (O,).
    """
    call = f"conv_transpose{n}d"
    how = _how(call, n, stride, dilation, groups)
    _check(call, n, input, weight, bias, how["groups"], out=1)
    input, weight, bias = one_width(input, weight, bias)
    cut, extra = _cut(call, n, padding, output_padding, how)
    ends = spans(weight.shape[2:], how["dilation"])
    shape = tuple((p - 1) * s + m for p, s, m in zip(input.shape[-n:], how["stride"], ends))
    _check_room(call, [m + e for m, e in zip(shape, extra)], [2 * p + 1 for p in cut])
    whole = convolve_back(_batch(input, n), weight, **how, shape=shape)
    result = padded(whole, [-p for p in cut], [e - p for p, e in zip(cut, extra)])
    result = result if bias is None else result + bias.reshape(-1, *[1] * n)
    return result if input.ndim == n + 2 else result.reshape(result.shape[1:])


def _batch(input: Data, n: int) -> Data:
    return input if input.ndim == n + 2 else input.reshape(1, *input.shape)


# Arguments.


def _how(call: str, n: int, stride: Any, dilation: Any, groups: Any) -> dict[str, Any]:
    """The settings of the operations."""
    (count,) = each(call, "groups", groups, 1)
    settings = {"stride": each(call, "stride", stride, n), "dilation": each(call, "dilation", dilation, n)}
    return {**settings, "groups": count}


def _check(call: str, n: int, input: Data, weight: Data, bias: Data, groups: int, *, out: int) -> None:
    """Raise unless the inputs fit each other. `out`: the dimension of the results in `weight`."""
    check_spatial(call, input, n)
    _check_tensors(call, input, weight, bias)
    if weight.ndim != n + 2 or 0 in weight.shape:
        raise ValueError(f"{call} needs a weight of {n + 2} dimensions, none of size 0, got {weight.shape}")
    _check_channels(call, input.shape[-n - 1], weight, groups, out)
    results = (weight.shape[out] * (groups if out else 1),)
    if bias is not None and bias.shape != results:
        raise ValueError(f"{call} needs a bias of shape {results}, got {bias.shape}")


def _check_tensors(call: str, *given: Any) -> None:
    """Raise `TypeError` unless those of input, weight and bias that are given are Tensors of one dtype, or floats."""
    tensors = [x for x in given if x is not None]
    if not all(isinstance(x, Tensor) for x in tensors):
        raise TypeError(f"{call} needs weight and bias as Tensors, got {', '.join(map(short, given[1:]))}")
    check_dtype(call, given[0], "fiu")
    check_one_dtype(call, *tensors)


def _check_channels(call: str, channels: int, weight: Data, groups: int, out: int) -> None:
    if len(weight) % groups:
        raise ValueError(f"{call} needs groups that divide the {len(weight)} of its weight, got {groups}")
    needed = weight.shape[1 - out] * (1 if out else groups)
    if channels != needed:
        raise ValueError(
            f"{call} with a weight of shape {weight.shape} and groups={groups} takes {needed} channels, got {channels}"
        )


def _padding(call: str, padding: Any, size: Sizes, how: dict[str, Any]) -> tuple[Sizes, Sizes]:
    """The number of zeros before and after, along each dimension."""
    if not isinstance(padding, str):
        both = each(call, "padding", padding, len(size), least=0)
        return both, both
    if padding not in ("same", "valid"):
        raise ValueError(f"{call} needs padding as numbers, 'same' or 'valid', got {padding!r}")
    if padding == "same" and max(how["stride"]) > 1:
        raise ValueError(
            f"{call} with padding='same' needs stride 1, got {how['stride']}; a stride changes the size"
        )
    both = tuple((m - 1) * (padding == "same") for m in spans(size, how["dilation"]))
    return tuple(b // 2 for b in both), tuple(b - b // 2 for b in both)


def _cut(call: str, n: int, padding: Any, output_padding: Any, how: dict[str, Any]) -> tuple[Sizes, Sizes]:
    """The number of places to be cut off on both sides, and added at the end, along each dimension."""
    cut = each(call, "padding", padding, n, least=0)
    extra = each(call, "output_padding", output_padding, n, least=0)
    if any(e >= max(steps) for e, *steps in zip(extra, how["stride"], how["dilation"])):
        raise ValueError(
            f"{call} needs output_padding smaller than stride or dilation, got {extra}, {how['stride']} and "
            f"{how['dilation']}"
        )
    return cut, extra


def _check_room(call: str, sizes: Sequence[int], needed: Sequence[int]) -> None:
    """Raise `ValueError` if the result would have no size."""
    if any(m > n for n, m in zip(sizes, needed)):
        raise ValueError(
            f"{call} needs sizes of at least {tuple(needed)}, got {tuple(sizes)}, padding included"
        )
