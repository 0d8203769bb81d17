"""What one run of a step computed, written down in order; and whether another run computed the same.

A step is run twice, with different numbers everywhere. What is the same Value in both runs stands outside the step: a
parameter, or an input. A constant that differs was not a constant: it was read from `.data`, drawn at random, counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from tinygrad_edu.engine.call_site import CallSite
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.plan.values.refusals import refusal
from tinygrad_edu.plan.values.value_inputs import Known
from tinygrad_edu.scalar import Value

Places = dict[Value, CallSite | None]
# The result of an earlier line; a Value from outside the step; a constant, float.hex of it.
Source = int | Value | str


class Tape(NamedTuple):
    """The lines of a step in the order in which they ran, operation and inputs, and its results.

    Constants are text, so that nan equals nan and 0.0 does not equal -0.0.
    """

    operations: list[Operation]
    inputs: list[tuple[Source, ...]]
    results: list[Source]


class Run:
    """The graph that one run of the step left behind: its leaves, and what was computed, in order."""

    def __init__(self, results: Sequence[Value], known: Known) -> None:
        self._known = known
        self.results = [self._origin(x) for x in results]
        self.inputs: dict[Value, tuple[Any, ...]] = {}
        found = dict.fromkeys(self.results)
        values = list(found)
        for node in values:  # grows as it goes
            self.inputs[node] = tuple([self._origin(x) for x in node.inputs])
            for x in self.inputs[node]:
                if x.__class__ is Value and x not in found:
                    found[x] = None
                    values.append(x)
        self.leaves = {x: float(x.data) for x in values if x.operation is None}  # with what they held
        self.nodes = sorted((x for x in values if x.operation is not None), key=lambda x: x.serial)

    def _origin(self, x: Any) -> Any:
        """The Value behind a number that came from an input; of anything else, itself."""
        plain = x.data if x.__class__ is Value and x.operation is None else x
        number = self._known.get(id(plain))
        return x if number is None else number.value

    def check_untouched(self, places: Places) -> None:
        """Raise if the data of a Value was overwritten before it was used."""
        for node in self.nodes:
            for x, number in zip(node.inputs, node.numbers[1:]):
                if x.__class__ is Value and number is not (x.numbers[0] if x.numbers else x.data):
                    raise refusal(
                        f"the data of a Value that {node.operation.name} works with is overwritten",
                        places.get(node),
                        "set data outside the step",
                    )

    def tape(self, outside: set[Value]) -> Tape:
        """The run as text, without Values but those from outside the step."""
        name: dict[Value, Source] = {node: i for i, node in enumerate(self.nodes)}
        for x, data in self.leaves.items():
            name[x] = x if x in outside else data.hex()
        return Tape(
            [node.operation for node in self.nodes],
            [
                tuple([name[x] if x.__class__ is Value else float(x).hex() for x in self.inputs[node]])
                for node in self.nodes
            ],
            [name[x] for x in self.results],
        )


def common_tape(first: Run, second: Run, places: Places) -> Tape:
    """The tape of both runs, which must have computed the same way. Raises `RuntimeError` with the line if not."""
    again = {*second.leaves, *second.nodes}
    stale = again.intersection(first.nodes)
    if stale:
        raise _computed_before(first, stale, places)
    outside = again.intersection(first.leaves)
    tape, other = first.tape(outside), second.tape(outside)
    if tape != other:
        raise _difference(tape, other, [places.get(node) for node in first.nodes])
    return tape


def _computed_before(run: Run, stale: set[Value], places: Places) -> RuntimeError:
    users = [node for node in run.nodes if node not in stale and not stale.isdisjoint(run.inputs[node])]
    return refusal(
        "it uses a Value that was computed before the step",
        places.get(users[0]) if users else None,
        "compute it inside, or make a leaf of it: Value(v.data)",
    )


def _difference(tape: Tape, other: Tape, places: Sequence[CallSite | None]) -> RuntimeError:
    """The error that names the first line in which they differ."""
    for line, twin, operation, same, place in zip(
        tape.inputs, other.inputs, tape.operations, other.operations, places
    ):
        if operation is not same:
            return _another_way(place)
        for x, y in zip(line, twin):
            if isinstance(x, str) and isinstance(y, str) and x != y:
                return _another_number(operation, x, y, place)
        if line != twin:
            return _another_way(place)
    return _another_way(places[-1] if places else None)


def _another_way(place: CallSite | None) -> RuntimeError:
    return refusal(
        "run again with other numbers it computes something else",
        place,
        "choose with relu, maximum or where, or decide outside the step",
    )


def _another_number(operation: Operation, x: str, y: str, place: CallSite | None) -> RuntimeError:
    return refusal(
        f"{operation.name} works with the plain number {float.fromhex(x):.6g}, and when run again with others, "
        f"{float.fromhex(y):.6g}",
        place,
        "a plan would keep the first; compute it with Values, or pass it in as an input",
    )
