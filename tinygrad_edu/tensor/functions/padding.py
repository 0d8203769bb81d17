"""More numbers around a tensor: pad; and channels of pictures turned into pixels and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import index
from tinygrad_edu.ops import shape as ops
from tinygrad_edu.ops.index import along
from tinygrad_edu.tensor.arguments import whole_number, whole_shape
from tinygrad_edu.tensor.functions.public import public

Pairs = list[tuple[int, int]]  # for each dimension: how many numbers before and behind

NUMPY_MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


@public(within="nn.functional")
def pad(input: Data, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Data:
    """The tensor with `pad` more numbers: (before, behind) along the last dimension, then along the one before it, ...

    `mode`: "constant" (`value`, or 0), "reflect" (as in a mirror that stands on the outermost number), "replicate"
    (the outermost number again) or "circular" (those of the other end). Negative counts cut numbers off.
    """
    if mode == "constant":
        return constant_pad_nd(input, pad, 0 if value is None else value)
    if mode not in NUMPY_MODES:
        raise ValueError(f'pad needs mode "constant", "reflect", "replicate" or "circular", got {mode!r}')
    if value:
        raise ValueError(f"pad needs no value in mode {mode!r}, got {value}")
    pairs = _pairs(input, pad)
    padded = len(pad) // 2
    if input.ndim not in (padded + 1, padded + 2) or not 1 <= padded <= 3:
        raise ValueError(
            f"pad in mode {mode!r} needs the last 1 to 3 dimensions of a tensor padded, behind one or two others; "
            f"got {len(pad)} counts for shape {input.shape}"
        )
    for dim, (before, behind) in enumerate(pairs):
        if before or behind:
            input = index.take(input, index=along(dim, _places(mode, input.shape[dim], before, behind)))
    return input


@public(method=False)
def constant_pad_nd(input: Data, pad: Sequence[int], value: float = 0) -> Data:
    """The tensor with `pad` more numbers `value`: (before, behind) along the last dimension, and so on; see `pad`."""
    pairs = _pairs(input, pad)
    shape = tuple(before + n + behind for n, (before, behind) in zip(input.shape, pairs))
    if min(shape, default=0) < 0:
        raise ValueError(
            f"pad needs to leave sizes of 0 or more, but {tuple(pad)} makes {shape} of {input.shape}"
        )
    kept = tuple(
        slice(max(-before, 0), n + min(behind, 0)) for n, (before, behind) in zip(input.shape, pairs)
    )
    inside = tuple(slice(max(before, 0), n - max(behind, 0)) for n, (before, behind) in zip(shape, pairs))
    result = index.scatter(index.take(input, index=kept), index=inside, shape=shape)
    if not value:
        return result
    outside = np.ones(shape, bool)
    outside[inside] = False
    return index.put(result, value, index=outside)


def _pairs(x: Data, pad: Any) -> Pairs:
    """How many numbers to put before and behind each dimension."""
    counts = whole_shape((pad,) if isinstance(pad, int) else tuple(pad), "pad")
    if len(counts) % 2 or len(counts) > 2 * x.ndim:
        raise ValueError(
            f"pad needs pairs of counts, one for each dimension at most, got {counts} for {x.shape}"
        )
    given = list(zip(counts[::2], counts[1::2]))[::-1]
    return [(0, 0)] * (x.ndim - len(given)) + given


def _places(mode: str, size: int, before: int, behind: int) -> np.ndarray:
    """The places of a dimension that stand in the padded one."""
    most = size - (mode == "reflect") if mode != "replicate" else max(before, behind)
    if max(before, behind) > most or before + size + behind < 1 or not size:
        raise ValueError(
            f"pad in mode {mode!r} needs counts up to {most} for a size of {size}, and to leave some, "
            f"got {before} and {behind}"
        )
    places = np.arange(size)
    if mode == "circular":  # what is cut off does not come again at the other end
        places = places[max(-before, 0) : size + min(behind, 0)]
    wider = np.pad(places, (max(before, 0), max(behind, 0)), NUMPY_MODES[mode])  # type: ignore[call-overload]
    return wider if mode == "circular" else wider[max(-before, 0) : len(wider) + min(behind, 0)]


# Pictures (..., channels, rows, columns).


@public("nn.functional.pixel_shuffle", method=False)
def pixel_shuffle(input: Data, upscale_factor: int) -> Data:
    """Squares of r x r pixels from the numbers of r * r channels: (..., C r r, H, W) becomes (..., C, H r, W r)."""
    r = whole_number("pixel_shuffle", "upscale_factor", upscale_factor, least=1)
    _check_picture("pixel_shuffle", input, -3, r * r)
    *stack, channels, rows, columns = input.shape
    parts = ops.reshape(input, shape=(*stack, channels // r**2, r, r, rows, columns))
    return _moved(parts, (0, 3, 1, 4, 2), (*stack, channels // r**2, rows * r, columns * r))


@public("nn.functional.pixel_unshuffle", method=False)
def pixel_unshuffle(input: Data, downscale_factor: int) -> Data:
    """Squares of r x r pixels as channels: (..., C, H r, W r) becomes (..., C r r, H, W)."""
    r = whole_number("pixel_unshuffle", "downscale_factor", downscale_factor, least=1)
    _check_picture("pixel_unshuffle", input, -2, r)
    _check_picture("pixel_unshuffle", input, -1, r)
    *stack, channels, rows, columns = input.shape
    parts = ops.reshape(input, shape=(*stack, channels, rows // r, r, columns // r, r))
    return _moved(parts, (0, 2, 4, 1, 3), (*stack, channels * r * r, rows // r, columns // r))


@public("nn.functional.channel_shuffle", method=False)
def channel_shuffle(input: Data, groups: int) -> Data:
    """The channels (dimension 1) of so many groups mixed: the first of each group, then the second of each, ..."""
    groups = whole_number("channel_shuffle", "groups", groups, least=1)
    if input.ndim < 3 or input.shape[1] % groups:
        raise ValueError(
            f"channel_shuffle needs channels in {groups} groups, and dimensions behind, got {input.shape}"
        )
    first, channels, *rest = input.shape
    parts = ops.reshape(input, shape=(first, groups, channels // groups, *rest))
    order = (0, 2, 1, *range(3, parts.ndim))
    return ops.reshape(ops.permute(parts, dims=order), shape=input.shape)


def _check_picture(call: str, x: Data, dim: int, factor: int) -> None:
    if x.ndim < 3 or x.shape[dim] % factor:
        raise ValueError(
            f"{call} needs a size that {factor} divides in dim {dim} of 3 or more, got {x.shape}"
        )


def _moved(parts: Data, order: tuple[int, ...], shape: tuple[int, ...]) -> Data:
    """The last five dimensions in another order, and then in a shape."""
    stack = parts.ndim - 5
    dims = (*range(stack), *(stack + i for i in order))
    return ops.reshape(ops.permute(parts, dims=dims), shape=shape)
