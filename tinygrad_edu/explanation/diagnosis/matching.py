"""Some gradients as handed in: which of the hypotheses fit them, the simplest first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.evidence import Evidence, Fit, settled
from tinygrad_edu.explanation.diagnosis.faulty_backward import plus, scaled
from tinygrad_edu.explanation.diagnosis.hypotheses import Pool
from tinygrad_edu.explanation.diagnosis.mistakes.families import Family
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis
from tinygrad_edu.explanation.diagnosis.parameter_fit import solved
from tinygrad_edu.reading.nodes import Array

VALUES = 100  # as so many mistakes counts one with a number in it
NEARLY = 0.5  # relative to the largest
NEAR = 4  # tolerances of the true gradients, which may be less uncertain than a wrong one


class Question:
    """Some of the asked gradients, as handed in, and which hypotheses fit them."""

    def __init__(
        self, pool: Pool, numbers: Mapping[Variable, Array], tolerances: Mapping[Variable, float]
    ) -> None:
        self.pool = pool
        self.asked = [x for x in pool.asked if x in numbers]
        ends = np.cumsum([x.raw.size for x in self.asked])
        self.slices = {x: slice(end - x.raw.size, end) for x, end in zip(self.asked, ends)}
        self.columns = np.concatenate([pool.columns[x] for x in self.asked])
        self.evidence = Evidence(
            np.concatenate([np.ravel(numbers[x]).astype(float) for x in self.asked]),
            pool.true[self.columns],
            np.concatenate([np.full(x.raw.size, tolerances[x]) for x in self.asked])
            + pool.spread[self.columns],
        )

    def part(self, x: Variable) -> Evidence:
        """One array of it alone."""
        return self.evidence[self.slices[x]]

    @cached_property
    def predictions(self) -> Array:
        """What the hypotheses say of these arrays."""
        return self.pool.predictions[:, self.columns]

    def could_fit(self, rows: Array, c: float = 1.0, penalty: Array | None = None) -> int:
        """How many of these, times `c`, leave right what is right: only they can fit the rest by accident."""
        e, kept = self.evidence, self.kept
        if not kept.any():
            return len(rows)
        found = c * rows[:, kept] + (0 if penalty is None else penalty[kept])
        return int((np.abs(found - e.numbers[kept]) <= e.tolerance[kept]).all(axis=1).sum())

    @cached_property
    def kept(self) -> Array:
        """Which numbers belong to arrays that are right."""
        return np.concatenate([np.full(x.raw.size, self.part(x).right) for x in self.asked])

    def fits(self) -> tuple[list[Fit], int]:
        """The simplest explanations that fit, and how many could have fitted until they were found."""
        tried = 0
        for tier in (self.single, self.parametric, self.late, self.combined):
            if tried and self.pool.time_is_up():
                break
            found, count = tier()
            tried += count
            if found := [fit for fit in found if not fit.vague]:
                rounded = self.late()[0] if self.nearly_right and tier != self.late else []
                return settled([*found, *rounded]), tried
        return [], tried

    def guesses(self) -> list[Fit]:
        """Everything that fits, with one mistake."""
        return settled([fit for tier in (self.single, self.parametric, self.late) for fit in tier()[0]])

    @property
    def nearly_right(self) -> bool:
        """Whether rounding on the way may explain them as well as a mistake does."""
        e = self.evidence
        return bool(np.abs(e.numbers - e.true).max() <= NEARLY * np.abs(e.true).max())

    def single(self) -> tuple[list[Fit], int]:
        """One constant on everything, one wrong rule, or one constant on some of the arrays."""
        e, pool = self.evidence, self.pool
        found = [
            Fit(
                Hypothesis(c.on_all, pool.scene.tape.loss, {pool.scene.tape.loss: scaled(c.value)}, c.words),
                c.value * e.true,
            )
            for _, c in e.times(e.true[None], pool.constants)
        ]
        found += [Fit(pool.hypotheses[i], self.predictions[i]) for i in self._accepted()]
        found += self._on_some()
        return found, self.could_fit(self.predictions) + len(pool.constants)

    def _accepted(self) -> list[int]:
        """The hypotheses that fit, each within its own uncertainty if parameters are not quite known."""
        e, pool = self.evidence, self.pool
        if pool.uncertain is None:
            return [int(i) for i in np.flatnonzero(e.accepts(self.predictions))]
        near = np.flatnonzero(np.all(np.abs(self.predictions - e.numbers) <= NEAR * e.tolerance, axis=1))
        exact = e.tolerance - pool.spread[self.columns]
        slack = {i: pool.slack(pool.hypotheses[i], pool.predictions[i])[self.columns] for i in near}
        return [int(i) for i in near if (np.abs(self.predictions[i] - e.numbers) <= exact + slack[i]).all()]

    def _on_some(self) -> list[Fit]:
        """One constant on the arrays that are wrong, if some are right."""
        wrong = [x for x in self.asked if not self.part(x).right]
        if not 0 < len(wrong) < len(self.asked):
            return []
        return [fit for penalty in self.penalties for fit in self._scaled(wrong, penalty)]

    def _scaled(self, wrong: list[Variable], penalty: Array) -> Iterator[Fit]:
        """These arrays, but for the penalty, times each constant that fits them all."""
        e = self.evidence.less(penalty)
        parts = {x: e[self.slices[x]] for x in wrong}
        fitting = [
            {c for _, c in part.times(part.true[None], self.pool.constants)} for part in parts.values()
        ]
        which = " and ".join(f"d{self.pool.scene.names.letter(x, 'W')}" for x in wrong)
        for c in self.pool.constants:
            if all(c in found for found in fitting):
                row = self.evidence.true.copy()
                for x, part in parts.items():
                    row[self.slices[x]] += (c.value - 1) * part.true
                factors = {
                    x: plus((c.value - 1) * part.true.reshape(x.raw.shape)) for x, part in parts.items()
                }
                yield Fit(Hypothesis(c.on_some, wrong[0], factors, {**c.words, "which": which}), row)

    @cached_property
    def penalties(self) -> list[Array]:
        """Nothing, and what the penalty adds to the gradients: a constant of the loss itself leaves that alone."""
        penalty = self.pool.penalty[self.columns]
        return [np.zeros_like(penalty), *([penalty] if penalty.any() else [])]

    def parametric(self) -> tuple[list[Fit], int]:
        """One mistake with a number in it, solved for."""
        found, count = [], 0
        for family, all_rows in self.pool.families:
            if self.pool.time_is_up():
                break
            rows = all_rows[:, self.columns]
            fit = solved(self.evidence, family, rows, self._walked(family))
            found += [fit] if fit else []
            count += VALUES * (self.could_fit(rows) == len(rows))
        return found, count

    def _walked(self, family: Family) -> Callable[[float], Array]:
        return lambda t: self.pool.member(family, t)[self.columns]

    def late(self) -> tuple[list[Fit], int]:
        """The right computation, rounded too early."""
        hypotheses, rows = self.pool.late[0], self.pool.late[1][:, self.columns]
        accepted = np.flatnonzero(self.evidence.accepts(rows))
        return [Fit(hypotheses[i], rows[i]) for i in accepted], self.could_fit(rows)

    def combined(self) -> tuple[list[Fit], int]:
        """One wrong rule times one constant."""
        pool, e, found, count = self.pool, self.evidence, [], 0
        for penalty in self.penalties:
            rows = self.predictions - penalty
            found += [
                Fit(pool.hypotheses[i], rows[i] * c.value + penalty, c)
                for i, c in e.less(penalty).times(rows, pool.constants)
                if not pool.hypotheses[i].words.get("c")  # two constants are one, or cancel
            ]
            count += sum(self.could_fit(rows, c.value, penalty) for c in pool.constants)
        return found, count
