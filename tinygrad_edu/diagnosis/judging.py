"""When an explanation is accepted: every number within the rounding of the digits given, and enough of them.

The nearest is never good enough. And a fit proves something only if it could have failed: each number that differs
from the right one by many units of its last digit is evidence, and it must outweigh how many hypotheses were tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tinygrad_edu.diagnosis.mistakes.constants import Constant
from tinygrad_edu.diagnosis.mistakes.row import Hypothesis
from tinygrad_edu.diagnosis.replay import Array

SPARE_BITS = 10  # how unlikely an accidental fit must be in all: 1 in 1,000
SAME = 1e-9


@dataclass(frozen=True, eq=False)
class Fit:
    """A hypothesis, perhaps times a constant, that reproduces every number."""

    hypothesis: Hypothesis
    prediction: Array
    factor: Constant | None = None


@dataclass(frozen=True, eq=False)
class Evidence:
    """The numbers handed in, in one row; the right ones; and how far a fit may be from each."""

    numbers: Array
    true: Array
    tolerance: Array

    def accepts(self, predictions: Array) -> Array:
        """Which of the predictions, one a row, reproduce every number."""
        return np.all(np.abs(predictions - self.numbers) <= self.tolerance, axis=-1)

    @property
    def right(self) -> bool:
        """Whether they are the right ones."""
        return bool(self.accepts(self.true))

    @property
    def bits(self) -> float:
        """How much the numbers say about what went wrong."""
        units = np.abs(self.numbers - self.true) / self.tolerance
        return float(np.log2(np.maximum(units, 1)).sum())

    def suffices(self, tried: int) -> bool:
        """Whether a fit is no accident when so many hypotheses were tried."""
        return self.bits >= np.log2(max(tried, 1)) + SPARE_BITS

    def times(self, predictions: Array, constants: Sequence[Constant]) -> list[tuple[int, Constant]]:
        """Which predictions times which constant reproduce every number."""
        if not len(predictions) or not constants:
            return []
        values = np.array([constant.value for constant in constants])
        j = int(np.argmax(np.abs(self.numbers) / self.tolerance))  # most fail at one number
        near = np.abs(np.outer(predictions[:, j], values) - self.numbers[j]) <= self.tolerance[j]
        return [(i, constants[k]) for i, k in np.argwhere(near) if self.accepts(predictions[i] * values[k])]


def settled(fits: Sequence[Fit]) -> list[Fit]:
    """One fit for each act: of those that predict the same, the precise before the general, and none twice."""
    kept: list[Fit] = []
    for fit in sorted(fits, key=lambda fit: fit.hypothesis.mistake.general):
        same = [other for other in kept if _alike(fit.prediction, other.prediction)]
        known = any(_key(fit) == _key(other) for other in same)
        if not known and not (same and fit.hypothesis.mistake.general):
            kept.append(fit)
    return kept


def _key(fit: Fit) -> tuple[str, str]:
    return fit.hypothesis.mistake.id, fit.factor.id if fit.factor else ""


def _alike(first: Array, second: Array) -> bool:
    return bool(np.abs(first - second).max(initial=0) <= SAME * np.abs(first).max(initial=0))
