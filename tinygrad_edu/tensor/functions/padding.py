"""More numbers around a tensor: pad; and channels of pictures turned into pixels and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import index
from tinygrad_edu.ops.index import along
from tinygrad_edu.ops.windows import padded
from tinygrad_edu.tensor.arguments import whole_number, whole_shape
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.reshaping import clone, flatten, movedim, transpose, unflatten

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
    before, behind = _sides(input, pad)
    if not 1 <= len(before) <= 3 or input.ndim - len(before) not in (1, 2):
        raise ValueError(
            f"pad in mode {mode!r} needs the last 1 to 3 dimensions of a tensor padded, behind one or two others; "
            f"got {len(pad)} counts for shape {input.shape}"
        )
    for dim, sides in enumerate(zip(before, behind), input.ndim - len(before)):
        if any(sides):
            input = index.take(input, index=along(dim, _places(mode, input.shape[dim], *sides)))
    return input


@public(method=False)
def constant_pad_nd(input: Data, pad: Sequence[int], value: float = 0) -> Data:
    """The tensor with `pad` more numbers `value`: (before, behind) along the last dimension, and so on; see `pad`."""
    before, behind = _sides(input, pad)
    if any(a + n + b < 0 for a, n, b in zip(before[::-1], input.shape[::-1], behind[::-1])):
        raise ValueError(f"pad needs to leave sizes of 0 or more, got {tuple(pad)} for shape {input.shape}")
    result = padded(input, before, behind)
    if max((*before, *behind), default=0) <= 0:
        return clone(result)
    outside = ~padded(np.ones(input.shape, bool), before, behind)
    return index.put(result, value, index=outside) if value else result


def _sides(x: Data, pad: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """How many numbers to put before and behind each of the last dimensions."""
    counts = whole_shape((pad,) if isinstance(pad, int) else tuple(pad), "pad")
    if len(counts) % 2 or len(counts) > 2 * x.ndim:
        raise ValueError(
            f"pad needs pairs of counts, one for each dimension at most, got {counts} for {x.shape}"
        )
    return counts[::2][::-1], counts[1::2][::-1]


def _places(mode: str, size: int, before: int, behind: int) -> np.ndarray:
    """The places of a dimension that stand in the padded one."""
    most = size - (mode == "reflect") if mode != "replicate" else max(before, behind)
    if max(before, behind) > most or before + size + behind < 0 or not size:
        raise ValueError(
            f"pad in mode {mode!r} needs counts up to {most} for a size of {size}, and to cut off no more, "
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
    _check_divisible("pixel_shuffle", input, -3, r * r)
    pixels = movedim(unflatten(input, -3, (-1, r, r)), (-4, -3), (-3, -1))  # (..., C, H, r, W, r)
    return flatten(flatten(pixels, -2, -1), -3, -2)


@public("nn.functional.pixel_unshuffle", method=False)
def pixel_unshuffle(input: Data, downscale_factor: int) -> Data:
    """Squares of r x r pixels as channels: (..., C, H r, W r) becomes (..., C r r, H, W)."""
    r = whole_number("pixel_unshuffle", "downscale_factor", downscale_factor, least=1)
    _check_divisible("pixel_unshuffle", input, -2, r)
    _check_divisible("pixel_unshuffle", input, -1, r)
    pixels = unflatten(unflatten(input, -1, (-1, r)), -3, (-1, r))  # (..., C, H, r, W, r)
    return flatten(movedim(pixels, (-3, -1), (-4, -3)), -5, -3)


@public("nn.functional.channel_shuffle", method=False)
def channel_shuffle(input: Data, groups: int) -> Data:
    """The channels (dimension 1) of so many groups mixed: the first of each group, then the second of each, ..."""
    groups = whole_number("channel_shuffle", "groups", groups, least=1)
    _check_divisible("channel_shuffle", input, 1, groups)
    return flatten(transpose(unflatten(input, 1, (groups, -1)), 1, 2), 1, 2)


def _check_divisible(call: str, x: Data, dim: int, factor: int) -> None:
    if x.ndim < 3 or x.shape[dim] % factor:
        raise ValueError(
            f"{call} needs a size that {factor} divides in dim {dim} of 3 or more, got {x.shape}"
        )
