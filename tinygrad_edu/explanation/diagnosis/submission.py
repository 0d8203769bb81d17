"""A submission: the numbers handed in, how many digits of them count, and how arrays of another shape are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.hypotheses import HypothesisTable
from tinygrad_edu.explanation.diagnosis.mistakes.wrong_shapes import Shaped, shapes
from tinygrad_edu.reading.nodes import Array

# Relative errors: of two ways to compute a number in double precision, of one in single precision, and of one that was
# computed in single precision before it was rounded.
DOUBLE_ERROR, SINGLE_ERROR, CARRIED_ERROR = 1e-9, 1e-5, 1e-6
MAX_SIGNIFICANT_DIGITS = 8  # a number with more was not rounded by hand
MIN_TOLERANCES = 20  # smaller numbers are no evidence for a constant


@dataclass(frozen=True)
class Repair:
    """An array of another shape read as `array`, and the mistake in its shape."""

    array: Array
    id: str = ""
    number: int = 0
    note: str = ""
    harmless: bool = False
    summed: int = 1  # the count of rounded numbers that went into each


@dataclass(frozen=True)
class Submission:
    """Submitted arrays by tensor, each read in the shape of its tensor if there is a way.

    `repairs` are the arrays that can be read, `shaped` those of a wrong shape for a known reason, `unreadable` the
    rest.
    """

    tolerances: dict[Variable, float] = field(default_factory=dict)
    shapes: dict[Variable, tuple[int, ...]] = field(default_factory=dict)  # as handed in
    repairs: dict[Variable, Repair] = field(default_factory=dict)
    shaped: dict[Variable, Shaped] = field(default_factory=dict)
    unreadable: list[Variable] = field(default_factory=list)

    @property
    def numbers(self) -> dict[Variable, Array]:
        """The arrays that can be read."""
        return {x: repair.array for x, repair in self.repairs.items()}

    @property
    def notes(self) -> dict[Variable, str]:
        """Sentences on the shapes of arrays that can be read."""
        return {x: repair.note for x, repair in self.repairs.items() if repair.note}

    @property
    def harmful(self) -> list[Variable]:
        """The tensors whose arrays can be read, but are not of the right shape."""
        return [x for x, repair in self.repairs.items() if repair.note and not repair.harmless]

    @property
    def misshapen(self) -> list[Variable]:
        """The tensors whose arrays are not of the right shape."""
        return [*self.harmful, *self.shaped, *self.unreadable]


def read_submission(
    table: HypothesisTable,
    label: Callable[[Variable], str],
    arrays: Mapping[Variable, Any],
    digits: Mapping[Variable, int],
) -> Submission:
    """The submission of these arrays. Raises `TypeError` or `ValueError` for an array that holds no finite numbers."""
    read = Submission()
    for x in table.wrt:
        if x in arrays:
            array = as_numbers("diagnose", label(x), arrays[x])
            _read(read, table, x, array, tolerance(array, digits.get(x), _size(table.facts.tape.grads[x])))
    return read


def _read(read: Submission, table: HypothesisTable, x: Variable, array: Array, tolerance: float) -> None:
    true = table.facts.tape.grads[x]
    found = list(readings(array, x.raw.shape, bias=x.raw.ndim == 1 or 1 in x.raw.shape))
    right = [r for r in found if (np.abs(r.array - true) <= tolerance * r.summed).all()]
    read.shapes[x], read.tolerances[x] = array.shape, tolerance
    if right and right[0].summed == 1:
        read.repairs[x] = right[0]
    elif array.shape != x.raw.shape and (shaped := _known_shape(table, x, array, tolerance)):
        read.shaped[x] = shaped
    elif found:
        read.repairs[x] = (right or found)[0]
        read.tolerances[x] *= read.repairs[x].summed
    else:
        read.unreadable.append(x)


def _known_shape(table: HypothesisTable, x: Variable, array: Array, tolerance: float) -> Shaped | None:
    """A known mistake that gives this shape and these numbers, perhaps times a constant."""
    small = _size(array) <= MIN_TOLERANCES * tolerance
    factors = [1.0] if small else [1.0, *(c.value for c in table.constants)]
    alike = (found for found in shapes(table.facts, x) if found.array.shape == array.shape)
    for found in alike:
        if min(np.abs(found.times(c) - array).max() for c in factors) <= tolerance:
            return found
    return None


def _size(array: Array) -> float:
    return float(np.abs(array).max(initial=0))


def as_numbers(call: str, name: str, value: Any) -> Array:
    """`value` as an array of floats. Raises `TypeError` or `ValueError` if it holds none."""
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
    """Raise `ValueError` unless `digits` is a number of decimals, or None."""
    whole = isinstance(digits, int | np.integer) and not isinstance(digits, bool)
    if digits is not None and not (whole and digits >= 0):
        raise ValueError(f"{call} needs digits as a number of decimals, 0 or more: got {short(digits)}")


def decimals_of(array: Array) -> int | None:
    """The decimals to which the numbers look rounded; None if they do not."""
    size = _size(array)
    if not size:
        return None
    most = MAX_SIGNIFICANT_DIGITS - int(np.floor(np.log10(size))) - 1
    wide = array.astype(float)
    for digits in range(1, max(most, 1) + 1):
        rounded = np.round(wide, digits)
        if np.array_equal(rounded.astype(array.dtype), array):
            return None if np.array_equal(np.round(wide), wide) else digits
    return None


def tolerance(array: Array, digits: int | None, scale: float) -> float:
    """The most by which a right number may differ from the submitted one."""
    digits = decimals_of(array) if digits is None else digits
    if digits is not None:
        unit = 10.0**-digits
        return 0.5 * unit + min(CARRIED_ERROR * scale, 0.1 * unit) + 1e-12 * scale
    return (SINGLE_ERROR if array.dtype == np.float32 else DOUBLE_ERROR) * max(scale, _size(array))


def readings(array: Array, shape: tuple[int, ...], bias: bool) -> Iterator[Repair]:
    """Every way to read `array` as one of `shape`, the most likely first."""
    if array.shape == shape:
        yield Repair(array)
        return
    differs = f"{array.shape} for {shape}"
    if np.squeeze(array).shape == tuple(n for n in shape if n != 1):
        note = (
            f"its shape is {array.shape}, and that of the parameter {shape}: a dimension too many or too few"
        )
        yield Repair(array.reshape(shape), "kept-dimension", 31 if bias else 32, note, harmless=True)
        return
    if array.shape == shape[::-1]:
        yield Repair(array.T, "transposed", 9, f"it is transposed: {differs}")
    if array.ndim == 1 and array.size == np.prod(shape):
        by_columns = array.reshape(shape, order="F")
        yield Repair(array.reshape(shape), "flattened", 32, f"it is flattened: {differs}")
        yield Repair(by_columns, "flattened", 32, f"it is flattened by columns: {differs}")
    if array.ndim >= len(shape) and array.size > np.prod(shape):
        yield from _not_summed(array, shape, bias)


def _not_summed(array: Array, shape: tuple[int, ...], bias: bool) -> Iterator[Repair]:
    """The array summed over the axes that the parameter does not have."""
    extra = array.ndim - len(shape)
    stretched = tuple(i + extra for i, n in enumerate(shape) if n == 1 and array.shape[i + extra] != 1)
    summed = array.sum(axis=(*range(extra), *stretched), keepdims=False)
    if summed.size == np.prod(shape):
        note = f"it is not summed over the batch: {array.shape} for {shape}"
        count = array.size // summed.size
        yield Repair(summed.reshape(shape), "not-summed", 31 if bias else 32, note, summed=count)
