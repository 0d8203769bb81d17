"""What was handed in: numbers, how many digits of them count, and in what shape they came."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.reading.nodes import Array

EXACT = 1e-9  # relative: what two ways to compute the same number in double precision may differ by
SINGLE = 1e-5
CARRIED = 1e-6  # relative: by how much a number computed in single precision may be off before it is rounded
MOST_DIGITS = 8  # a number with more significant digits was not rounded by hand


@dataclass(frozen=True)
class Repair:
    """How an array of another shape is to be read: as `array`, and what is wrong with its shape."""

    array: Array
    id: str = ""
    number: int = 0
    note: str = ""
    harmless: bool = False
    summed: int = 1  # how many rounded numbers went into each


def as_numbers(call: str, name: str, value: Any) -> Array:
    """`value` as an array of floats. Raises `TypeError` or `ValueError` if it is none."""
    raw = getattr(value, "raw", value)
    try:
        array = np.asarray(raw)
        real = array.dtype.kind != "c" and not (array.dtype == object and any(x is None for x in array.flat))
        array = array if array.dtype == np.float32 or not real else array.astype(float)
    except (TypeError, ValueError):
        real = False
    if not real:
        raise TypeError(f"{call} needs real numbers for {name}, got {type(value).__name__} {short(value)}")
    if not np.isfinite(array).all():
        bad = array[~np.isfinite(array)]
        where = np.argwhere(~np.isfinite(array))[0].tolist()
        raise ValueError(f"{call} needs finite numbers for {name}, got {bad[0]} at {where}; look there first")
    return array


def check_digits(call: str, digits: Any) -> None:
    """Raise `ValueError` unless it is a number of decimals, or None."""
    whole = isinstance(digits, int | np.integer) and not isinstance(digits, bool)
    if digits is not None and not (whole and digits >= 0):
        raise ValueError(f"{call} needs digits as a number of decimals, 0 or more: got {short(digits)}")


def decimals_of(array: Array) -> int | None:
    """To how many decimals the numbers look rounded; None if they do not."""
    size = float(np.abs(array).max()) if array.size else 0.0
    if not size:
        return None
    most = MOST_DIGITS - int(np.floor(np.log10(size))) - 1
    wide = array.astype(float)
    for digits in range(1, max(most, 1) + 1):
        rounded = np.round(wide, digits)
        if np.array_equal(rounded.astype(array.dtype), array):
            return None if np.array_equal(np.round(wide), wide) else digits
    return None


def tolerance(array: Array, digits: int | None, scale: float) -> float:
    """How far a right number may be from the one handed in."""
    digits = decimals_of(array) if digits is None else digits
    if digits is not None:
        unit = 10.0**-digits
        return 0.5 * unit + min(CARRIED * scale, 0.1 * unit) + 1e-12 * scale
    return (SINGLE if array.dtype == np.float32 else EXACT) * max(
        scale, float(np.abs(array).max(initial=0.0))
    )


def readings(array: Array, shape: tuple[int, ...], bias: bool) -> Iterator[Repair]:
    """Every way to read `array` as one of `shape`, the most likely first."""
    if array.shape == shape:
        yield Repair(array)
        return
    if np.squeeze(array).shape == tuple(n for n in shape if n != 1):
        note = (
            f"its shape is {array.shape}, and that of the parameter {shape}: a dimension too many or too few"
        )
        yield Repair(array.reshape(shape), "kept-dimension", 31 if bias else 32, note, harmless=True)
        return
    if array.shape == shape[::-1]:
        yield Repair(array.T, "transposed", 9, f"it is transposed: {array.shape} for {shape}")
    if array.ndim == 1 and array.size == np.prod(shape):
        yield Repair(array.reshape(shape), "flattened", 32, f"it is flattened: {array.shape} for {shape}")
        yield Repair(
            array.reshape(shape, order="F"),
            "flattened",
            32,
            f"it is flattened by columns: {array.shape} for {shape}",
        )
    if array.ndim >= len(shape) and array.size > np.prod(shape):
        yield from _not_summed(array, shape, bias)


def _not_summed(array: Array, shape: tuple[int, ...], bias: bool) -> Iterator[Repair]:
    """Summed over what the parameter does not have."""
    extra = array.ndim - len(shape)
    stretched = tuple(i + extra for i, n in enumerate(shape) if n == 1 and array.shape[i + extra] != 1)
    summed = array.sum(axis=(*range(extra), *stretched), keepdims=False)
    if summed.size == np.prod(shape):
        note = f"it is not summed over the batch: {array.shape} for {shape}"
        yield Repair(
            summed.reshape(shape), "not-summed", 31 if bias else 32, note, summed=array.size // summed.size
        )
