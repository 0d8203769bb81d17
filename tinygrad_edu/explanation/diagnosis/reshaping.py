"""Arrays as they were handed in, each read in the shape of its tensor if there is a way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.hypotheses import Pool
from tinygrad_edu.explanation.diagnosis.mistakes.wrong_shapes import Shaped, shapes
from tinygrad_edu.explanation.diagnosis.submission import Repair, as_numbers, readings, tolerance
from tinygrad_edu.reading.nodes import Array

SOME_UNITS = 20


class Reading:
    """These arrays, by tensor; `called` names a tensor.

    `repairs` are those that can be read, `shaped` those of a wrong shape for a known reason, `unreadable` the rest.
    """

    def __init__(
        self,
        pool: Pool,
        called: Callable[[Variable], str],
        arrays: Mapping[Variable, Any],
        digits: Mapping[Variable, int],
    ) -> None:
        self.pool, self.called = pool, called
        self.true = pool.scene.tape.grads
        self.tolerances: dict[Variable, float] = {}
        self.shapes: dict[Variable, tuple[int, ...]] = {}  # as handed in
        self.repairs: dict[Variable, Repair] = {}
        self.shaped: dict[Variable, Shaped] = {}
        self.unreadable: list[Variable] = []
        for x in pool.asked:
            if x in arrays:
                self._read(x, arrays[x], digits.get(x))

    @property
    def numbers(self) -> dict[Variable, Array]:
        """What can be read."""
        return {x: repair.array for x, repair in self.repairs.items()}

    @property
    def notes(self) -> dict[Variable, str]:
        """What is to be said of their shapes."""
        return {x: repair.note for x, repair in self.repairs.items() if repair.note}

    @property
    def harmful(self) -> list[Variable]:
        """What can be read, but is not of the right shape."""
        return [x for x, repair in self.repairs.items() if repair.note and not repair.harmless]

    @property
    def misshapen(self) -> list[Variable]:
        """Everything that is not of the right shape."""
        return [*self.harmful, *self.shaped, *self.unreadable]

    def _read(self, x: Variable, value: Any, digits: int | None) -> None:
        array = as_numbers("diagnose", self.called(x), value)
        self.shapes[x] = array.shape
        self.tolerances[x] = tolerance(array, digits, float(np.abs(self.true[x]).max()))
        found = list(readings(array, x.raw.shape, bias=x.raw.ndim == 1 or 1 in x.raw.shape))
        fitting = [r for r in found if self._fits(r, x)]
        if fitting and fitting[0].summed == 1:
            self.repairs[x] = fitting[0]
        elif array.shape != x.raw.shape and (shaped := self._shaped(x, array)):
            self.shaped[x] = shaped
        elif found:
            self.repairs[x] = (fitting or found)[0]
            self.tolerances[x] *= self.repairs[x].summed
        else:
            self.unreadable.append(x)

    def _fits(self, repair: Repair, x: Variable) -> bool:
        return bool((np.abs(repair.array - self.true[x]) <= self.tolerances[x] * repair.summed).all())

    def _shaped(self, x: Variable, array: Array) -> Shaped | None:
        """A known mistake that gives this shape and these numbers, perhaps times a constant."""
        small = np.abs(array).max(initial=0) <= SOME_UNITS * self.tolerances[x]  # no evidence for a constant
        factors = [1.0] if small else [1.0, *(c.value for c in self.pool.constants)]
        alike = (found for found in shapes(self.pool.scene, x) if found.array.shape == array.shape)
        for found in alike:
            if min(np.abs(found.times(c) - array).max() for c in factors) <= self.tolerances[x]:
                return found
        return None
