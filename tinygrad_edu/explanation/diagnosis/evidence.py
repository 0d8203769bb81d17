"""The evidence that submitted numbers give: every number within its rounding, and enough of them, or no explanation.

A fit proves something only if it could have failed: each number that differs from the right one by many units of its
last digit is evidence, and it must outweigh how many hypotheses were tried. Numbers close to zero prove nothing: many
hypotheses predict a zero there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.mistakes.constants import Constant
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.text.numbers import ordinal

SPARE_BITS = 10  # how unlikely an accidental fit must be in all: 1 in 1,000
MIN_TOLERANCES = 10  # of a number with digits enough to tell a factor
SAME_NUMBER = 1e-6  # relative: the same number by two ways to compute it
MIN_RIGHT_BITS = 30  # of the right numbers in a partly wrong array, so that they are not right by accident
MIN_ERROR = 4  # tolerances: a smaller error may be careless rounding
MAX_LINES = 6  # rows that are listed
MAX_SLACK = 0.25  # of half a unit: what a tolerance has beside it
ROUNDINGS = 8  # random ones of the student's own arrays, to see how far they carry


@dataclass(frozen=True, eq=False)
class Fit:
    """A hypothesis, perhaps times a constant, that reproduces every number."""

    hypothesis: Hypothesis
    prediction: Array
    factor: Constant | None = None
    also: tuple[int, ...] = ()  # numbers of other mistakes that predict the same here
    vague: bool = False  # True if a number in the hypothesis could be any other


@dataclass(frozen=True, eq=False)
class Evidence:
    """The submitted numbers in one row, the right ones, and the tolerance of each."""

    numbers: Array
    true: Array
    tolerance: Array

    def accepts(self, predictions: Array) -> Array:
        """True for each prediction, one a row, that reproduces every number; nan stands for any number."""
        return ~np.any(np.abs(predictions - self.numbers) > self.tolerance, axis=-1)

    def __getitem__(self, own: slice | Array) -> Evidence:
        """The evidence of some of the numbers."""
        return Evidence(self.numbers[own], self.true[own], self.tolerance[own])

    def less(self, part: Array) -> Evidence:
        """The evidence without a known part of each number."""
        return Evidence(self.numbers - part, self.true - part, self.tolerance)

    @property
    def wrong(self) -> Array:
        """True for each number that is not the right one."""
        return np.abs(self.numbers - self.true) > self.tolerance

    @property
    def right(self) -> bool:
        """True if all numbers are right."""
        return bool(self.accepts(self.true))

    @property
    def blank(self) -> bool:
        """True if all numbers are zeros, at these digits."""
        return bool((np.abs(self.numbers) <= self.tolerance).all())

    @property
    def nearly_right(self) -> bool:
        """True if every number is within one unit of the last digit."""
        return bool((np.abs(self.numbers - self.true) <= 2 * self.tolerance).all())

    @property
    def bits(self) -> float:
        """The information in the numbers on what went wrong."""
        return self._bits(self.numbers - self.true).sum()

    def _bits(self, differences: Array) -> Array:
        return np.asarray(np.log2(np.maximum(np.abs(differences) / self.tolerance, 1)))

    def suffices(self, tried: int) -> bool:
        """True if a fit is no accident when so many hypotheses were tried."""
        enough = self._bits(self.numbers).sum() >= SPARE_BITS
        return bool(enough and self.bits >= math.log2(max(tried, 1)) + SPARE_BITS)

    @property
    def large(self) -> int:
        """The count of numbers with digits enough to tell a factor."""
        return int(np.count_nonzero(np.abs(self.numbers) > MIN_TOLERANCES * self.tolerance))

    def times(self, predictions: Array, constants: Sequence[Constant]) -> list[tuple[int, Constant]]:
        """The predictions, by row, and the constants times which they reproduce every number."""
        if not len(predictions) or not constants:
            return []
        values = np.array([constant.value for constant in constants])
        j = int(np.argmax(np.abs(self.numbers) / self.tolerance))  # most fail at one number
        near = ~(np.abs(np.outer(predictions[:, j], values) - self.numbers[j]) > self.tolerance[j])  # or nan
        return [(i, constants[k]) for i, k in np.argwhere(near) if self.accepts(predictions[i] * values[k])]


def settled(fits: Sequence[Fit]) -> list[Fit]:
    """One fit for each act: of those that predict the same, the most precise, and none twice."""
    groups: list[list[Fit]] = []
    for fit in fits:
        group = next((g for g in groups if _alike(fit.prediction, g[0].prediction)), None)
        if group is None:
            groups.append([fit])
        else:
            group.append(fit)
    return [fit for group in groups for fit in _most_precise(group)]


def _most_precise(group: list[Fit]) -> list[Fit]:
    """The fits of the lowest rank; the numbers of the others go with the first."""
    lowest = min(fit.hypothesis.mistake.rank for fit in group)
    kept: dict[tuple[str, str], Fit] = {}
    for fit in group:
        if fit.hypothesis.mistake.rank == lowest:
            kept.setdefault(_key(fit), fit)
    first, *rest = kept.values()
    others = [fit.hypothesis.mistake for fit in group if fit not in kept.values()]
    same = [m for m in others if m.id == first.hypothesis.mistake.id or m.rank > lowest]
    numbers = dict.fromkeys(n for mistake in same for n in (mistake.number, *mistake.also))
    return [replace(first, also=(*first.also, *numbers)), *rest]


def _key(fit: Fit) -> tuple[str, str]:
    return fit.hypothesis.mistake.id, fit.factor.id if fit.factor else ""


def _alike(first: Array, second: Array) -> bool:
    return bool(np.abs(first - second).max(initial=0) <= SAME_NUMBER * np.abs(first).max(initial=0))


def follows(
    array: Array,
    tolerance: Array,
    own: Mapping[Variable, Array],
    tolerances: Mapping[Variable, Array],
    computed: Callable[[Mapping[Variable, Array]], Array],
) -> bool:
    """True if `array` is `computed` from the student's own arrays, as far as these were rounded."""
    centre, rng = computed(own), np.random.default_rng(0)
    spread = np.zeros(centre.shape)
    for _ in range(ROUNDINGS):
        moved = {x: a + tolerances[x] * rng.choice([-1.0, 1.0], a.shape) for x, a in own.items()}
        spread = np.maximum(spread, np.abs(computed(moved) - centre))
    return bool((np.abs(array - centre) <= 2 * spread + tolerance).all())


