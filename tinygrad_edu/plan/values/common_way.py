"""What all recordings of a step have in common, and what differs: it was picked by an input, or cannot be repeated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from tinygrad_edu.plan.values.picks import Picks, Rows, pick_of, rows_by_flow
from tinygrad_edu.plan.values.refusals import refusal
from tinygrad_edu.plan.values.value_recording import Backward, Event, Name, Recording
from tinygrad_edu.scalar import Value


class Returned(NamedTuple):
    """A result: its label, itself if it is from outside the step, and the first place where it is returned."""

    label: str
    own: Value | None
    place: int


class Run(NamedTuple):
    """One run: what was recorded, what it returned how, the names of the results, and of what was left of what."""

    recording: Recording
    structure: Any
    returned: list[Returned]
    results: list[Name]
    changes: dict[Name, Name]


def compared(runs: Sequence[Run]) -> Picks:
    """What was picked by inputs. Raises `RuntimeError` with the line where the runs differ in any other way."""
    first, *others = runs
    recordings = [run.recording for run in runs]
    rows, picks = rows_by_flow(first.recording), {}  # type: tuple[list[Rows], Picks]
    for other in others:
        for where, (event, twin) in enumerate(zip(first.recording.events, other.recording.events)):
            if isinstance(event, Backward) or isinstance(twin, Backward):
                if type(event) is not type(twin) or event[0] != twin[0]:
                    raise _another_way(event, twin)
            elif event.operation is not twin.operation or len(event.inputs) != len(twin.inputs):
                raise _another_way(event)
            elif event.inputs != twin.inputs or event.flows != twin.flows:
                _compare(recordings, rows, where, event, twin, picks)
        if first[1:] != other[1:]:
            raise _another_result(first, other)
    return picks


def _compare(
    recordings: Sequence[Recording], rows: list[Rows], where: int, event: Event, twin: Event, picks: Picks
) -> None:
    """Find what was picked for an event that has other inputs in another recording."""
    for position, (x, y) in enumerate(zip(event.inputs, twin.inputs)):
        flows = [each.flows[position] if each.flows else None for each in (event, twin)]
        if _same(x, y) and flows[0] == flows[1]:
            continue
        if isinstance(x, float) and isinstance(y, float):
            raise _another_number(event, x, y)
        pick = picks.get((where, position)) or pick_of(recordings, rows, where, position)
        if pick is None:
            raise _another_way(event)
        picks[where, position] = pick


def _same(x: Name, y: Name) -> bool:
    return x.hex() == y.hex() if isinstance(x, float) and isinstance(y, float) else x == y


def _another_way(*events: Any) -> RuntimeError:
    return refusal(
        "run again with other numbers it computes something else",
        next((event.place for event in events if isinstance(event, Event)), None),
        "choose with relu, maximum or where, or decide outside the step",
    )


def _another_number(event: Event, x: float, y: float) -> RuntimeError:
    return refusal(
        f"{event.operation.name} works with the plain number {x:.6g}, and when run again with others, {y:.6g}",
        event.place,
        "a plan would keep the first; compute it with Values, or pass it in as an input",
    )


def _another_result(first: Run, other: Run) -> RuntimeError:
    changed = {
        name
        for name in {**first.changes, **other.changes}
        if first.changes.get(name) != other.changes.get(name)
    }
    what = next((name for name in changed if name[0] in ("data", "grad")), None)
    if what is None:
        return _another_way(*reversed(first.recording.events))
    called = f" {what[1].label!r}" if what[1].label else ""
    return RuntimeError(
        "capture needs a step that computes the same way whatever its numbers are, but it sets the "
        f"{'data' if what[0] == 'data' else 'gradient'} of a Value{called} to something else when run again"
    )
