"""One run of a step, written down: its operations and backward passes in order, and what it left changed.

A name says where a number comes from: the place of its event, `("input", i)`, `("data", x)` and `("grad", x, 0)` of a
Value from outside the step, `("place", i)` for a plain number of the step, `("grad", flow, k)` after backward pass k.
A flow says where gradients go: the event of a computed Value, a Value from outside, `("made", i)` for another leaf.
"""

from __future__ import annotations

import copy
import gc
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from tinygrad_edu.engine.call_site import CallSite, current_call_site
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.plan.values.number import Number, decision
from tinygrad_edu.plan.values.refusals import refusal
from tinygrad_edu.plan.values.resident_value import leave, set_class
from tinygrad_edu.plan.values.watched_value import WatchedValue
from tinygrad_edu.scalar import Value

Name = Any


class Event(NamedTuple):
    """An operation, its inputs (names, or plain floats), and where gradients flow (None for an input without)."""

    operation: Operation
    inputs: tuple[Name, ...]
    flows: tuple[Any, ...] | None
    place: CallSite | None


class Backward(NamedTuple):
    """A backward pass from a flow; `before`: the gradients that all Values had."""

    loss: Any
    before: dict[Any, Name]


class Asked(NamedTuple):
    """An input asked for as an index when `at` events were done, its number, and the lists with Values there were."""

    name: Name
    number: int
    at: int
    lists: tuple[tuple[Any, ...], ...]  # tuples, as they would be found among the lists else


class Recording:
    """`numbers`: what there is before the step, by name. `whole`: the inputs that may be an index, as such."""

    def __init__(
        self, numbers: dict[Name, float], whole: dict[Name, int], keeps_lists: bool, turn: int
    ) -> None:
        self.is_open = True
        self.events: list[Event | Backward] = []
        self.asked: list[Asked] = []
        self.names: dict[Value, Any] = {}
        self.tokens: dict[int, tuple[float, Number]] = {}
        # Leaves from inside, as far as is known, and what they held.
        self.made: dict[Value, tuple[Any, Any]] = {}
        self._numbers, self._whole, self._turn, self._backwards = numbers, whole, turn, 0
        self._lists = _Lists() if keeps_lists else None

    def source(self, name: Name) -> Number:
        """The Number with this name, of those that are there before the step."""
        return Number(self._numbers[name], name, self)

    def close(self) -> None:
        """End the recording."""
        self.is_open = False
        if self._lists is not None:
            self._lists.close()

    def detached(self) -> Recording:
        """What was recorded, out of the reach of its Numbers: no garbage collector is needed to free all of it."""
        recording = copy.copy(self)
        vars(self).clear()
        self.is_open = False
        return recording

    # What Numbers and Values tell.

    def compute(self, operation: Operation, inputs: Sequence[Any], flows: Any = None) -> Number:
        """Record an operation on numbers."""
        names = tuple([x.name if x.__class__ is Number else self.name_of(x) for x in inputs])
        plain = [float.__float__(x) if isinstance(x, float) else float(x) for x in inputs]
        data = operation.on_numbers(*plain)  # type: ignore[attr-defined]
        # Messages are about the first run, and what all others have in common with it.
        place = None if self._turn else current_call_site()
        self.events.append(Event(operation, names, flows, place))
        return Number(data, len(self.events) - 1, self)

    def name_of(self, x: Any) -> Name:
        """Where a number comes from; a float is a constant."""
        if isinstance(x, Number):
            return x.name
        known = self.tokens.get(id(x))
        return float(x) if known is None else known[1].name

    def admit(self, x: Value) -> Any:
        """The number of a Value, which from now on is known, also if the step made it of plain numbers."""
        if x not in self.names:
            for node in reversed(x._results_first()):
                self._admit_result(node)
            if x not in self.names:
                self._admit_leaf(x)
        return x.data

    def flow(self, x: Any) -> Any:
        """Where the gradient of an input goes."""
        if not isinstance(x, Value):
            return None
        flow = self.names[x]
        if flow is x and x.operation is not None:
            raise refusal(
                "it uses a Value that was computed before the step",
                current_call_site(),
                "compute it inside, or make a leaf of it: Value(v.data)",
            )
        return flow

    def index(self, number: Number) -> int:
        """The whole number that an input is as an index."""
        if number.name not in self._whole:
            raise decision("index() of a number decides or is rounded")
        index = self._whole[number.name]
        lists = () if self._lists is None else self._lists.now()
        self.asked.append(Asked(number.name, index, len(self.events), lists))
        return index

    def backward(self, loss: Value) -> None:
        """Record a backward pass: from now on all Values have other gradients."""
        self.admit(loss)
        before = {flow: self.name_of(x.grad) for x, flow in self.names.items()}
        self.events.append(Backward(self.flow(loss), before))
        self._backwards += 1
        for i, (x, flow) in enumerate(self.names.items()):
            x.grad = Number(math.cos(i + 2 * self._turn), ("grad", flow, self._backwards), self)

    @property
    def goes_back(self) -> bool:
        """True if the step calls backward."""
        return self._backwards > 0

    def derivatives(self, loss: Value) -> dict[Name, Name]:
        """Record a backward pass that the step did not do; the derivatives by the leaves from outside."""
        self.events.append(Backward(self.flow(loss), {}))
        return {
            ("derivative", x): ("grad", x, 1)
            for x, flow in self.names.items()
            if flow is x and x.operation is None
        }

    def _admit_leaf(self, x: Value) -> None:
        leave([x])
        self.names[x] = ("made", len(self.made))
        self.made[x] = x.data, x.grad
        known = self.tokens.get(id(x.data))
        x.data = x.data if known is None else known[1]
        set_class(x, WatchedValue)

    def _admit_result(self, node: Value) -> None:
        """Record an operation of Values that the step had made of plain numbers, without any from outside."""
        for x in node.inputs:
            if isinstance(x, Value) and x not in self.names:
                self._admit_leaf(x)
        assert node.operation is not None
        numbers = [x.data if isinstance(x, Value) else x for x in node.inputs]
        node.data = self.compute(node.operation, numbers, tuple([self.flow(x) for x in node.inputs]))
        self.names[node] = node.data.name
        set_class(node, WatchedValue)


class _Lists:
    """The lists of Values, and lists of such lists, that the garbage collector knows."""

    def __init__(self) -> None:
        self._found = self._new(None)
        self._may_freeze = not gc.get_freeze_count()

    def now(self) -> tuple[tuple[Any, ...], ...]:
        """Copies of all, as tuples: lists would be found again."""
        new = self._new(0)
        if self._may_freeze:  # then the next look is at newer objects only
            gc.freeze()
            self._found += new
        return tuple([_frozen(x) for x in (self._found if self._may_freeze else self._found + new)])

    def close(self) -> None:
        """Let the garbage collector look at everything again."""
        if self._may_freeze:
            gc.unfreeze()

    def _new(self, generation: int | None) -> tuple[list[Any], ...]:
        return tuple([x for x in gc.get_objects(generation) if type(x) is list and x and _is_row(x)])


def _is_row(x: list[Any]) -> bool:
    first = x[0]
    return isinstance(first, Value) or (type(first) is list and bool(first) and isinstance(first[0], Value))


def _frozen(x: list[Any]) -> tuple[Any, ...]:
    return tuple([tuple(row) for row in x if isinstance(row, list)] if isinstance(x[0], list) else x)