# Arrays of which only a part is wrong, or only the order or the rounding.


def wrong_part(evidence: Evidence, shape: tuple[int, ...]) -> str:
    """`the second row (index 1) is wrong, everything else is right`, or an empty text."""
    wrong = evidence.wrong.reshape(shape)
    errors = np.abs(evidence.numbers - evidence.true) / evidence.tolerance
    right_bits = evidence._bits(evidence.true)[~evidence.wrong].sum()
    if wrong.ndim == 0 or right_bits < MIN_RIGHT_BITS or errors.max() < MIN_ERROR or wrong.all():
        return ""
    places = np.argwhere(wrong)
    if len(places) == 1:
        return f"the number at {places[0].tolist()} is wrong, everything else is right"
    for axis, name in zip(range(wrong.ndim), ("row", "column") if wrong.ndim == 2 else ()):
        if len(set(places[:, axis])) == 1:
            place = int(places[0][axis])
            return f"the {ordinal(place + 1)} {name} (index {place}) is wrong, everything else is right"
    return ""


def reordered(evidence: Evidence, shape: tuple[int, ...]) -> str:
    """`the first and second rows (index 0 and 1) exchanged`, or all rows or columns that stand in another order."""
    true, numbers, wrong = (each.reshape(shape) for each in (evidence.true, evidence.numbers, evidence.wrong))
    names = {1: ("numbers",), 2: ("rows", "columns")}.get(len(shape), ())
    for axis, name in enumerate(names):
        lines = np.unique(np.nonzero(wrong)[axis])
        theirs = lines[_matched(numbers.take(lines, axis), true.take(lines, axis), axis)]
        order = np.arange(shape[axis])
        order[lines] = theirs
        if not evidence.accepts(true.take(order, axis).ravel()):
            continue
        if len(lines) == 2 and evidence.suffices(shape[axis] ** 2):
            first, second = (ordinal(int(line) + 1) for line in lines)
            return f"the {first} and {second} {name} (index {lines[0]} and {lines[1]}) exchanged"
        if len(lines) > 2 and evidence.suffices(math.factorial(shape[axis])):
            here, there = (", ".join(map(str, places[:MAX_LINES])) for places in (lines, theirs))
            more = ", ..." if len(lines) > MAX_LINES else ""
            return f"its {name} in another order: at index {here}{more} stand those of {there}{more}"
    return ""


def _matched(lines: Array, of: Array, axis: int) -> Array:
    """For each of the lines the place of the one like it: ordered by a weighted sum, they come together."""
    weights = np.random.default_rng(0).normal(size=lines.size // lines.shape[axis])
    sums = (np.moveaxis(each, axis, 0).reshape(each.shape[axis], -1) @ weights for each in (lines, of))
    ours, theirs = (np.argsort(each, kind="stable") for each in sums)
    places = np.empty_like(ours)
    places[ours] = theirs
    return places


def cut_off(evidence: Evidence) -> bool:
    """True if the right numbers were cut off, or all rounded up, where they should have been rounded.

    Only where the unit of the last digit is certain, and large beside the errors of any way to compute the numbers.
    """
    unit = 10.0 ** np.round(np.log10(2 * evidence.tolerance))
    if (np.abs(2 * evidence.tolerance / unit - 1) > MAX_SLACK).any():
        return False
    scaled, submitted = evidence.true / unit, evidence.numbers / unit
    ways = (np.trunc(scaled), np.floor(scaled), np.ceil(scaled))
    return any(bool(np.allclose(way, submitted, rtol=0, atol=1e-3)) for way in ways)
