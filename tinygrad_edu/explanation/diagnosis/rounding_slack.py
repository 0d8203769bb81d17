"""Parameters known only as printed: how far that may carry what a hypothesis predicts.

To first order a prediction moves by the sum, over all numbers that were rounded, of its slope times half a unit. The
slopes are differences: the graph is computed again with each number moved by its half unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from itertools import islice

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Tape
from tinygrad_edu.explanation.diagnosis.graph_facts import Scene
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.reading.recompute import rerun

SECOND_ORDER = 1.05  # a twentieth more, for what is beyond the first order
Catalogue = Callable[[Scene], Iterator[Hypothesis]]


class Uncertain:
    """The scene with one number moved, for each number that is not quite known."""

    def __init__(self, scene: Scene, radii: Mapping[Variable, float], catalogue: Catalogue) -> None:
        self.scene, self.radii, self.catalogue = scene, radii, catalogue

    @cached_property
    def moved(self) -> list[tuple[Scene, dict[Variable, Variable]]]:
        """The scenes, and which tensor of theirs is which."""
        return [self._scene(x, where) for x in self.radii for where in np.ndindex(x.raw.shape)]

    def _scene(self, x: Variable, where: tuple[int, ...]) -> tuple[Scene, dict[Variable, Variable]]:
        values = x.raw.copy()
        values[where] += self.radii[x]
        copies = rerun(self.scene.tape.loss, {x: values})
        tape = Tape(copies[self.scene.tape.loss])
        return Scene(tape, self.scene.names, self.scene.lr, self.scene.given), dict(copies)

    def slack(self, asked: list[Variable], number: int | None, row: Array) -> Array:
        """How far each number of the prediction may be off; `number` is that of the hypothesis, None for the truth."""
        return SECOND_ORDER * np.sum(
            [np.abs(self._row(s, c, asked, number) - row) for s, c in self.moved], axis=0
        )

    def _row(
        self, scene: Scene, copies: dict[Variable, Variable], asked: list[Variable], number: int | None
    ) -> Array:
        changes = {}
        if number is not None:
            hypothesis = next(
                islice(self.catalogue(scene), number, None)
            )  # the same mistake in the other scene
            changes = hypothesis.differences(scene.tape)
        parts = [scene.tape.grads[copies[x]] + changes.get(copies[x], 0) for x in asked]
        return np.concatenate([np.ravel(part) for part in parts])
