"""What a step computes, as a list of lines that each compute one number from earlier ones; backward included."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Any

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.ops import logic
from tinygrad_edu.plan.values.number import Number
from tinygrad_edu.plan.values.picks import Pick, Picks
from tinygrad_edu.plan.values.value_recording import Backward, Event, Name, Recording

# Of masks, which are 0.0 and 1.0 here.
_ON_MASKS: dict[Operation, Operation] = {
    logic.bitwise_and: logic.logical_and,
    logic.bitwise_or: logic.logical_or,
    logic.bitwise_xor: logic.logical_xor,
    logic.invert: logic.logical_not,
}
Lines = list[tuple[Operation, tuple[Any, ...]]]


class Program:
    """Line i is `operations[i]` of the lines `inputs[i]`; of a source or a constant (None) that is its name instead.

    Equal lines are one. `outputs`: the name of what changes, and the line of what it becomes; results first.
    """

    def __init__(
        self, recording: Recording, picks: Picks, results: Sequence[Name], changes: dict[Name, Name]
    ) -> None:
        self.operations: list[Operation | None] = []
        self.inputs: list[Any] = []
        self._known: dict[Any, int] = {}
        self._of_event: list[int] = []
        self._grads: list[dict[Any, int]] = []  # after each backward pass, by flow
        self._recording, self._picks = recording, picks
        self.limits: dict[int, int] = {}  # by the number of an input: as an index it is below that
        for pick in picks.values():
            i = pick.index[1]
            self.limits[i] = min(self.limits.get(i, len(pick.names)), len(pick.names))
        self._read = _read_gradients(recording, [*results, *changes.values()])
        for event in recording.events:
            if isinstance(event, Backward):
                self._grads.append(self._gradients(event))
                self._of_event.append(-1)
            else:
                self._of_event.append(self._of(event))
        # Of Values from outside: those of a list side by side.
        self.order = {x: i for i, (x, flow) in enumerate(recording.names.items()) if flow is x}
        self.results = [self._named(name) for name in results]
        found = {name: self._named(became) for name, became in changes.items()}
        nothing = (0.0).hex()
        self.changes = {
            name: i
            for name, i in found.items()
            if self.inputs[i] != name and not (name[0] == "derivative" and self.inputs[i] == nothing)
        }
        self._grads.clear()  # each of them knows the program

    def _of(self, event: Event) -> int:
        where = len(self._of_event)
        inputs = [self._input(where, i, name) for i, name in enumerate(event.inputs)]
        return self._line(event.operation, tuple(inputs))

    def _input(self, where: int, position: int, name: Name) -> int:
        pick = self._picks.get((where, position))
        if pick is None:
            return self._named(name)
        terms = [
            self._line(ops.where, (self._chosen(pick, i), self._named(candidate), self._named(0.0)))
            for i, candidate in enumerate(pick.names)
        ]
        return functools.reduce(lambda a, b: self._line(ops.add, (a, b)), terms)

    def _chosen(self, pick: Pick, i: int) -> int:
        return self._line(ops.equal, (self._named(pick.index), self._named(float(i))))

    def _named(self, name: Name) -> int:
        """The line of what a recording calls by this name."""
        if isinstance(name, int):
            return self._of_event[name]
        if isinstance(name, tuple) and name[0] == "grad" and name[2]:
            return self._grads[name[2] - 1][name[1]]
        return self._line(None, name.hex() if isinstance(name, float) else name)

    def _line(self, operation: Operation | None, inputs: Any) -> int:
        line = self._known.get((operation, inputs))
        if line is None:
            line = self._known[operation, inputs] = len(self.operations)
            self.operations.append(operation)
            self.inputs.append(inputs)
        return line

    # Backward.

    def _gradients(self, backward: Backward) -> dict[Any, int]:
        """The gradients of all flows after a backward pass, added up in the order of the scalar engine."""
        grads = _Before(self, backward.before)
        inner: dict[Any, int] = {}
        several = set()
        one = self._named(1.0)
        if isinstance(backward.loss, int):
            inner[backward.loss] = one
        else:
            grads[backward.loss] = self._line(ops.add, (grads[backward.loss], one))
        events = self._recording.events
        for where in range(backward.loss if isinstance(backward.loss, int) else -1, -1, -1):
            event = events[where]
            g = inner.get(where)
            if g is None or isinstance(event, Backward) or event.flows is None:
                continue
            for flow, share in self._shares(where, event, g):
                if not isinstance(flow, int):
                    grads[flow] = self._line(ops.add, (grads[flow], share))
                elif flow not in inner:
                    inner[flow] = share
                else:
                    if flow not in several:  # a sum of gradients begins with 0
                        several.add(flow)
                        inner[flow] = self._line(ops.add, (self._named(0.0), inner[flow]))
                    inner[flow] = self._line(ops.add, (inner[flow], share))
        grads.update(inner)
        return grads

    def _shares(self, where: int, event: Event, g: int) -> Iterator[tuple[Any, int]]:
        """Every flow that gets a share of gradient `g` of an event, and the share."""
        assert event.flows is not None
        inputs = [self._input(where, i, name) for i, name in enumerate(event.inputs)]
        z = self._of_event[where]
        positions = range(len(inputs))
        backwards = len(inputs) == 2 and None not in event.operation.rules
        for i in reversed(positions) if backwards else positions:
            flow = event.flows[i]
            if flow is None or event.operation.rules[i] is None or not self._is_wanted(flow):
                continue
            share = self._by_rule(event.operation, i, (g, z, *inputs))
            pick = self._picks.get((where, i))
            if pick is None:
                yield flow, share
            else:
                nothing = self._named(0.0)
                for n, candidate in enumerate(pick.flows):
                    yield candidate, self._line(ops.where, (self._chosen(pick, n), share, nothing))

    def _is_wanted(self, flow: Any) -> bool:
        return not isinstance(flow, tuple) or flow in self._read

    def _by_rule(self, operation: Operation, position: int, given: tuple[int, ...]) -> int:
        """The line that the rule of an operation makes of g, z and the inputs."""
        lines, result = _rule_lines(operation, position)
        found = list(given)
        for each, inputs in lines:
            found.append(
                self._line(each, tuple([found[x] if isinstance(x, int) else self._named(x) for x in inputs]))
            )
        return found[result] if isinstance(result, int) else self._named(result)


class _Before(dict[Any, int]):
    """Gradients by flow; those a backward pass does not reach are what they were before."""

    def __init__(self, program: Program, before: dict[Any, Name]) -> None:
        super().__init__()
        self._program, self._before = program, before

    def __missing__(self, flow: Any) -> int:
        self[flow] = line = self._program._named(self._before.get(flow, 0.0))
        return line


def _read_gradients(recording: Recording, outputs: Sequence[Name]) -> set[Any]:
    """The flows whose gradients are read."""
    names = [*outputs]
    for event in recording.events:
        names += event.before.values() if isinstance(event, Backward) else event.inputs
    return {name[1] for name in names if isinstance(name, tuple) and name[0] == "grad"}


class _Lines:
    """Collects what a rule computes; its inputs are the numbers 0, 1, ..."""

    is_open = True

    def __init__(self, count: int) -> None:
        self.lines: Lines = []
        self.count = count

    def compute(self, operation: Operation, inputs: Sequence[Any]) -> Number:
        names = tuple([self.name_of(x) for x in inputs])
        self.lines.append((_ON_MASKS.get(operation, operation), names))
        return Number(0.0, self.count + len(self.lines) - 1, self)

    def name_of(self, x: Any) -> Any:
        return x.name if isinstance(x, Number) else float(x)


@functools.cache
def _rule_lines(operation: Operation, position: int) -> tuple[Lines, Any]:
    """A derivative rule as lines on g, z and the inputs, and which of them is the share."""
    count = 2 + len(operation.rules)
    lines = _Lines(count)
    rule: Any = operation.rules[position]
    share = rule(*[Number(0.0, i, lines) for i in range(count)])
    return lines.lines, lines.name_of(share)
