"""What one run of a step computed, written down in order; and whether another run computed the same.

A step is run twice, with different numbers everywhere. What is the same Value in both runs stands outside the step: a
parameter, or an input. A constant that differs was not a constant: it was read from `.data`, drawn at random, counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from tinygrad_edu.operation import Operation
from tinygrad_edu.plan.values.inputs import Known
from tinygrad_edu.plan.values.refusal import refusal
from tinygrad_edu.scalar import Value
from tinygrad_edu.source import Place

Places = dict[Value, Place | None]
Source = int | Value | float  # the result of an earlier line; a Value from outside the step; a constant


class Line(NamedTuple):
    """One operation of the step: what was done to what."""

    operation: Operation
    inputs: tuple[Source, ...]


class Tape(NamedTuple):
    """The lines of a step in the order in which they ran, and its results."""

    lines: list[Line]
    results: list[Source]


class Run:
    """The graph that one run of the step left behind."""

    def __init__(self, results: Sequence[Value], known: Known) -> None:
        self.results = results
        self.known = known
        found = dict.fromkeys(self.origin(x) for x in results)
        values = list(found)
        for node in values:  # grows as it goes
            for x in map(self.origin, node.inputs):
                if isinstance(x, Value) and x not in found:
                    found[x] = None
                    values.append(x)
        self.leaves = [x for x in values if x.operation is None]
        self.nodes = sorted((x for x in values if x.operation is not None), key=lambda x: x.serial)

    def origin(self, x: Any) -> Any:
        """The Value behind a number that came from an input; of anything else, itself."""
        plain = x.data if isinstance(x, Value) and x.operation is None else x
        number = self.known.get(id(plain))
        return x if number is None else number.value

    def check_untouched(self, places: Places) -> None:
        """Raise if the data of a Value was overwritten before it was used."""
        for node in self.nodes:
            for x, number in zip(node.inputs, node.numbers[1:]):
                if isinstance(x, Value) and not _same(number, x.data):
                    raise refusal(
                        f"the data of a Value was overwritten around its use by {node._op or 'an operation'}",
                        places.get(node),
                        "overwrite data outside the step",
                    )

    def tape(self, outside: set[Value]) -> Tape:
        """The run as text without Values, except those from outside the step."""
        line = {node: i for i, node in enumerate(self.nodes)}

        def source(x: Any) -> Source:
            x = self.origin(x)
            if not isinstance(x, Value):
                return float(x)
            if x.operation is not None:
                return line[x]
            return x if x in outside else float(x.data)

        lines = [Line(node.operation, tuple(map(source, node.inputs))) for node in self.nodes]  # type: ignore[arg-type]
        return Tape(lines, list(map(source, self.results)))


def common_tape(first: Run, second: Run, places: Places) -> Tape:
    """The tape of both runs, which must have computed the same way. Raises `RuntimeError` with the line if not."""
    again = set(second.leaves) | set(second.nodes)
    for node in first.nodes:
        if node in again:
            raise refusal(
                f"it uses a Value that {node.operation.name} computed before",  # type: ignore[union-attr]
                places.get(node),
                "compute it inside the step, or make a leaf of it: Value(v.data)",
            )
    outside = again.intersection(first.leaves)
    tape, other = first.tape(outside), second.tape(outside)
    for node, line, twin in zip_longest(first.nodes, tape.lines, other.lines):
        if line is None or twin is None or line.operation is not twin.operation:
            raise _another_way(places.get(node))
        if not _all_same(line.inputs, twin.inputs):
            raise _another_number(line, twin, places.get(node))
    if not _all_same(tape.results, other.results):
        raise _another_way(None)
    return tape


def _same(x: Source, y: Source) -> bool:
    return x is y or (x.__class__ is y.__class__ and (x == y or (x != x and y != y)))  # noqa: PLR0124 - nan


def _all_same(xs: Sequence[Source], ys: Sequence[Source]) -> bool:
    return len(xs) == len(ys) and all(map(_same, xs, ys))


def _another_way(place: Place | None) -> RuntimeError:
    return refusal(
        "run again with other numbers, it computed something else",
        place,
        "choose with relu, maximum or where, or decide outside the step",
    )


def _another_number(line: Line, twin: Line, place: Place | None) -> RuntimeError:
    for x, y in zip(line.inputs, twin.inputs):
        if isinstance(x, float) and isinstance(y, float) and not _same(x, y):
            return refusal(
                f"{line.operation.name} worked with the plain number {x:.6g}, which would be fixed in the plan "
                f"though it changes (run again with other numbers, it was {y:.6g})",
                place,
                "compute it with Values, or pass it in as an input",
            )
    return _another_way(place)
