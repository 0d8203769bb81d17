"""All that a graph allows to be done wrong, computed once and compared with as many submissions as there are."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis import mistakes
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, Grads, Tape, replaced
from tinygrad_edu.explanation.diagnosis.graph_facts import Scene
from tinygrad_edu.explanation.diagnosis.mistakes.constants import named
from tinygrad_edu.explanation.diagnosis.mistakes.families import Family, families
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis
from tinygrad_edu.explanation.diagnosis.rounding_slack import Uncertain
from tinygrad_edu.reading.nodes import Array

TINY = 1e-13  # relative: a hypothesis that changes less changes nothing


class Pool:
    """Every hypothesis that changes one of the asked gradients, and what they would be, one a row."""

    def __init__(
        self,
        scene: Scene,
        asked: Sequence[Variable],
        time_limit: float | None = None,
        radii: Mapping[Variable, float] | None = None,
    ) -> None:
        self.scene = scene
        self.asked = list(asked)
        ends = np.cumsum([x.raw.size for x in asked])
        self.columns = {x: np.arange(end - x.raw.size, end) for x, end in zip(asked, ends)}
        self.true = self.row({})
        self.constants = named(scene)
        self.penalty = np.concatenate([np.ravel(scene.penalty(x)) for x in asked])
        self.time_limit, self.untried = time_limit, False
        self.uncertain = Uncertain(scene, radii, mistakes.catalogue) if radii else None
        self.numbers: dict[Hypothesis, int] = {}  # in the order of the catalogue

    @cached_property
    def _known(self) -> tuple[list[Hypothesis], Array]:
        return self.computed(mistakes.catalogue(self.scene))

    @property
    def hypotheses(self) -> list[Hypothesis]:
        """Every hypothesis that changes something."""
        return self._known[0]

    @property
    def predictions(self) -> Array:
        """What comes of them."""
        return self._known[1]

    @cached_property
    def _started(self) -> float:
        return time.monotonic()

    def time_is_up(self) -> bool:
        """Whether no more may be tried; the time runs from when this is asked first."""
        if self.time_limit is not None and time.monotonic() > self._started + self.time_limit:
            self.untried = True
        return self.untried

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
            for number, hypothesis in enumerate(hypotheses):
                if self.time_is_up():
                    break
                row = self.row(hypothesis.differences(self.scene.tape))
                known = row[~np.isnan(row)] if hypothesis.mistake.partial else row
                if np.isfinite(known).all() and np.nanmax(np.abs(row - self.true), initial=0) > least:
                    kept.append(hypothesis)
                    self.numbers[hypothesis] = number
                    rows.append(row)
        return kept, np.array(rows).reshape(len(rows), len(self.true))

    def slack(self, hypothesis: Hypothesis | None, row: Array) -> Array:
        """How far a prediction may be off, as some parameters are known only as printed."""
        if self.uncertain is None:
            return np.zeros_like(row)
        return self.uncertain.slack(self.asked, None if hypothesis is None else self.numbers[hypothesis], row)

    @cached_property
    def spread(self) -> Array:
        """How far the true gradients may be off."""
        return self.slack(None, self.true)

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
            if not self.time_is_up()
        ]

    def member(self, family: Family, t: float) -> Array:
        """What comes of one value of the parameter."""
        with np.errstate(all="ignore"):
            return self.row(family.member(t).differences(self.scene.tape))


def given_that(scene: Scene, own: Mapping[Variable, Array]) -> Scene:
    """The same scene, if the gradients of these inner tensors were what the student has."""
    base: dict[Variable, Correction] = {x: replaced(array) for x, array in own.items()}
    tape = Tape(scene.tape.loss, {**scene.tape.base, **base})
    return Scene(tape, scene.names, scene.lr, scene.given)
