"""Some gradients as handed in: which of the hypotheses fit them, the simplest first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from tinygrad_edu.diagnosis.judging import Evidence, Fit, settled
from tinygrad_edu.diagnosis.mistakes.constants import Constant
from tinygrad_edu.diagnosis.mistakes.families import Family
from tinygrad_edu.diagnosis.mistakes.row import Hypothesis
from tinygrad_edu.diagnosis.pool import Pool
from tinygrad_edu.diagnosis.replay import Array, Correction, scaled
from tinygrad_edu.graph import Variable

MOST_STEPS = 8
FEWEST = 4  # numbers with digits enough, for a mistake with a number in it
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
        e, own = self.evidence, self.slices[x]
        return Evidence(e.numbers[own], e.true[own], e.tolerance[own])

    @cached_property
    def predictions(self) -> Array:
        """What the hypotheses say of these arrays."""
        return self.pool.predictions[:, self.columns]

    def fits(self) -> tuple[list[Fit], int]:
        """The simplest explanations that fit, and how many were tried until they were found."""
        tried = 0
        for tier in (self.single, self.parametric, self.late, self.combined):
            found, count = tier()
            tried += count
            if found:
                return settled(found), tried
        return [], tried

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
        return found, len(pool.hypotheses) + len(pool.constants)

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
        parts = {x: self.part(x) for x in self.asked}
        wrong = [x for x, part in parts.items() if not part.right]
        if not 0 < len(wrong) < len(self.asked):
            return []
        common = [{c for _, c in parts[x].times(parts[x].true[None], self.pool.constants)} for x in wrong]
        return [self._scaled(c, wrong) for c in self.pool.constants if all(c in found for found in common)]

    def _scaled(self, c: Constant, wrong: list[Variable]) -> Fit:
        names = self.pool.scene.names
        which = " and ".join(f"d{names.letter(x, 'W')}" for x in wrong)
        factors: dict[Variable, Correction] = {x: scaled(c.value) for x in wrong}
        parts = [self.part(x).true * (c.value if x in factors else 1) for x in self.asked]
        return Fit(
            Hypothesis(c.on_some, wrong[0], factors, {**c.words, "which": which}), np.concatenate(parts)
        )

    def parametric(self) -> tuple[list[Fit], int]:
        """One mistake with a number in it, solved for."""
        found = []
        for family, rows in self.pool.families:
            fit = self._solved(family, rows[:, self.columns])
            found += [fit] if fit else []
        return found, 100 * len(self.pool.families)

    def _solved(self, family: Family, rows: Array) -> Fit | None:
        """The member that fits, by secants from the best start; None if there is none."""
        e = self.evidence
        if not np.isfinite(rows).all() or e.large < FEWEST:
            return None
        misses = np.abs((rows - e.numbers) / e.tolerance).max(axis=1)
        best = int(np.argmin(misses))
        other = best - 1 if best else 1
        t, u, row, second = family.starts[best], family.starts[other], rows[best], rows[other]
        low, high = t, t
        for _ in range(MOST_STEPS):
            low, high = _allowed(e, row, (second - row) / (u - t))
            if e.accepts(row) or not np.isfinite(low + high):
                break
            u, second = t, row
            t += float(np.clip((low + high) / 2, -2, 2)) if family.logarithmic else (low + high) / 2
            row = self._member(family, rows, t)
            if t == u or not np.isfinite(row).all():
                break
        return self._meant(family, rows, t, low, high) if e.accepts(row) else None

    def _member(self, family: Family, rows: Array, t: float) -> Array:
        """What comes of one value of the parameter; `rows` are those of the starts."""
        if not family.linear:
            return self.pool.member(family, t)[self.columns]
        (t0, t1), (first, second) = family.starts[:2], rows[:2]
        return first + (t - t0) / (t1 - t0) * (second - first)

    def _meant(self, family: Family, rows: Array, t: float, low: float, high: float) -> Fit | None:
        """The roundest value that fits, between t + low and t + high."""
        for digits in (1, 2, 3, 17):
            chosen = family.rounded(t + (low + high) / 2 if digits < 17 else t, digits)
            row = self._member(family, rows, chosen)
            if self.evidence.accepts(row):
                return Fit(family.member(chosen), row) if family.sensible(chosen, (high - low) / 2) else None
        return None

    def late(self) -> tuple[list[Fit], int]:
        """The right computation, rounded too early."""
        hypotheses, rows = self.pool.late
        accepted = np.flatnonzero(self.evidence.accepts(rows[:, self.columns]))
        return [Fit(hypotheses[i], rows[i, self.columns]) for i in accepted], len(hypotheses)

    def combined(self) -> tuple[list[Fit], int]:
        """One wrong rule times one constant."""
        pool, e, found = self.pool, self.evidence, []
        penalties = [np.zeros_like(e.true)]
        if pool.penalty[self.columns].any():
            penalties.append(pool.penalty[self.columns])  # which a constant of the loss itself leaves alone
        for penalty in penalties:
            found += [
                Fit(pool.hypotheses[i], (self.predictions[i] - penalty) * c.value + penalty, c)
                for i, c in e.less(penalty).times(self.predictions - penalty, pool.constants)
                if not pool.hypotheses[i].words.get("c")  # two constants are one, or cancel
            ]
        return found, len(pool.hypotheses) * len(pool.constants) * len(penalties)


def _allowed(e: Evidence, row: Array, slope: Array) -> tuple[float, float]:
    """How much the parameter may go down and up, if the numbers change by `slope`; crossed if nothing fits."""
    moving = np.abs(slope) > 1e-12 * np.abs(slope).max(initial=0)
    if not moving.any():
        return np.nan, np.nan
    centre = (e.numbers - row)[moving] / slope[moving]
    reach = np.abs(e.tolerance[moving] / slope[moving])
    return float((centre - reach).max()), float((centre + reach).min())
