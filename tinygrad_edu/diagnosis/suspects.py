"""All that a graph allows to be done wrong, computed once and compared with as many submissions as there are."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from tinygrad_edu.diagnosis import mistakes
from tinygrad_edu.diagnosis.judging import Evidence, Fit, settled
from tinygrad_edu.diagnosis.mistakes.constants import Constant, named
from tinygrad_edu.diagnosis.mistakes.families import Family, families
from tinygrad_edu.diagnosis.mistakes.row import Hypothesis, Mistake
from tinygrad_edu.diagnosis.replay import Array, Correction, Grads, Tape, replaced, scaled
from tinygrad_edu.diagnosis.scene import Scene
from tinygrad_edu.graph import Variable

TINY = 1e-13  # relative: a hypothesis that changes less changes nothing


class Pool:
    """Every hypothesis that changes one of the asked gradients, and what they would be, one a row."""

    def __init__(self, scene: Scene, asked: Sequence[Variable], time_limit: float | None = None) -> None:
        self.scene = scene
        self.asked = list(asked)
        ends = np.cumsum([x.raw.size for x in asked])
        self.columns = {x: np.arange(end - x.raw.size, end) for x, end in zip(asked, ends)}
        self.true = self.row({})
        self.constants = named(scene)
        self.untried = False
        self.deadline = None if time_limit is None else time.monotonic() + time_limit
        self.hypotheses, self.predictions = self.computed(mistakes.catalogue(scene))

    def row(self, changes: Grads) -> Array:
        """The gradients of all that is asked, one after the other."""
        true = self.scene.tape.grads
        parts = [true[x] + changes[x] if x in changes else true[x] for x in self.asked]
        return np.concatenate([np.ravel(part) for part in parts])

    def computed(self, hypotheses: Iterable[Hypothesis]) -> tuple[list[Hypothesis], Array]:
        """The hypotheses that change something, and what comes of them, until time is up."""
        kept, rows = [], []
        least = TINY * np.abs(self.true).max(initial=0)
        with np.errstate(all="ignore"):
            for hypothesis in hypotheses:
                if self.deadline is not None and time.monotonic() > self.deadline:
                    self.untried = True
                    break
                row = self.row(hypothesis.differences(self.scene.tape))
                if np.isfinite(row).all() and np.abs(row - self.true).max(initial=0) > least:
                    kept.append(hypothesis)
                    rows.append(row)
        return kept, np.array(rows).reshape(len(rows), len(self.true))

    @cached_property
    def late(self) -> tuple[list[Hypothesis], Array]:
        """What is looked at only if nothing else fits."""
        return self.computed(mistakes.late(self.scene))

    @cached_property
    def families(self) -> list[tuple[Family, Array]]:
        """The families, and what comes of their starting points."""
        return [
            (family, np.array([self.member(family, t) for t in family.starts]))
            for family in families(self.scene)
        ]

    def member(self, family: Family, t: float) -> Array:
        """What comes of one value of the parameter."""
        with np.errstate(all="ignore"):
            return self.row(family.member(t).differences(self.scene.tape))


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
            np.concatenate([np.full(x.raw.size, tolerances[x]) for x in self.asked]),
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
        found += [
            Fit(pool.hypotheses[i], self.predictions[i]) for i in np.flatnonzero(e.accepts(self.predictions))
        ]
        found += self._on_some()
        return found, len(pool.hypotheses) + len(pool.constants)

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
        """The member that comes nearest, by secants from the best start; None unless it fits."""
        e = self.evidence
        if not np.isfinite(rows).all() or e.numbers.size < 2:
            return None
        misses = np.abs((rows - e.numbers) / e.tolerance).max(axis=1)
        best = int(np.argmin(misses))
        other = best - 1 if best else 1
        t, u, row, second = family.starts[best], family.starts[other], rows[best], rows[other]
        for _ in range(MOST_STEPS):
            slope = (second - row) / (u - t) / e.tolerance
            square = float(slope @ slope)
            if not square or not np.isfinite(square):
                return None
            step = float(slope @ ((e.numbers - row) / e.tolerance)) / square
            u, second = t, row
            t = t + float(np.clip(step, -2, 2)) if family.logarithmic else t + step
            row = self.pool.member(family, t)[self.columns]
            if e.accepts(row) or abs(step) < 1e-12 * max(abs(t), 1):
                break
        if not e.accepts(row) or not family.sensible(t, 1 / np.sqrt(square)):
            return None
        return Fit(family.member(t), row)

    def late(self) -> tuple[list[Fit], int]:
        """The right computation, rounded too early."""
        hypotheses, rows = self.pool.late
        accepted = np.flatnonzero(self.evidence.accepts(rows[:, self.columns]))
        return [Fit(hypotheses[i], rows[i, self.columns]) for i in accepted], len(hypotheses)

    def combined(self) -> tuple[list[Fit], int]:
        """One wrong rule times one constant."""
        pool = self.pool
        found = [
            Fit(pool.hypotheses[i], self.predictions[i] * c.value, c)
            for i, c in self.evidence.times(self.predictions, pool.constants)
        ]
        return found, len(pool.hypotheses) * len(pool.constants)


MOST_STEPS = 8


def given_that(scene: Scene, own: Mapping[Variable, Array]) -> Scene:
    """The same scene, if the gradients of these inner tensors were what the student has."""
    base: dict[Variable, Correction] = {x: replaced(array) for x, array in own.items()}
    tape = Tape(scene.tape.loss, {**scene.tape.base, **base})
    return Scene(tape, scene.names, scene.lr, scene.given)


__all__ = ["Mistake", "Pool", "Question", "given_that"]
