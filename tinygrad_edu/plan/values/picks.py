"""Rows picked by a number: what a step goes on with after `rows[token]`, found by comparing recordings.

In other recordings every input is another number. An input of an event that is another Value there was picked: by an
input of the step that was asked for as an index, from a list that there was at that moment and that holds, at this
place and in every recording, the Value that the step went on with. Whatever else differs cannot be repeated.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tinygrad_edu.plan.values.value_recording import Asked, Event, Name, Recording
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


def pick_of(recordings: Sequence[Recording], where: int, position: int) -> Pick | None:
    """What was picked there, if anything. Raises `UnclearError` if two inputs may have done it."""
    flows = [_flow(recording.events[where], position) for recording in recordings]
    first, *others = recordings
    indices = [{asked.name: asked.number for asked in each.asked} for each in others]
    found = set()
    for asked in first.asked:
        if asked.at <= where:
            for candidates in _candidates(first, asked, flows[0]):
                places = [each.get(asked.name, -1) for each in indices]
                if all(
                    0 <= i < len(candidates) and candidates[i] == flow for i, flow in zip(places, flows[1:])
                ):
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


def _candidates(recording: Recording, asked: Asked, flow: Any) -> Iterator[tuple[Any, ...]]:
    """The lists, and columns of lists of rows, that have this flow at the place that was asked for."""
    names, i = recording.names, asked.number
    for found in asked.lists:
        if len(found) <= i or i < 0:
            continue
        if not isinstance(found[i], tuple):
            columns: list[Any] = [found] if _name(names, found[i]) == flow else []
        else:
            places = [j for j, x in enumerate(found[i]) if _name(names, x) == flow]
            columns = [[row[j] for row in found] for j in places if _has_column(found, j)]
        for column in columns:
            candidates = tuple([_name(names, x) for x in column])
            if None not in candidates:
                yield candidates


def _name(names: dict[Value, Any], x: Any) -> Any:
    return names.get(x) if isinstance(x, Value) else None


def _has_column(rows: tuple[Any, ...], j: int) -> bool:
    return all(isinstance(row, tuple) and j < len(row) for row in rows)
