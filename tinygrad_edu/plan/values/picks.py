"""Rows picked by a number: what a step goes on with after `rows[token]`, found by comparing recordings.

In other recordings every input is another number. An input of an event that is another Value there was picked: by an
input of the step that was asked for as an index, from a list that there was at that moment and that holds, at this
place and in every recording, the Value that the step went on with. Whatever else differs cannot be repeated.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tinygrad_edu.plan.values.value_recording import Event, Name, Recording
from tinygrad_edu.scalar import Value


class UnclearError(RuntimeError):
    """These inputs do not show what is picked by which; others may."""


class Pick(NamedTuple):
    """`names[index]`, by the name of the index; `flows`: where the gradient of each candidate goes."""

    index: Name
    names: tuple[Name, ...]
    flows: tuple[Any, ...]


_MAX_RECORDINGS = 4  # with other numbers
Picks = dict[tuple[int, int], Pick]  # by event and position of its input
Rows = dict[Any, list[tuple[tuple[Any, ...], int | None]]]


def shifted(numbers: Sequence[int]) -> Iterator[list[int]]:
    """Other numbers of the same range for further recordings, until no two inputs were the same in all of them."""
    rng = random.Random(0)
    span = max(numbers, default=0) + 1
    histories: list[tuple[int, ...]] = [(x,) for x in numbers]
    for turn in range(_MAX_RECORDINGS):
        steps: dict[Any, list[int]] = {}
        row = []
        for i, history in enumerate(histories):
            choices = range(not turn, span)
            left = steps.get(history) or rng.sample(choices, min(len(numbers), len(choices))) or [0]
            row.append((numbers[i] + left.pop()) % span)
            steps[history] = left
        histories = [(*history, x) for history, x in zip(histories, row)]
        yield row
        if len(set(histories)) == len(histories):
            break


def rows_by_flow(recording: Recording) -> list[Rows]:
    """For each index that was asked for the lists, and columns of lists of rows, by the flow at that place."""
    found = []
    for asked in recording.asked:
        rows: Rows = {}
        for x in asked.lists:
            if 0 <= asked.number < len(x):
                at = x[asked.number]
                for column, y in enumerate(at) if isinstance(at, tuple) else [(None, at)]:
                    if isinstance(y, Value) and y in recording.names:
                        rows.setdefault(recording.names[y], []).append((x, column))
        found.append(rows)
    return found


def pick_of(recordings: Sequence[Recording], rows: Sequence[Rows], where: int, position: int) -> Pick | None:
    """What was picked there, if anything. Raises `UnclearError` if two inputs may have done it."""
    flows = [_flow(recording.events[where], position) for recording in recordings]
    first, *others = recordings
    indices = [{asked.name: asked.number for asked in each.asked} for each in others]
    found = set()
    for asked, by_flow in zip(first.asked, rows):
        places = [each.get(asked.name, -1) for each in indices]
        for x, column in by_flow.get(flows[0], ()) if asked.at <= where else ():
            expected = [(_at(x, i, column), flow) for i, flow in zip(places, flows[1:])]
            if all(y is not None and first.names.get(y) == flow for y, flow in expected):
                candidates = tuple([first.names.get(_at(x, i, column)) for i in range(len(x))])  # type: ignore[arg-type]
                if None not in candidates:
                    found.add((asked.name, candidates))
    if len(found) > 1:
        raise UnclearError("capture needs inputs that show by which of them a row is picked")
    if not found:
        return None
    ((index, candidates),) = found
    names = tuple([flow if isinstance(flow, int) else ("data", flow) for flow in candidates])
    return Pick(index, names, candidates)


def _flow(event: Any, position: int) -> Any:
    return event.flows[position] if isinstance(event, Event) and event.flows else None


def _at(rows: tuple[Any, ...], i: int, column: int | None) -> Value | None:
    """The Value that stands in a list, or in a column of its rows, if one does."""
    x = rows[i] if 0 <= i < len(rows) else None
    if column is not None:
        x = x[column] if isinstance(x, tuple) and column < len(x) else None
    return x if isinstance(x, Value) else None
