"""The values of a call that is recorded: each new one gets a number, and what may be another next time is free."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.graph import CREATE
from tinygrad_edu.engine.hyperparameter import Hyperparameter
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.plan.follow.call_state import CallState
from tinygrad_edu.plan.follow.values import Info, Kind, info_of
from tinygrad_edu.plan.pytree import flat
from tinygrad_edu.plan.record import Recorder
from tinygrad_edu.tensor.draws import DRAW, SEED
from tinygrad_edu.tensor.tensor import Tensor


class NumberedValues(CallState):
    """The part of a follower that gives values their numbers."""

    def __init__(self) -> None:
        super().__init__()
        self._arguments: Any = ()
        self._created: list[Any] = []  # in this call, beside its operations
        self._made: dict[int, Tensor] = {}  # the same while recording, by id; the step's own arguments, too
        self._sources: dict[int, Any] = {}  # where some of these come from: see `Info.source`
        self.drawn: list[Any] = []  # the generators that numbers came from, and SEED where one was set
        self._shadows: list[Any] = []  # while recording: what happened at this place in earlier calls

    def note(
        self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any], result: Any
    ) -> None:
        """One operation that is computed."""
        if operation is DRAW or operation is SEED:
            self.drawn.append(SEED if operation is SEED else settings["draw"].given)
        if operation is CREATE or operation is DRAW:
            self._created.append((operation, inputs, settings, result))
            if self._recorder is not None:
                self._note_created(operation, inputs, settings, result)
        elif self._recorder is not None:
            self._recorder.note(operation, inputs, settings, result)

    def _note_created(self, operation: Operation, inputs: Any, settings: Any, result: Any) -> None:
        self._made[id(result)] = result
        if operation is DRAW:
            self._sources[id(result)] = inputs, settings, [self._sources.get(id(x)) for x in inputs]
        elif inputs and id(inputs[0]) in self._sources and _is_copy(result, inputs[0]):
            self._sources[id(result)] = self._sources[id(inputs[0])]

    def _record(self) -> None:
        for i, x in enumerate(flat(*self._arguments)):
            if isinstance(x, Tensor):
                self._made[id(x)] = x
            if isinstance(x, Tensor | np.ndarray):
                self._sources[id(x)] = i
        for created in self._created:
            self._note_created(*created)
        self._recorder = Recorder(self._made)
        self._numbers = {id(x): n for n, x in enumerate(self.values) if isinstance(x, Tensor)}

    def _noted(self, info: Info, x: Any) -> Info:
        if info.kind is Kind.TENSOR:
            self.taken[id(x)] = info.number
        info.source = self._sources.get(id(x)) if info.kind in (Kind.TENSOR, Kind.ARRAY) else None
        self.values[info.number] = x
        if isinstance(x, Tensor):
            self._numbers[id(x)] = info.number
        return info

    def _next_shadow(self, kind: type, operation: Any = None, count: int = 0) -> Any:
        """What happened here in an earlier call, if it was alike."""
        before = self._shadows
        for shadow in reversed(before):
            alike = shadow.operation is operation and shadow.__class__ is kind
            if alike and (not count or len(shadow.inputs) == count):
                self._shadows = shadow.successors
                return shadow
        self._shadows = before[-1].successors if before else []
        return None

    def _number(self, x: Any, shadow: Any, position: int, *beside: Any) -> int:
        """The number of an input of an event."""
        before = None if shadow is None else self.infos[shadow.inputs[position]]
        if isinstance(x, Tensor):
            if id(x) in self._numbers:
                return self._numbers[id(x)]
            if id(x) in self.taken:  # by an event that did not fit
                return self._noted(self.infos[self.taken[id(x)]], x).number
            return self._noted(self._tensor_info(x, before), x).number
        if isinstance(x, np.ndarray):
            return self._noted(info_of(Kind.ARRAY, self, x), x).number
        x = float(x) if isinstance(x, Hyperparameter) else x.item() if isinstance(x, np.generic) else x
        changed = before is not None and before.kind in (Kind.LITERAL, Kind.NUMBER)
        dtype = next((y.dtype for y in beside if isinstance(y, Tensor) and y.dtype.kind == "f"), None)
        if changed and dtype is not None and x.__class__ in (float, int):
            return self._noted(info_of(Kind.NUMBER, self, np.asarray(x, dtype)), x).number
        return self._noted(info_of(Kind.LITERAL, self, None, x), x).number

    def _tensor_info(self, x: Any, before: Info | None) -> Info:
        another = before is not None and before.kind in (Kind.FIXED, Kind.TENSOR)
        if (another or id(x) in self._made) and x.operation is None:
            return info_of(Kind.TENSOR, self, x.raw, x)
        info = self._fixed[id(x)] = info_of(Kind.FIXED, self, x.raw, x)
        return info

    def _sharing(self, target: Tensor) -> list[int]:
        """The numbers of Tensors from outside that are overwritten with `target`."""
        recorder = self._recorder
        assert recorder is not None
        root = recorder.slot(target).root
        return [
            n
            for n, x in enumerate(self.values)
            if isinstance(x, Tensor) and recorder.knows(x) and self._is_outside(x, root)
        ]

    def _is_outside(self, x: Tensor, root: Any) -> bool:
        assert self._recorder is not None
        slot = self._recorder.slot(x)
        return slot.kind != "result" and slot.root is root


def _is_copy(x: Tensor, data: Any) -> bool:
    return x.raw.shape == data.shape and x.raw.dtype == data.dtype
