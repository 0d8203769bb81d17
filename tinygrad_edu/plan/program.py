"""From the calls of a step to a program of NumPy calls with a fixed place for every array.

A call writes where the last reader of the place has finished; views of what stays in place are made once.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.hyperparameter import Hyperparameter
from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.plan.cache_blocking import pieces, sweep_from, sweep_text
from tinygrad_edu.plan.compiled import compiled
from tinygrad_edu.plan.optimize import resolved, simplified, slots_in
from tinygrad_edu.plan.recording import Call, Recording, Slot
from tinygrad_edu.text.identifiers import can_be_called

# What may write over one of its inputs: it reads none of them any more once it writes.
_MAY_OVERWRITE = frozenset(op for op in OPERATIONS.values() if isinstance(op, Elementwise))


def _layout(array: np.ndarray) -> tuple[Any, ...]:
    """What two arrays must share for NumPy to add their numbers up in the same order."""
    return array.shape, array.strides, array.dtype


class Program:
    """The calls with places for their arrays, as one Python function: `run(inputs)`, of what the step is given.

    It returns the arrays that the step returned, and leaves the gradients where the step does. With `copies` what it
    returns is in memory of its own in every run.
    """

    def __init__(self, recording: Recording, copies: bool = False) -> None:
        self.calls, self.stands_for = simplified(recording)
        self.recording = recording
        self.place: dict[Slot, np.ndarray] = {}  # of every slot whose array stays where it is
        self._names: dict[Slot, str] = {}
        self._namespace: dict[str, Any] = {"asarray": np.asarray, "copyto": np.copyto, "copied": np.array}
        self._free: dict[tuple[Any, ...], list[np.ndarray]] = {}
        self._last = self._last_uses()
        results = recording.results()
        self._fresh = self._computed_anew(results) if copies else frozenset()
        self._overwritten = {call.result.root for call in self.calls if call.operation is ASSIGN}
        self._written_already: set[int] = set()
        self._refreshed: dict[str, str] = {}  # 0-d arrays of settings, and the code that reads them anew
        lines = self._all_lines()
        entered = [
            f"{self._name(slot)}[...] = inputs[{i}]" for i, slot in zip(recording.positions, recording.inputs)
        ]
        left = [
            f"{self._kept(tensor)}._grad = {self._returned(slot, copies)}"
            for tensor, slot in recording.gradients
        ]
        left += [f"{self._kept(tensor)}._grad = None" for tensor in recording.cleared]
        left += [
            f"if (x := {self._kept(leaf)})._grad is {self._kept(promise)}: x._grad = {self._returned(slot, copies)}"
            for leaf, promise, slot in recording.promised
        ]
        returned = "".join(f"{self._returned(slot, copies)}, " for slot in slots_in(recording.result))
        lines = [*entered, *self._refreshed.values(), *lines, *left, f"return ({returned})"]
        self.text = "def run(inputs):\n" + "".join(f"    {line}\n" for line in lines)
        self.run = compiled("run", self.text, self._namespace)

    def _outcome(self, slot: Slot) -> str:
        return self._name(resolved(slot, self.stands_for))

    def _computed_anew(self, slots: list[Slot]) -> frozenset[Slot]:
        """Those of the results that every run may compute into an array of its own."""
        results = {resolved(slot, self.stands_for) for slot in slots}
        overwritten = {call.result.root for call in self.calls if call.operation is ASSIGN}
        return frozenset(x for x in results if x.kind == "result" and x.root is x and x not in overwritten)

    def _returned(self, slot: Slot, copies: bool) -> str:
        name, resolved_slot = self._outcome(slot), resolved(slot, self.stands_for)
        return (
            f"copied({name})"
            if copies and (resolved_slot not in self._fresh or resolved_slot in self.place)
            else name
        )

    def _last_uses(self) -> dict[Slot, int]:
        """After which call the memory of a slot may be used again; what outlives the step never."""
        last: dict[Slot, int] = {}
        for number, call in enumerate(self.calls):
            for slot in (*call.slots(), call.result):
                last[slot.root] = number
        last.update(
            {resolved(slot, self.stands_for).root: len(self.calls) for slot in self.recording.results()}
        )
        return last

    def _all_lines(self) -> list[str]:
        lines: list[str] = []
        number = 0
        while number < len(self.calls):
            sweep = sweep_from(number, self.calls, self._fixed)
            lines += [self._swept(sweep)] if sweep else self._lines(number, self.calls[number])
            number = sweep.stop if sweep else number + 1
        return lines

    def _swept(self, sweep: range) -> str:
        """One line for calls that are done together, piece by piece; what only they need has no place of its own."""
        calls = [self.calls[number] for number in sweep]
        made = [call.result for call in calls if call.operation is not ASSIGN]
        passing = {slot for slot in made if self._last[slot] in sweep}
        lines = [line for number, call in zip(sweep, calls) for line in self._lines(number, call, swept=True)]
        slots = {self._name(slot): slot for call in calls for slot in (*call.slots(), call.result)}
        places = {name: self.place[slot] for name, slot in slots.items() if self.place[slot].ndim}
        kept = {id(self.place[slot]) for slot in slots.values() if slot not in passing}
        cut = pieces(list(places.values()), [id(array) in kept for array in places.values()])
        name = f"sweep{sweep.start}"
        scope = {key: thing for key, thing in self._namespace.items() if key not in places}
        self._namespace[name] = compiled("sweep", sweep_text(list(places), lines), {**scope, "pieces": cut})
        return f"{name}()"

    def _lines(self, number: int, call: Call, swept: bool = False) -> list[str]:
        """The code of a call: none for a view of what stays in place, one line for the rest."""
        result, written = call.result, ""
        if number in self._written_already:
            pass
        elif call.operation is ASSIGN:
            written = f"copyto({self._written(call.arguments[0])}, {self._written(call.arguments[1])})"
        elif self._stays(call):
            self.place[result] = call.operation.forward(
                *[self._fixed(x) if isinstance(x, Slot) else x for x in call.arguments], **call.settings
            )
        elif call.takes_out() and (result not in self._fresh or swept):
            expression = self._called(call)
            target = self._overwrites(number)
            if target is not None:
                self.place[result] = self.place[target]
                self._last[result] = -1  # this place is never free
                self._written_already.add(number + 1)
            else:
                self.place[result] = self._array_for(number, call)
            written = f"{expression[:-1]}, out={self._name(result)})"
        else:
            expression = self._called(call)
            if result.root in self._overwritten:  # a scalar, as a single number may come, cannot be
                expression = f"asarray({expression})"
            written = f"{self._name(result)} = {expression}"
        self._release(number, call)
        return [written] if written else []

    def _stays(self, call: Call) -> bool:
        """True if the result is a view that is the same in every run: of what stays in place, at a fixed index."""
        whole, slots = call.result.view_of, [x for x in call.arguments if isinstance(x, Slot)]
        return whole is not None and len(slots) == 1 and self._fixed(whole) is not None

    def _overwrites(self, number: int) -> Slot | None:
        """What the result of an elementwise call is written into by the next call, its only reader; or None."""
        call, follower = self.calls[number], self.calls[number + 1] if number + 1 < len(self.calls) else None
        if follower is None or follower.operation is not ASSIGN or call.operation not in _MAY_OVERWRITE:
            return None
        target, value = follower.arguments
        alone = value is call.result and self._last[call.result] == number + 1
        alike = (
            alone
            and target.example.shape == value.example.shape
            and target.example.dtype == value.example.dtype
        )
        return target if alone and alike and self._fixed(target) is not None else None

    def _array_for(self, number: int, call: Call) -> np.ndarray:
        """Where a call writes: over a dying input of the same kind, else a free place, else a new one."""
        like = call.result.example
        if call.operation in _MAY_OVERWRITE:
            for x in call.slots():
                same = _layout(x.example) == _layout(like)
                mine = x.kind == "result" and x.view_of is None and x in self.place
                if same and mine and self._last[x] == number:
                    self._last[x] = -1  # not free, but handed on
                    return self.place[x]
        free = self._free.get(_layout(like))
        return free.pop() if free else np.empty_like(like)

    def _release(self, number: int, call: Call) -> None:
        for slot in {slot.root for slot in (*call.slots(), call.result)}:
            if slot.kind == "result" and self._last[slot] == number and slot in self.place:
                array = self.place[slot]
                self._free.setdefault(_layout(array), []).append(array)
                self._last[slot] = -1

    def _fixed(self, slot: Slot) -> np.ndarray | None:
        if slot not in self.place and slot.kind != "result":
            self.place[slot] = slot.tensor.raw if slot.place is None else slot.place
        return self.place.get(slot)

    def _name(self, slot: Slot) -> str:
        if slot not in self._names:
            self._names[slot] = f"{slot.kind[0]}{len(self._names)}"
        name = self._names[slot]
        if self._fixed(slot) is not None:
            self._namespace[name] = self.place[slot]
        return name

    def _called(self, call: Call) -> str:
        function, forward = call.operation.name, call.operation.forward
        if not can_be_called(function) or self._namespace.setdefault(function, forward) is not forward:
            function = self._kept(forward)
        arguments = [self._number(x, call) or self._written(x) for x in call.arguments]
        arguments += [f"{key}={self._written(value)}" for key, value in call.settings.items()]
        return f"{function}({', '.join(arguments)})"

    def _number(self, x: Any, call: Call) -> str | None:
        """A plain number of a ufunc as an array of the other input's dtype, which NumPy takes in half the time."""
        slots = call.slots()
        if not isinstance(x, int | float) or not isinstance(call.operation.forward, np.ufunc) or not slots:
            return None
        dtype = slots[0].example.dtype
        if dtype.kind != "f" or dtype != call.result.example.dtype:
            return None
        if not isinstance(x, Hyperparameter):
            return self._kept(np.array(x, dtype))
        known = f"{id(x.owner)}{x.place}{dtype}"
        if known not in self._refreshed:
            name = self._kept(np.array(x, dtype))
            self._refreshed[known] = f"{name}[...] = {self._written(x)}"
        return self._refreshed[known].partition("[")[0]

    def _written(self, x: Any) -> str:
        if isinstance(x, Slot):
            return self._name(x)
        if isinstance(x, Hyperparameter):
            return f"{self._kept(x.owner)}{x.place}"
        if isinstance(x, tuple) and any(isinstance(y, Slot) for y in x):
            return f"({', '.join(map(self._written, x))},)"
        if x is None or isinstance(x, bool | int | str) or (isinstance(x, float) and np.isfinite(x)):
            return repr(x)
        return self._kept(x)

    def _kept(self, thing: Any) -> str:
        name = f"k{len(self._namespace)}"
        self._namespace[name] = thing
        return name
