"""When an explanation is accepted: every number within the rounding of the digits given, and enough of them.

The nearest is never good enough. And a fit proves something only if it could have failed: each number that differs
from the right one by many units of its last digit is evidence, and it must outweigh how many hypotheses were tried.
Numbers that are next to nothing prove nothing: many a hypothesis predicts that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tinygrad_edu.explanation.diagnosis.mistakes.constants import Constant
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis
from tinygrad_edu.reading.nodes import Array

SPARE_BITS = 10  # how unlikely an accidental fit must be in all: 1 in 1,000
LARGE = 10  # tolerances
SAME = 1e-6  # relative: the same numbers by two ways to compute them


@dataclass(frozen=True, eq=False)
class Fit:
    """A hypothesis, perhaps times a constant, that reproduces every number."""

    hypothesis: Hypothesis
    prediction: Array
    factor: Constant | None = None
    also: tuple[int, ...] = ()  # numbers of the catalogue that come to the same here
    vague: bool = False  # whether a number in it could be any other


@dataclass(frozen=True, eq=False)
class Evidence:
    """The numbers handed in, in one row; the right ones; and how far a fit may be from each."""

    numbers: Array
    true: Array
    tolerance: Array

    def accepts(self, predictions: Array) -> Array:
        """Which of the predictions, one a row, reproduce every number; nan stands for any number."""
        return ~np.any(np.abs(predictions - self.numbers) > self.tolerance, axis=-1)

    def __getitem__(self, own: slice) -> Evidence:
        """Some of the numbers."""
        return Evidence(self.numbers[own], self.true[own], self.tolerance[own])

    def less(self, part: Array) -> Evidence:
        """The same without a part that is known."""
        return Evidence(self.numbers - part, self.true - part, self.tolerance)

    @property
    def right(self) -> bool:
        """Whether they are the right ones."""
        return bool(self.accepts(self.true))

    @property
    def blank(self) -> bool:
        """Whether they are zeros, at these digits."""
        return bool((np.abs(self.numbers) <= self.tolerance).all())

    @property
    def bits(self) -> float:
        """How much the numbers say about what went wrong."""
        return self._bits(self.numbers - self.true)

    def _bits(self, differences: Array) -> float:
        return float(np.log2(np.maximum(np.abs(differences) / self.tolerance, 1)).sum())

    def suffices(self, tried: int) -> bool:
        """Whether a fit is no accident when so many hypotheses were tried."""
        return self.bits >= np.log2(max(tried, 1)) + SPARE_BITS and self._bits(self.numbers) >= SPARE_BITS

    @property
    def large(self) -> int:
        """How many numbers have digits enough to tell a factor."""
        return int(np.count_nonzero(np.abs(self.numbers) > LARGE * self.tolerance))

    def times(self, predictions: Array, constants: Sequence[Constant]) -> list[tuple[int, Constant]]:
        """Which predictions times which constant reproduce every number."""
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
    """Those of the lowest rank; the numbers of the others go with the first."""
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
    return bool(np.abs(first - second).max(initial=0) <= SAME * np.abs(first).max(initial=0))
