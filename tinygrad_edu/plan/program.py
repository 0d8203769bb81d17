"""From the calls of a step to a program: nothing twice, nothing in vain, every array in a fixed place.

`simplified` drops what is repeated, constant or unused. `Program` gives every array a place, so that a call writes
where the last reader of the place has finished, computes views once, and writes the calls down as Python.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from tinygrad_edu.creation import DRAW
from tinygrad_edu.graph import ASSIGN, DETACH
from tinygrad_edu.operation import Operation, Setting
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.plan.record import Call, Recording, Slot


def simplified(recording: Recording) -> tuple[list[Call], dict[Slot, Slot]]:
    """The calls that matter, in order; and for each slot that is not computed, the one that stands for it."""
    stands_for: dict[Slot, Slot] = {}
    seen: dict[Hashable, Slot] = {}
    calls = []
    for call in recording.calls:
        call.arguments = tuple(_resolved(x, stands_for) for x in call.arguments)
        call.result.view_of = _resolved(call.result.view_of, stands_for)
        if call.operation is DETACH:
            stands_for[call.result] = call.arguments[0]
        elif call.operation in (ASSIGN, DRAW):
            calls.append(call)
        elif call.arguments and all(map(_is_constant, call.arguments)):
            call.result.kind = "constant"
        elif (key := _key(call)) is not None and key in seen:
            stands_for[call.result] = seen[key]
        else:
            if key is not None:
                seen[key] = call.result
            calls.append(call)
    return _needed(calls, recording, stands_for), stands_for


def _resolved(x: Any, stands_for: dict[Slot, Slot]) -> Any:
    if isinstance(x, tuple):
        return tuple(_resolved(y, stands_for) for y in x)
    return stands_for.get(x, x) if isinstance(x, Slot) else x


def _is_constant(x: Any) -> bool:
    if isinstance(x, tuple):
        return all(map(_is_constant, x))
    if isinstance(x, Slot):
        return x.kind == "constant" or (x.kind == "state" and not x.example.flags.writeable)
    return not isinstance(x, Setting)


def _key(call: Call) -> Hashable | None:
    """What two calls must share to have the same result; None if that cannot be said."""
    parts = tuple(
        (x.owner is not None, id(x.owner), x.key) if isinstance(x, Setting) else x for x in call.arguments
    )
    key = (
        call.operation,
        tuple(map(type, parts)),
        parts,
        call.versions,
        tuple(sorted(call.settings.items())),
    )
    try:
        hash(key)
    except TypeError:  # an index array among the settings
        return None
    return key


def _needed(calls: list[Call], recording: Recording, stands_for: dict[Slot, Slot]) -> list[Call]:
    wanted = {_resolved(slot, stands_for) for _, slot in recording.gradients}
    wanted |= {_resolved(slot, stands_for) for slot in slots_in(recording.result)}
    kept = []
    for call in reversed(calls):
        if call.operation in (ASSIGN, DRAW) or call.result in wanted:
            wanted.update(call.slots())
            kept.append(call)
    return kept[::-1]


def slots_in(tree: Any) -> list[Slot]:
    """The slots in what a step returned."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, list | tuple):
        return [slot for item in tree for slot in slots_in(item)]
    return [tree] if isinstance(tree, Slot) else []


def takes_out(operation: Operation) -> bool:
    """Whether its forward function can write into a given array."""
    forward = operation.forward
    return isinstance(forward, np.ufunc) or "out" in inspect.signature(forward).parameters


