"""Sampling of pictures at places that are computed, and can be learned: `grid_sample` and `affine_grid`."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.nn.functional.pooling import starts
from tinygrad_edu.nn.functional.resizing import cubic_far, cubic_near
from tinygrad_edu.nn.functional.window_arguments import check_dtype, constant
from tinygrad_edu.ops import step_functions
from tinygrad_edu.ops.elementwise import absolute, greater, greater_equal, less, not_equal, where
from tinygrad_edu.ops.index import ARRAY, take
from tinygrad_edu.ops.logic import bitwise_and
from tinygrad_edu.ops.shape import cast, cast_whole
from tinygrad_edu.tensor.functions.number_kinds import check_one_dtype, one_width
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.tensor import Tensor

_MODES = ("bilinear", "nearest", "bicubic")
_PADDINGS = ("zeros", "border", "reflection")
Tap = tuple[Data, Data]  # a place along one dimension, as a whole number, and its weight


@public(within="nn.functional", method=False)
def grid_sample(
    input: Data,
    grid: Data,
    mode: str = "bilinear",
    padding_mode: str = "zeros",
    align_corners: bool | None = None,
) -> Data:
    """The numbers of `input` at the places of `grid`, weighed from those around a place.

    A place is (x, y) or (x, y, z), from -1 to 1: the first and last numbers with `align_corners`, else the borders,
    half a number further out. Beyond are `padding_mode` "zeros", the number at the "border", or the "reflection".
    Shapes: `input` (N, C, *sizes), `grid` (N, *places, count of sizes); result (N, C, *places).
    """
    _check_grid(input, grid, mode, padding_mode)
    input, grid = one_width(input, grid)
    n, sizes = grid.shape[-1], input.shape[2:]
    rows = [grid[..., n - 1 - dim].reshape(len(grid), 1, -1) for dim in range(n)]
    lines = [_in_numbers(row, size, bool(align_corners)) for row, size in zip(rows, sizes)]
    taps = [_taps(line, size, mode, padding_mode, bool(align_corners)) for line, size in zip(lines, sizes)]
    parts = [_product(input, several, padding_mode == "zeros") for several in itertools.product(*taps)]
    return sum(parts[1:], parts[0]).reshape(*input.shape[:2], *grid.shape[1:-1])


def _in_numbers(row: Data, size: int, align_corners: bool) -> Data:
    """Places from -1 to 1 as places among `size` numbers, of which the first is at 0; nan is -1."""
    row = where(not_equal(row, row), -1, row)
    return (row + 1) * ((size - 1) / 2) if align_corners else ((row + 1) * size - 1) / 2


def _taps(line: Data, size: int, mode: str, padding_mode: str, align_corners: bool) -> list[Tap]:
    """The places around each place along one dimension, and their weights."""
    if mode == "bicubic":  # weighs first, and moves into the picture afterwards
        left = _floor(line)
        t = line - cast(left, dtype=line.dtype)
        weights = [cubic_far(t + 1), cubic_near(t), cubic_near(1 - t), cubic_far(2 - t)]
        around = [cast(left + i, dtype=line.dtype) for i in (-1, 0, 1, 2)]
        inside = [_moved_inside(place, size, padding_mode, align_corners) for place in around]
        return [(_floor(place), weight) for place, weight in zip(inside, weights)]
    line = _moved_inside(line, size, padding_mode, align_corners)
    if mode == "nearest":
        return [(cast_whole(step_functions.round(line), dtype=np.dtype(np.int64)), 1)]
    left = _floor(line)
    t = line - cast(left, dtype=line.dtype)
    return [(left, 1 - t), (left + 1, t)]


def _floor(x: Data) -> Data:
    whole = cast_whole(x, dtype=np.dtype(np.int64))
    return whole - cast_whole(greater(whole, x), dtype=np.dtype(np.int64))


def _moved_inside(line: Data, size: int, padding_mode: str, align_corners: bool) -> Data:
    """Places outside at the border, or reflected there, which has no slope at and beyond the border."""
    if padding_mode == "zeros":
        return line
    if padding_mode == "reflection":
        line = _reflected(line, *((0, size - 1) if align_corners else (-0.5, size)))
    line = where(greater(line, 0), line, 0)
    return where(less(line, size - 1), line, size - 1)


def _reflected(line: Data, low: float, span: int) -> Data:
    """Places reflected at `low` and `low + span` until they are between."""
    if span == 0:
        return line * 0
    distance = absolute(line - low)
    times = _floor(distance / span)
    rest = distance - cast(times * span, dtype=line.dtype)
    odd = not_equal(times, _floor(cast(times, dtype=line.dtype) / 2) * 2)
    return where(odd, span - rest, rest) + low


def _product(input: Data, taps: Sequence[Tap], zeros: bool) -> Data:
    """The number at one place for each dimension, times the weights."""
    sizes, places, inside = input.shape[2:], 0, True
    for (place, _), size in zip(taps, sizes):
        inside = bitwise_and(bitwise_and(greater_equal(place, 0), less(place, size)), inside)
        within = where(less(place, 0), 0, where(less(place, size), place, size - 1))
        places = places * size + within
    chosen = (places + starts((*input.shape[:2], math.prod(sizes)), 1)).reshape(-1)
    numbers = take(input.reshape(-1), chosen, index=ARRAY).reshape(*input.shape[:2], -1)
    numbers = where(inside, numbers, 0) if zeros else numbers
    for _, weight in taps:
        numbers = numbers * weight
    return numbers


@public(within="nn.functional", method=False)
def affine_grid(theta: Data, size: Sequence[int], align_corners: bool | None = None) -> Data:
    """The places, for `grid_sample`, to which the matrices `theta` move those of a picture of `size` (N, C, *sizes).

    Shapes: `theta` (N, n, n + 1) for n sizes; result (N, *sizes, n).
    """
    n = len(size) - 2
    if n not in (2, 3) or min(size) < 1:
        raise ValueError(f"affine_grid needs size (N, C, H, W) or (N, C, D, H, W), got {tuple(size)}")
    if not isinstance(theta, Tensor) or theta.shape != (size[0], n, n + 1):
        raise ValueError(f"affine_grid needs theta of shape {(size[0], n, n + 1)}, got {np.shape(theta)}")
    check_dtype("affine_grid", theta)
    lines = [_line(m, bool(align_corners)) for m in size[2:]]
    places = np.stack([*np.meshgrid(*lines, indexing="ij")[::-1], np.ones(size[2:])], axis=-1)
    flat = constant(places.reshape(-1, n + 1), theta.dtype)
    return (flat @ theta.swapaxes(-1, -2)).reshape(size[0], *size[2:], n)


def _line(size: int, align_corners: bool) -> np.ndarray:
    """The places of `size` numbers from -1 to 1."""
    if align_corners:
        return np.linspace(-1, 1, size) if size > 1 else np.zeros(1)
    return (2 * np.arange(size) + 1) / size - 1


@public(method=False)
def grid_sampler_2d(
    input: Data, grid: Data, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Data:
    """`grid_sample` of pictures, with numbers for the modes."""
    return grid_sample(input, grid, _MODES[interpolation_mode], _PADDINGS[padding_mode], align_corners)


@public(method=False)
def grid_sampler_3d(
    input: Data, grid: Data, interpolation_mode: int, padding_mode: int, align_corners: bool
) -> Data:
    """`grid_sample` of volumes, with numbers for the modes."""
    return grid_sample(input, grid, _MODES[interpolation_mode], _PADDINGS[padding_mode], align_corners)


def _check_grid(input: Data, grid: Any, mode: str, padding_mode: str) -> None:
    if mode not in _MODES or padding_mode not in _PADDINGS:
        raise ValueError(
            f"grid_sample needs a mode of {', '.join(_MODES)} and a padding_mode of {', '.join(_PADDINGS)}, got "
            f"{mode!r} and {padding_mode!r}"
        )
    n = input.ndim - 2
    fits = isinstance(grid, Tensor) and grid.ndim == n + 2 and grid.shape[:: n + 1] == (len(input), n)
    if n not in (2, 3) or not fits or 0 in input.shape[1:]:
        raise ValueError(
            f"grid_sample needs input (N, C, H, W) and grid (N, H, W, 2), or (N, C, D, H, W) and (N, D, H, W, 3), got "
            f"{input.shape} and {np.shape(grid)}"
        )
    if mode == "bicubic" and n == 3:
        raise ValueError("grid_sample with mode 'bicubic' needs input (N, C, H, W), got a volume")
    check_dtype("grid_sample", input)
    check_one_dtype("grid_sample", input, grid)
