"""What is known in one call of a followed step: its values by number, and where it stands in the record."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.plan.follow.events import Event
from tinygrad_edu.plan.follow.graphless import stand_for
from tinygrad_edu.plan.follow.placeholder import awaiting
from tinygrad_edu.plan.follow.values import FREE, Info, Kind
from tinygrad_edu.plan.record import Recorder
from tinygrad_edu.tensor.tensor import Tensor, around, tensor


class CallState:
    """The record of all calls, and the state of the present one.

    `at`: the event that happened last. `values`: the objects of this call, by their number in the record.
    """

    active = False  # whether it is told of what happens

    def __init__(self) -> None:
        self._root = Event(None)
        self.at = self._root
        self.infos: list[Info] = []
        self._template: list[Any] = []  # of `values`, with what is always the same
        self.values: list[Any] = []
        self.passed: Any = ()  # modules followed as a whole, and gradients that were read: chained pairs
        self.taken: dict[int, int] = {}  # of free Tensors in this call, by id: where each stands
        self._fixed: dict[int, Info] = {}  # Tensors from before the step, by id: they are kept alive
        self._recorder: Recorder | None = None
        self._numbers: dict[int, int] = {}  # while recording: of Tensors, by id
        self.awaited: list[tuple[Tensor, type]] = []
        self._classes: dict[type, type] = {}  # of Tensors, and of those that wait

    def enter(self, info: Info) -> int:
        """The number of a new value."""
        self.infos.append(info)
        kept = info.object if info.kind in (Kind.FIXED, Kind.LITERAL) else None
        self._template.append(kept)
        self.values.append(kept)
        return len(self.infos) - 1

    def given(self, n: int) -> Any:
        """The value with this number, computed."""
        info, x = self.infos[n], self.values[n]
        if info.kind is Kind.ARRAY:
            x = tensor(info.place)
        elif info.kind is Kind.NUMBER and self._recorder is not None:
            x = around(info.place.copy())
        if info.kind in FREE and self._recorder is not None and isinstance(x, Tensor):
            self._recorder.enter(x, info.place)
            self._numbers[id(x)] = n
        return x

    def put(self, n: int, result: Tensor) -> None:
        """Let the placeholder with this number be `result`."""
        x = self.values[n]
        if x is None:  # inside a module that was followed as a whole
            self.values[n] = result
            self._numbers[id(result)] = n
            return
        if self._recorder is not None:
            self._recorder.rename(result, x)
            self._numbers[id(x)] = n
        stand_for(x, result)

    def reach(self, event: Event) -> None:
        """Note that this event is done."""
        self.at = event
        if self._recorder is not None:
            event.calls = len(self._recorder.recording.calls)

    def recorded(self, x: Any) -> bool:
        """True if `x` is the result of the last event of a call that is recorded."""
        return self._recorder is not None and isinstance(x, Tensor) and id(x) in self._numbers

    def number_of(self, x: Any) -> int:
        """While recording: the number of a value that took part, else -1."""
        return self._numbers.get(id(x), -1)

    def present_number(self, x: Any) -> int:
        """While nothing is computed: the number of a value that took part, else -1."""
        if "info" in x.__dict__:
            return int(x.info.number)
        fixed = self._fixed.get(id(x))
        return self.taken.get(id(x), -1) if fixed is None else fixed.number

    def enter_result(self, n: int, result: Tensor) -> None:
        """While recording: let `result` be the value with this number."""
        self.values[n] = result
        self._numbers[id(result)] = n

    # Tensors from outside that the step overwrites.

    def wait_for(self, tensors: list[Tensor]) -> None:
        """Let these wait for their new numbers: each has another class meanwhile."""
        for x, kind, waiting in self.waiting_classes(tensors):
            if x.__class__ is kind:  # not in it twice
                self.awaited.append((x, kind))
                x.__class__ = waiting

    def waiting_classes(self, tensors: list[Tensor]) -> list[tuple[Tensor, type, type]]:
        """Those that do not wait yet, with their class and that which they would have meanwhile."""
        classes, found = self._classes, []
        for x in tensors:
            kind = x.__class__
            if kind not in classes:
                if kind.awaits is not None:
                    continue
                classes[kind] = awaiting(self, kind)
            found.append((x, kind, classes[kind]))
        return found

    def release(self) -> None:
        """Let nothing wait any more."""
        for x, kind in self.awaited:
            x.__class__ = kind
        self.awaited.clear()

    def leaves_with_gradients(self) -> set[Any]:
        """Tensors from before the step that have a gradient now."""
        known = [info.object for info in self._fixed.values()]
        return {x for x in known if x.requires_grad and x._grad is not None}