class Program:
    """The calls with places for their arrays, as one Python function without arguments: `run()`."""

    def __init__(self, recording: Recording) -> None:
        self.calls, self.stands_for = simplified(recording)
        self.recording = recording
        self.place: dict[Slot, np.ndarray] = {}  # of every slot whose array stays where it is
        self._names: dict[Slot, str] = {}
        self._namespace: dict[str, Any] = {"copyto": np.copyto}
        self._free: dict[tuple[Any, ...], list[np.ndarray]] = {}
        self._last = self._last_uses()
        lines = [line for number, call in enumerate(self.calls) for line in self._lines(number, call)]
        outputs = [*slots_in(recording.result), *(slot for _, slot in recording.gradients)]
        self.outputs = [_resolved(slot, self.stands_for) for slot in outputs]
        returned = ", ".join(map(self._name, self.outputs)) + ","
        self.text = "def run():\n" + "".join(f"    {line}\n" for line in lines) + f"    return ({returned})\n"
        exec(compile(self.text, "<plan>", "exec"), self._namespace)
        self.run: Callable[[], tuple[Any, ...]] = self._namespace["run"]

    def _last_uses(self) -> dict[Slot, int]:
        """After which call the memory of a slot may be used again; what outlives the step never."""
        last: dict[Slot, int] = {}
        for number, call in enumerate(self.calls):
            for slot in (*call.slots(), call.result):
                last[slot.root] = number
        kept = [*slots_in(self.recording.result), *(slot for _, slot in self.recording.gradients)]
        last.update({_resolved(slot, self.stands_for).root: len(self.calls) for slot in kept})
        return last

    def _lines(self, number: int, call: Call) -> list[str]:
        """The code of a call: none for a view of what stays in place, one line for the rest."""
        result, written = call.result, ""
        if call.operation is ASSIGN:
            written = f"copyto({self._written(call.arguments[0])}, {self._written(call.arguments[1])})"
        elif result.view_of is not None and self._fixed(result.view_of) is not None:
            self.place[result] = call.operation.forward(
                *[self._fixed(x) if isinstance(x, Slot) else x for x in call.arguments], **call.settings
            )
        elif takes_out(call.operation) and call.operation is not DRAW:
            expression = self._called(call)
            self.place[result] = self._array_for(number, call)
            written = f"{expression[:-1]}, out={self._name(result)})"
        else:
            expression = self._called(call)
            written = f"{self._name(result)} = {expression}"
        self._release(number, call)
        return [f"{written}  # {call.line}"] if written else []

    def _array_for(self, number: int, call: Call) -> np.ndarray:
        """Where a call writes: over a dying input of the same kind, else a free place, else a new one."""
        like = call.result.example
        if isinstance(call.operation, Elementwise):
            for x in call.slots():
                same = x.example.shape == like.shape and x.example.dtype == like.dtype
                mine = x.kind == "result" and x.view_of is None and x in self.place
                if same and mine and self._last[x] == number:
                    self._last[x] = -1  # not free, but handed on
                    return self.place[x]
        free = self._free.get((like.shape, like.dtype))
        return free.pop() if free else np.empty(like.shape, like.dtype)

    def _release(self, number: int, call: Call) -> None:
        for slot in {slot.root for slot in (*call.slots(), call.result)}:
            if slot.kind == "result" and self._last[slot] == number and slot in self.place:
                array = self.place[slot]
                self._free.setdefault((array.shape, array.dtype), []).append(array)
                self._last[slot] = -1

    def _fixed(self, slot: Slot) -> np.ndarray | None:
        if slot not in self.place and slot.kind != "result":
            self.place[slot] = slot.tensor.raw
        return self.place.get(slot)

    def _name(self, slot: Slot) -> str:
        if slot not in self._names:
            self._names[slot] = f"{slot.kind[0]}{len(self._names)}"
        name = self._names[slot]
        if self._fixed(slot) is not None:
            self._namespace[name] = self.place[slot]
        return name

    def _called(self, call: Call) -> str:
        function = call.operation.name
        self._namespace.setdefault(function, call.operation.forward)
        if self._namespace[function] is not call.operation.forward:  # two operations of one name
            function = self._kept(call.operation.forward)
        arguments = [self._written(x) for x in call.arguments]
        arguments += [f"{key}={self._written(value)}" for key, value in call.settings.items()]
        return f"{function}({', '.join(arguments)})"

    def _written(self, x: Any) -> str:
        if isinstance(x, Slot):
            return self._name(x)
        if isinstance(x, Setting):
            return f"{self._kept(x.owner)}[{x.key!r}]"
        if isinstance(x, tuple) and any(isinstance(y, Slot) for y in x):
            return f"({', '.join(map(self._written, x))},)"
        if x is None or isinstance(x, bool | int | str) or (isinstance(x, float) and np.isfinite(x)):
            return repr(x)
        return self._kept(x)

    def _kept(self, thing: Any) -> str:
        name = f"k{len(self._namespace)}"
        self._namespace[name] = thing
        return name
