"""Submitted gradients compared with the hypotheses: the explanations that fit, the simplest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.evidence import SAME_NUMBER, Evidence, Fit, settled
from tinygrad_edu.explanation.diagnosis.faulty_backward import plus, scaled
from tinygrad_edu.explanation.diagnosis.hypotheses import HypothesisTable
from tinygrad_edu.explanation.diagnosis.mistakes.families import Family
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis
from tinygrad_edu.explanation.diagnosis.parameter_fit import solved
from tinygrad_edu.reading.nodes import Array

HYPOTHESES_A_FAMILY = 100  # a mistake with a free parameter counts as so many without
MAX_ROUNDING_ERROR = 0.5  # relative to the largest gradient: rounding on the way explains no larger error
TIERS = ("_single", "_parametric", "_rounded_early")  # of explanations by one mistake, the simplest first
FIRST_PLACES = 16  # numbers that are compared before all are
MAX_TOLERANCES = 4  # of the true gradients, which may be less uncertain than a wrong one


class Matching:
    """Submitted gradients, and the hypotheses that fit them.

    Hypotheses are compared at the probes of the table, in `seen`; what fits there has to fit everywhere.
    """

    def __init__(
        self, table: HypothesisTable, numbers: Mapping[Variable, Array], tolerances: Mapping[Variable, Array]
    ) -> None:
        self.table = table
        self.wrt = [x for x in table.wrt if x in numbers]
        ends = np.cumsum([x.raw.size for x in self.wrt])
        self.slices = {x: slice(end - x.raw.size, end) for x, end in zip(self.wrt, ends)}
        self.columns = np.concatenate([table.columns[x] for x in self.wrt])
        self.evidence = Evidence(
            np.concatenate([np.ravel(numbers[x]).astype(float) for x in self.wrt]),
            table.true[self.columns],
            np.concatenate([np.ravel(tolerances[x]) for x in self.wrt]) + table.spread[self.columns],
        )
        self.probed = np.concatenate([table.probed[x] for x in self.wrt])
        self._places = np.searchsorted(self.columns, table.probes[self.probed])
        self.seen = self.evidence[self._places]

    def part(self, x: Variable) -> Evidence:
        """The evidence of one array alone."""
        return self.evidence[self.slices[x]]

    @cached_property
    def wrong(self) -> list[Variable]:
        """The tensors whose submitted gradients are not the right ones."""
        return [x for x in self.wrt if not self.part(x).right]

    @property
    def blank(self) -> bool:
        """True if every wrong array is all zeros, at these digits."""
        return all(self.part(x).blank for x in self.wrong)

    @cached_property
    def predictions(self) -> Array:
        """The predictions of the hypotheses for these arrays."""
        everything = len(self.probed) == len(self.table.probes)
        return self.table.predictions if everything else self.table.predictions[:, self.probed]

    @cached_property
    def fits(self) -> tuple[list[Fit], int]:
        """The simplest explanations that fit, and how many could have fitted until they were found."""
        tried = 0
        for tier in (*TIERS, "_combined"):
            if tried and self.table.time_is_up():
                break
            found, count = getattr(self, tier)
            tried += count
            if found := self._exact([fit for fit in found if not fit.vague and self._holds(fit)]):
                rounding = self._rounded_early[0] if tier != "_rounded_early" else []
                return settled([*found, *rounding]), tried
        return [], tried

    def _exact(self, fits: list[Fit]) -> list[Fit]:
        """Those that give every number as it is written, if there are any: then nothing was rounded."""
        numbers = self.seen.numbers
        least = SAME_NUMBER * np.abs(numbers).max(initial=0)
        return [fit for fit in fits if (np.abs(fit.prediction - numbers) <= least).all()] or fits

    def guesses(self) -> list[Fit]:
        """Every fit with one mistake."""
        return settled([fit for tier in TIERS for fit in getattr(self, tier)[0] if self._holds(fit)])

    def _holds(self, fit: Fit) -> bool:
        """True if a fit at the probes fits everywhere."""
        if self.seen.numbers.size == self.evidence.numbers.size:
            return True
        with np.errstate(all="ignore"):
            row = self.table.row(fit.hypothesis.differences(self.table.facts.tape))[self.columns]
        if not (fit.hypothesis.mistake.partial or np.isfinite(row).all()):
            return False
        c = 1.0 if fit.factor is None else fit.factor.value
        penalty = self.table.penalty[self.columns]
        return bool(self.evidence.accepts(c * row) or self.evidence.accepts(c * (row - penalty) + penalty))

    @property
    def _near_the_truth(self) -> bool:
        """True if rounding on the way may explain the numbers as well as a mistake does."""
        e = self.evidence
        return bool(np.abs(e.numbers - e.true).max() <= MAX_ROUNDING_ERROR * np.abs(e.true).max())

    def _could_fit(self, rows: Array, c: float = 1.0, penalty: Array | None = None) -> int:
        """The count of rows that, times `c`, leave right what is right: only they can fit the rest by accident."""
        e, kept = self.seen, np.flatnonzero(self._kept)
        for places in (kept[:FIRST_PLACES], kept) if kept.size else ():  # most rows fail at the first
            predicted = c * rows[:, places] + (0 if penalty is None else penalty[places])
            rows = rows[(np.abs(predicted - e.numbers[places]) <= e.tolerance[places]).all(axis=1)]
        return len(rows)

    @cached_property
    def _kept(self) -> Array:
        """True for the numbers of arrays that are right."""
        return np.concatenate([np.full(len(self.table.probed[x]), self.part(x).right) for x in self.wrt])

    # One constant on everything, one wrong rule, or one constant on some of the arrays.

    @cached_property
    def _single(self) -> tuple[list[Fit], int]:
        e, constants, loss = self.seen, self.table.constants, self.table.facts.tape.loss
        found = [
            Fit(Hypothesis(c.on_all, loss, {loss: scaled(c.value)}, c.words), c.value * e.true)
            for _, c in e.times(e.true[None], constants)
        ]
        found += [Fit(self.table.hypotheses[i], self.predictions[i]) for i in self._accepted()]
        found += self._on_some()
        return found, self._could_fit(self.predictions) + len(constants)

    def _accepted(self) -> list[int]:
        """The hypotheses that fit, each within its own slack if parameters are known only as printed."""
        e, table = self.seen, self.table
        if table.rounded is None:
            return [int(i) for i in np.flatnonzero(e.accepts(self.predictions))]
        misses = np.abs(self.predictions - e.numbers)
        near = np.flatnonzero(np.all(misses <= MAX_TOLERANCES * e.tolerance, axis=1))
        exact = e.tolerance - table.spread[self.columns]
        slack = {i: table.slack(table.hypotheses[i], table.predictions[i])[self.columns] for i in near}
        return [int(i) for i in near if (misses[i] <= exact + slack[i]).all()]

    def _on_some(self) -> list[Fit]:
        """One constant on the arrays that are wrong, if some are right."""
        wrong = self.wrong
        if not 0 < len(wrong) < len(self.wrt):
            return []
        penalty = self.table.penalty[self.columns]
        return [fit for each in _each_if_any(penalty) for fit in self._scaled(wrong, each)]

    def _scaled(self, wrong: list[Variable], penalty: Array) -> Iterator[Fit]:
        """The wrong arrays, but for the penalty, times each constant that fits them all."""
        e = self.evidence.less(penalty)
        parts = {x: e[self.slices[x]] for x in wrong}
        fitting = [
            {c for _, c in part.times(part.true[None], self.table.constants)} for part in parts.values()
        ]
        which = self.table.facts.names.gradients(wrong)
        for c in self.table.constants:
            if all(c in found for found in fitting):
                changes = {x: (c.value - 1) * part.true for x, part in parts.items()}
                row = self.evidence.true.copy()
                for x, change in changes.items():
                    row[self.slices[x]] += change
                row = row[self._places]
                corrections = {x: plus(change.reshape(x.raw.shape)) for x, change in changes.items()}
                yield Fit(Hypothesis(c.on_some, wrong[0], corrections, {**c.words, "which": which}), row)

    @cached_property
    def _penalties(self) -> list[Array]:
        """Zeros, and the gradient of the penalty: a constant factor of the loss itself leaves that alone."""
        return _each_if_any(self.table.penalty[self.columns][self._places])

    # One mistake with a parameter, which is solved for.

    @cached_property
    def _parametric(self) -> tuple[list[Fit], int]:
        found, count = [], 0
        for family, all_rows in self.table.families:
            if self.table.time_is_up():
                break
            rows = all_rows[:, self.probed]
            fit = solved(self.seen, family, rows, self._curve(family))
            found += [fit] if fit else []
            count += HYPOTHESES_A_FAMILY * (self._could_fit(rows) == len(rows))
        return found, count

    def _curve(self, family: Family) -> Callable[[float], Array]:
        return lambda t: self.table.member(family, t)[self.probed]

    # The right computation, rounded too early.

    @cached_property
    def _rounded_early(self) -> tuple[list[Fit], int]:
        if not self._near_the_truth:
            return [], 0
        hypotheses, all_rows = self.table.rounded_early
        rows = all_rows[:, self.probed]
        accepted = np.flatnonzero(self.seen.accepts(rows))
        return [Fit(hypotheses[i], rows[i]) for i in accepted], self._could_fit(rows)

    # One wrong rule times one constant.

    @cached_property
    def _combined(self) -> tuple[list[Fit], int]:
        table, e, found, count = self.table, self.seen, [], 0
        for penalty in self._penalties:
            rows = self.predictions - penalty
            found += [
                Fit(table.hypotheses[i], rows[i] * c.value + penalty, c)
                for i, c in e.less(penalty).times(rows, table.constants)
                if not table.hypotheses[i].words.get("c")  # two constants are one, or cancel
            ]
            count += sum(self._could_fit(rows, c.value, penalty) for c in table.constants)
        return found, count


def _each_if_any(penalty: Array) -> list[Array]:
    """Zeros, and the penalty if it is not zero itself."""
    return [np.zeros_like(penalty), *([penalty] if penalty.any() else [])]
