"""A submission: the numbers handed in, how far each may be off, and how arrays of another shape are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.hypotheses import HypothesisTable
from tinygrad_edu.explanation.diagnosis.mistakes.wrong_shapes import WrongShape, wrong_shapes
from tinygrad_edu.explanation.diagnosis.written_numbers import LOST_ZEROS, Written, read
from tinygrad_edu.reading.nodes import Array

WIDER = 1.5
USUAL_DECIMALS = 4
UNUSUAL_DECIMALS = (3, 2)
MIN_TOLERANCES = 20  # smaller numbers are no evidence for a constant


@dataclass(frozen=True, eq=False)
class Repair:
    """An array of another shape read as `array`, and the mistake in its shape; `likely` and `most` are tolerances."""

    array: Array
    id: str = ""
    number: int = 0
    note: str = ""
    harmless: bool = False
    likely: Array | float = 0.0
    most: Array | float = 0.0


@dataclass(frozen=True)
class Submission:
    """Submitted arrays by tensor, each read in the shape of its tensor if there is a way.

    `repairs` are the arrays that can be read, `wrong_shapes` those of another shape for a known reason, `unreadable`
    the rest. If all of it is zero, `decimals` are those to which the true gradients may have been rounded to zeros.
    """

    tolerances: dict[Variable, Array] = field(default_factory=dict)
    shapes: dict[Variable, tuple[int, ...]] = field(default_factory=dict)  # as handed in
    repairs: dict[Variable, Repair] = field(default_factory=dict)
    wrong_shapes: dict[Variable, WrongShape] = field(default_factory=dict)
    unreadable: list[Variable] = field(default_factory=list)
    decimals: int | None = None

    @property
    def undecided(self) -> bool:
        """True for zeros that nobody can tell from true gradients rounded to two or three decimals."""
        return bool(self.repairs) and self.decimals in UNUSUAL_DECIMALS and not self.misshapen

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
        return [*self.harmful, *self.wrong_shapes, *self.unreadable]

    @property
    def widened(self) -> Submission | None:
        """The same with the widest tolerances; None if they are wider for few numbers, as by a zero at the end.

        Each array counts by itself: those that are right have the widest already.
        """
        tolerances = {x: np.asarray(repair.most) for x, repair in self.repairs.items()}
        wider = (tolerances[x] > WIDER * self.tolerances[x] for x in tolerances)
        if not any(each.mean() > LOST_ZEROS for each in wider):
            return None
        return replace(self, tolerances=tolerances)


def read_submission(
    table: HypothesisTable,
    label: Callable[[Variable], str],
    arrays: Mapping[Variable, Any],
    digits: Mapping[Variable, int],
) -> Submission:
    """The submission of these arrays. Raises `TypeError` or `ValueError` for an array that holds no finite numbers."""
    written = {x: read("diagnose", label(x), arrays[x]) for x in table.wrt if x in arrays}
    of_others = max((each.shown for each in written.values() if each.shown), default=None)
    decimals = None
    if of_others is None and not digits and not any(each.numbers.any() for each in written.values()):
        decimals = _decimals_of_zeros([table.facts.tape.grads[x] for x in written])
        of_others = decimals if decimals == USUAL_DECIMALS else None
    found = Submission(decimals=decimals)
    for x, each in written.items():
        as_exact = replace(each, bits=min(each.bits, table.bits))
        _read(found, table, x, as_exact, digits.get(x) if each.figures else digits.get(x, of_others))
    return found


def _decimals_of_zeros(true: list[Array]) -> int | None:
    """The most decimals, of those that people write, that make zeros of the true gradients: zeros may be rounded."""
    decimals = (USUAL_DECIMALS, *UNUSUAL_DECIMALS)
    return next((n for n in decimals if not any(np.round(g, n).any() for g in true)), None)


def _read(
    found: Submission, table: HypothesisTable, x: Variable, written: Written, digits: int | None
) -> None:
    true, shape, array = table.facts.tape.grads[x], x.raw.shape, written.numbers
    likely = written.likely(digits, _size(true))
    most = written.most(digits, _size(true), table.errors.get(x, 0.0))
    ways = _ways(array, likely, most, shape)
    right = [way for way in ways if (np.abs(way.array - true) <= way.most).all()]
    found.shapes[x] = array.shape
    blank = not array.any() and any(way.harmless for way in ways)
    reshaped = array.shape != shape and not blank and not (right and right[0].id != "not-summed")
    if reshaped and (shaped := _known_shape(table, x, array, most)):
        found.wrong_shapes[x] = shaped
        return
    if not ways:
        found.unreadable.append(x)
        return
    found.repairs[x] = (right or ways)[0]
    found.tolerances[x] = np.asarray(right[0].most if right else ways[0].likely)


def _ways(array: Array, likely: Array, most: Array, shape: tuple[int, ...]) -> list[Repair]:
    """Every way to read the numbers in this shape, with their tolerances."""
    bias = len(shape) == 1 or 1 in shape
    ways = (readings(each, shape, bias) for each in (array, likely, most))
    return [replace(way, likely=near.array, most=far.array) for way, near, far in zip(*ways)]


def _known_shape(table: HypothesisTable, x: Variable, array: Array, tolerance: Array) -> WrongShape | None:
    """A known mistake that gives this shape and these numbers, perhaps times a constant."""
    small = _size(array) <= MIN_TOLERANCES * tolerance.max(initial=0)
    factors = [1.0] if small else [1.0, *(c.value for c in table.constants)]
    alike = (found for found in wrong_shapes(table.facts, x) if found.array.shape == array.shape)
    for found in alike:
        if any((np.abs(found.times(c) - array) <= tolerance).all() for c in factors):
            return found
    return None


def _size(array: Array) -> float:
    return float(np.abs(array).max(initial=0))


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
        yield Repair(summed.reshape(shape), "not-summed", 31 if bias else 32, note)
