"""The recorder: notes the calls that a step makes while it runs, from which a program is made."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine import grad_mode
from tinygrad_edu.engine.call_site import current_call_site
from tinygrad_edu.engine.graph import ACCUMULATE, READ
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.plan.recording import Call, Recording, Slot, memory_of, result_slot
from tinygrad_edu.tensor.draws import SEED
from tinygrad_edu.tensor.tensor import Tensor


class Recorder:
    """A watcher that turns what it sees into a `Recording`.

    What is made in the step beside its operations (`made`) is an input of the program, and so is what is `enter`ed.
    """

    def __init__(self, made: dict[int, Tensor]) -> None:
        self.made = made
        self.recording = Recording()
        self._slots: dict[int, Slot] = {}  # of Tensors, by id: each slot keeps its Tensor alive
        self._owners: dict[int, Slot] = {}  # the first state met in some memory: others there are views of it

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
            made = list(self.made).index(id(x)) if id(x) in self.made else None
            self._slots[id(x)] = Slot("input", x.raw, x, place=place, made=made)

    def rename(self, result: Tensor, x: Tensor) -> None:
        """Note that `x` stands for `result` from now on."""
        if (slot := self._slots.pop(id(result), None)) is not None:
            slot.tensor = x
            self._slots[id(x)] = slot

    def knows(self, x: Any) -> bool:
        """True for a Tensor that took part."""
        return id(x) in self._slots

    def slot(self, x: Tensor) -> Slot:
        """The slot of a Tensor that took part."""
        return self._slots[id(x)]

    def _operation(
        self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any], result: Any
    ) -> None:
        arguments = tuple(self._argument(x) for x in inputs)
        if operation.common is not None:
            with grad_mode.no_grad():
                parts = operation.common(*inputs, **settings)
            arguments += (tuple(map(self._slot, parts)) if isinstance(parts, tuple) else self._slot(parts),)
        slot = self._slots[id(result)] = result_slot(result, arguments)
        self._add(operation, arguments, settings, slot)

    def _add(
        self, operation: Operation, arguments: tuple[Any, ...], settings: dict[str, Any], result: Slot
    ) -> None:
        call = Call(operation, arguments, settings, result, current_call_site())
        call.versions = tuple(slot.root.version for slot in call.slots())
        self.recording.calls.append(call)

    def _argument(self, x: Any) -> Any:
        return self._slot(x) if isinstance(x, Tensor) else x

    def _slot(self, x: Tensor) -> Slot:
        if id(x) not in self._slots:
            if id(x) in self.made:  # by the library itself: the momentum of a first step, say
                self.enter(x, x.raw.copy())
                return self._slots[id(x)]
            slot = self._slots[id(x)] = Slot("state", x.raw, x)
            *_, owner = memory_of(x.raw)
            if self._owners.setdefault(id(owner), slot) is not slot:
                slot.view_of = self._owners[id(owner)]
        return self._slots[id(x)]
