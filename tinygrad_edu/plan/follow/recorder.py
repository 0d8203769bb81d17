"""The recorder of a followed step: the calls of its program, in which whatever is made outside of them is an input."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import ACCUMULATE, READ
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.plan.record import Recorder
from tinygrad_edu.plan.recording import Slot
from tinygrad_edu.tensor.draws import SEED
from tinygrad_edu.tensor.tensor import Tensor


class FollowRecorder(Recorder):
    """A watcher of one call of a step. The step's Python runs in every call: numbers that it reads or draws may change."""

    def __init__(self, made: dict[int, Tensor]) -> None:
        super().__init__(())
        self.made = made  # in the step, beside its operations

    def note(
        self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any], result: Any
    ) -> None:
        """One operation, as `grad_mode.watch` tells it."""
        if operation is ASSIGN:
            target = self._slot(inputs[0])
            self._add(ASSIGN, (target, self._argument(inputs[1])), settings, target)
            target.root.version += 1
        elif operation not in (READ, ACCUMULATE, SEED):
            self._operation(operation, inputs, settings, result)

    def enter(self, x: Tensor, place: np.ndarray) -> None:
        """Note that the numbers of `x` will be found in `place`."""
        if id(x) not in self._slots:
            slot = self._slots[id(x)] = Slot("input", x.raw, x)
            slot.place = place

    def rename(self, result: Tensor, x: Tensor) -> None:
        """Note that `x` stands for `result` from now on."""
        if (slot := self._slots.pop(id(result), None)) is not None:
            slot.tensor = x
            self._slots[id(x)] = slot

    def slot(self, x: Tensor) -> Slot:
        """The slot of a Tensor that took part."""
        return self._slots[id(x)]

    def knows(self, x: Tensor) -> bool:
        """True if the Tensor took part."""
        return id(x) in self._slots

    def _slot(self, x: Tensor) -> Slot:
        if id(x) not in self._slots and id(x) in self.made:
            self.enter(x, x.raw.copy())  # made by the library itself: the momentum of a first step, say
        return super()._slot(x)
