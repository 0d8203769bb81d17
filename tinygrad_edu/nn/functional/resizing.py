"""Resizing of pictures and signals: each number of the result is a weighted sum of the nearest of the input.

One dimension after the other: for each place of the result, its source in the input, the numbers around the source,
and their weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.nn.functional.adaptive_pooling import adaptive_avg_pool
from tinygrad_edu.nn.functional.window_arguments import check_dtype, constant, each
from tinygrad_edu.ops.index import take
from tinygrad_edu.tensor.functions.public import public

# The numbers around each source, a row for each of them, and their weights; None for a single one.
Weighted = tuple[np.ndarray, np.ndarray | None]


def _nearest(source: np.ndarray, length: int) -> Weighted:
    return np.minimum(np.floor(source).astype(int), length - 1), None


def _linear(source: np.ndarray, length: int) -> Weighted:
    source = np.maximum(source, 0)
    left = np.minimum(source.astype(int), length - 1)
    t = source - left
    return np.stack([left, np.minimum(left + 1, length - 1)]), np.stack([1 - t, t])


def _cubic(source: np.ndarray, length: int) -> Weighted:
    left = np.floor(source).astype(int)
    t = source - left
    around = np.stack([left + i for i in (-1, 0, 1, 2)])
    weights = [cubic_far(t + 1), cubic_near(t), cubic_near(1 - t), cubic_far(2 - t)]
    return np.clip(around, 0, length - 1), np.stack(weights)


A = -0.75  # the slope at a distance of 1


def cubic_near(t: Data) -> Data:
    """The weight of a number at a distance `t` from 0 to 1; Keys, Cubic Convolution Interpolation (1981), eq. 15."""
    return ((A + 2) * t - (A + 3)) * t * t + 1


def cubic_far(t: Data) -> Data:
    """The weight of a number at a distance `t` from 1 to 2."""
    return ((A * t - 5 * A) * t + 8 * A) * t - 4 * A


# By mode: the number of dimensions it is for, None for any, and how it weighs.
_MODES: dict[str, tuple[int | None, Callable[[np.ndarray, int], Weighted] | None]] = {
    "nearest": (None, _nearest),
    "nearest-exact": (None, _nearest),
    "area": (None, None),
    "linear": (1, _linear),
    "bilinear": (2, _linear),
    "trilinear": (3, _linear),
    "bicubic": (2, _cubic),
}


@public(within="nn.functional", method=False)
def interpolate(
    input: Data,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Data:
    """`input` (N, C, *sizes) with other sizes: `size`, or `scale_factor` times its own, rounded down.

    `mode`: "nearest" and "nearest-exact" take one number, "linear" (of one size), "bilinear" (two) and "trilinear"
    (three) weigh two along each dimension, "bicubic" (two) four; "area" is the mean. With `align_corners` the first
    and last numbers keep their places, otherwise the borders do, half a number further out.
    """
    n = _checked(input, mode, align_corners, antialias)
    sizes, factors = _sizes(input.shape[2:], size, scale_factor)
    if recompute_scale_factor and scale_factor is None:
        raise ValueError("interpolate needs scale_factor where recompute_scale_factor is set, got size")
    if mode == "area":
        return adaptive_avg_pool(n, input, sizes)
    steps = [1 / f if f and not recompute_scale_factor else None for f in factors]
    for dim, (count, step) in enumerate(zip(sizes, steps), -n):
        source = _source(mode, input.shape[dim], count, step, bool(align_corners))
        input = _weighted_sum(input, dim, *_MODES[mode][1](source, input.shape[dim]))  # type: ignore[misc]
    return input


@public(within="nn.functional", method=False)
def upsample(
    input: Data,
    size: Any = None,
    scale_factor: Any = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Data:
    """The older name of `interpolate`."""
    return interpolate(input, size, scale_factor, mode, align_corners)


@public(within="nn.functional", method=False)
def upsample_nearest(input: Data, size: Any = None, scale_factor: Any = None) -> Data:
    """`interpolate` with the nearest number."""
    return interpolate(input, size, scale_factor)


@public(within="nn.functional", method=False)
def upsample_bilinear(input: Data, size: Any = None, scale_factor: Any = None) -> Data:
    """`interpolate` with mode "bilinear" and aligned corners."""
    return interpolate(input, size, scale_factor, "bilinear", True)


def _source(mode: str, length: int, count: int, step: float | None, align_corners: bool) -> np.ndarray:
    """For each of `count` places, where it lies in the input, in whose places one is 1 wide."""
    places = np.arange(count)
    if align_corners:
        return places * ((length - 1) / (count - 1) if count > 1 else 0)
    step = length / count if step is None else step
    if mode == "nearest":
        return places * step
    return (places + 0.5) * step - (0 if mode == "nearest-exact" else 0.5)


def _weighted_sum(x: Data, dim: int, places: np.ndarray, weights: np.ndarray | None) -> Data:
    """The numbers at `places` along one dimension, counted from the back, times their weights."""
    seen = take(x, index=(..., places, *[slice(None)] * (-dim - 1)))
    if weights is None:
        return seen
    each = weights.reshape(*weights.shape, *[1] * (-dim - 1))
    return (seen * constant(each, x.dtype)).sum(dim - 1)


# Arguments.


def _checked(input: Data, mode: str, align_corners: bool | None, antialias: bool) -> int:
    """The number of dimensions that are resized."""
    n = input.ndim - 2
    if mode not in _MODES:
        raise ValueError(f"interpolate needs a mode of {', '.join(_MODES)}, got {mode!r}")
    if n not in (1, 2, 3) or _MODES[mode][0] not in (None, n) or 0 in input.shape[1:]:
        wanted = "1 to 3" if _MODES[mode][0] is None else _MODES[mode][0]
        raise ValueError(
            f"interpolate with mode {mode!r} needs input (N, C, *sizes) with {wanted} sizes, got {input.shape}"
        )
    if align_corners is not None and _MODES[mode][1] in (None, _nearest):
        raise ValueError(f"interpolate with mode {mode!r} has no corners to align; leave out align_corners")
    if antialias:
        raise ValueError("interpolate has no antialias here; smooth the input first, or use mode 'area'")
    check_dtype("interpolate", input, "fiu" if _MODES[mode][1] is _nearest else "f")
    return n


def _sizes(
    lengths: Sequence[int], size: Any, scale_factor: Any
) -> tuple[tuple[int, ...], list[float | None]]:
    """The sizes of the result, and the factors, None where sizes are given."""
    n = len(lengths)
    if (size is None) == (scale_factor is None):
        raise ValueError(
            f"interpolate needs size or scale_factor, got {short(size)} and {short(scale_factor)}"
        )
    given = scale_factor if size is None else size
    if isinstance(given, list | tuple) and len(given) != n:
        raise ValueError(f"interpolate needs one number, or one for each of {lengths}, got {given}")
    if size is not None:
        return each("interpolate", "size", size, n), [None] * n
    factors = list(given) if isinstance(given, list | tuple) else [given] * n
    if not all(isinstance(f, int | float) and f * m >= 1 for f, m in zip(factors, lengths)):
        raise ValueError(
            f"interpolate needs a scale_factor that leaves sizes of 1 or more of {lengths}, got {given}"
        )
    return tuple(math.floor(m * f) for m, f in zip(lengths, factors)), factors
