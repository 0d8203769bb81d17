"""The end of a followed call: which values are still alive, and the program that computes these."""

from __future__ import annotations

import operator
from copy import copy
from dataclasses import replace
from itertools import repeat
from sys import getrefcount
from typing import Any

import numpy as np

from tinygrad_edu.engine.call_site import current_call_site
from tinygrad_edu.engine.detachment import DETACH
from tinygrad_edu.engine.interrupts import uninterrupted
from tinygrad_edu.engine.versions import ASSIGN, note_overwritten
from tinygrad_edu.plan.follow.events import Applied, Assigned, Backward, Event
from tinygrad_edu.plan.follow.flows import Flow
from tinygrad_edu.plan.follow.graphless import become
from tinygrad_edu.plan.follow.held_results import OPEN, Outcome
from tinygrad_edu.plan.follow.paths import arrays_at_risk, inputs_of, owner_of, results_of, walked_through
from tinygrad_edu.plan.follow.updates import Updated
from tinygrad_edu.plan.follow.values import FREE, Info, Kind
from tinygrad_edu.plan.program import Program
from tinygrad_edu.plan.pytree import mapped
from tinygrad_edu.plan.record import Recorder
from tinygrad_edu.plan.recording import Slot


def _held(values: list[Any], numbers: list[int], alone: int) -> tuple[bool, ...]:
    """Which of these values somebody holds beside the list."""
    return tuple(map(operator.gt, map(getrefcount, [values[n] for n in numbers]), repeat(alone)))


_ALONE = next(
    n for n in range(9) if not _held([object()], [0], n)[0]
)  # what is counted of those that nobody holds
_raw = operator.itemgetter("raw")


class Ending:
    """What is known of the calls that end after `event`."""

    def __init__(self, event: Event, recorder: Recorder, follower: Any, returned: Any) -> None:
        path, values = event.path(), follower.values
        self.recording = recorder.recording
        self.drawn = follower.drawn
        self.returned = mapped(lambda x: recorder.slot(x) if recorder.knows(x) else x, returned)
        self.free = [info for info in dict.fromkeys(inputs_of(path, follower.infos)) if info.kind in FREE]
        self.updates = [e for e in path if isinstance(e, Updated)]
        self.leaves = [
            (values[n], before, info) for e in path if isinstance(e, Backward) for n, before, info in e.leaves
        ]
        self.infos = {recorder.slot(values[info.number]): info for info in results_of(path)}
        self.why = ""
        self.ran = False
        infos = results_of(path)
        self.results = [info.number for info in infos]
        self._last = {leaf: info for leaf, _, info in self.leaves}
        self._slots: dict[int, Slot] = {info.number: recorder.slot(values[info.number]) for info in infos}
        self.gradients = self._final(recorder)
        overwriting = [e.site for e in path if isinstance(e, Assigned | Updated)]
        self.site = overwriting[-1] if overwriting else current_call_site()
        self._cleared: set[Any] = set()  # leaves whose gradients of before are forgotten in the step
        self.newly_cleared = False
        self._flows = [(e, len(e.results)) for e in path if isinstance(e, Flow)]
        walked = walked_through(path)
        self.loose = {info.number for info in infos if _has_graph(info) and info.number not in walked}
        self.path = path
        self.rebuildable = all(isinstance(e, Applied) for e in path)
        made = set(self.results)
        self.given = [n for n in dict.fromkeys(n for e in path for n in e.inputs) if n not in made]
        self.roots = {n: slot.root for n, slot in self._slots.items()}
        self.views = {
            e.info.number: e
            for e in path
            if isinstance(e, Applied) and (root := self.roots.get(e.info.number)) and root.kind != "result"
        }
        calls = self.recording.calls
        slots = dict.fromkeys(slot for call in calls for slot in (*call.slots(), call.result))
        self.memory = [(slot.tensor, slot.tensor.raw) for slot in slots if slot.kind == "state"]
        self._attributes, self._raws = [vars(x) for x, _ in self.memory], [raw for _, raw in self.memory]
        overwritten = self._overwritten = {call.result.root for call in calls if call.operation is ASSIGN}
        self.overwritten = [
            slot.tensor for slot in slots if slot.kind == "state" and slot.root in overwritten
        ]
        numbers = {id(info.place): info.number for info in self.free}
        self.written_back = [
            (numbers[id(slot.place)], slot.place)
            for slot in slots
            if slot.kind == "input" and slot.root in overwritten and id(slot.place) in numbers
        ]
        self._owners = {id(owner_of(x.raw)) for x in self.overwritten}
        self._entered = [info.number for info in self.free if info.kind is not Kind.NUMBER]
        self.detached = {e.info.number: e for e in path if isinstance(e, Applied) and e.operation is DETACH}
        self._at_risk = arrays_at_risk(calls)
        self._before: list[tuple[np.ndarray, np.ndarray]] = []
        self.given_before: dict[
            int, np.ndarray
        ] = {}  # what the program overwrote of the values that it was given
        # By what was passed over, which tells what is present; and by what of that is held.
        self._outcomes: dict[Any, tuple[list[int], dict[tuple[bool, ...], Outcome]]] = {}

    def _final(self, recorder: Recorder) -> list[tuple[Any, Slot | None]]:
        """Each leaf that backward passes reached, with the slot of its `.grad` at the end, or None."""
        found = {leaf: leaf._grad for leaf, _, _ in self.leaves}
        return [(leaf, None if g is None else recorder.slot(leaf.grad)) for leaf, g in found.items()]

    def note_cleared(self, had: set[Any]) -> None:
        """Learn from a call, before which these leaves had gradients, that it forgets them itself."""
        new = {leaf for leaf, before, _ in self.leaves if before is None and leaf in had} - self._cleared
        self._cleared |= new
        self.newly_cleared = bool(new)

    def uncleared(self) -> list[Any]:
        """Leaves whose gradient must be None before a call."""
        return [leaf for leaf, before, _ in self.leaves if before is None and leaf not in self._cleared]

    def is_loose(self, info: Info) -> bool:
        """True if this result has a graph, and no backward pass went through it."""
        return info.number in self.loose

    def is_sound(self) -> bool:
        """True if all memory that the program works on is where it was, and nothing more is read of a pass."""
        if self._flows and any(len(e.results) > count for e, count in self._flows):
            return False
        return all(map(operator.is_, map(_raw, self._attributes), self._raws))

    def run(self, follower: Any) -> bool:
        """Compute what is alive; False if the graph of one of these is still needed."""
        values = follower.values
        outcome = self._outcome(follower)
        if outcome.why or (outcome.loose and follower.keeps_graphs):
            self.why = outcome.why or OPEN
            return False
        if (self._owners or self.written_back) and self._inputs_share_memory(values):
            self.why = "it overwrites memory in which one of its inputs is, too"
            return False
        follower.release()
        self._before = [(raw, raw.copy()) for raw in self._at_risk]
        self.given_before = {n: np.array(place) for n, place in self.written_back}
        if outcome.run is None:
            outcome.run = self._program(outcome.living).run
        with uninterrupted():
            self._enter_results(follower, outcome)
        self.ran = True
        return True

    def _enter_results(self, follower: Any, outcome: Outcome) -> None:
        """Run the program, and put its numbers where they belong."""
        values = follower.values
        for n, array in zip(outcome.living, outcome.run(())):  # type: ignore[misc]
            become(values[n], array, n in self.loose)
        for e in outcome.views:
            e.apply(follower)
        if outcome.loose:
            follower.note_graphless(self, {n: values[n] for n in outcome.loose})
        for n, place in self.written_back:
            values[n].raw[...] = place
            note_overwritten([values[n]])
        if self.overwritten:
            note_overwritten(self.overwritten, self.site)

    def _outcome(self, follower: Any) -> Outcome:
        """How what is held is made."""
        known = self._outcomes.get(follower.passed)
        if known is None:
            present = [n for n in self.results if follower.values[n] is not None]
            known = self._outcomes[follower.passed] = present, {}
        present, outcomes = known
        held = _held(follower.values, present, _ALONE)
        if held not in outcomes:
            outcomes[held] = Outcome(self, [n for n, some in zip(present, held) if some])
        return outcomes[held]

    def undo(self) -> None:
        """Let what a program has overwritten before it failed be as it was."""
        for raw, before in self._before:
            raw[...] = before

    def may_be_made_after(self, n: int) -> bool:
        """True if this view of what is not computed in the step is the same after all that is overwritten in it."""
        x, root = self._slots[n].tensor, self.roots[n]
        alone = not x.requires_grad and x.base is None and x.hidden_base is None
        return alone or root not in self._overwritten

    def _inputs_share_memory(self, values: list[Any]) -> bool:
        """True if an input is in memory that the step overwrites: of a Tensor from before, or of another input."""
        for n in () if self.written_back else self._entered:
            x = values[n]
            array = x if x.__class__ is np.ndarray else x.form
            if array.base is not None or id(array) in self._owners:
                break
        else:
            if not self.written_back:
                return False
        arrays = [values[n] if isinstance(values[n], np.ndarray) else values[n].form for n in self._entered]
        owners = {id(owner_of(array)) for array in arrays}
        return not owners.isdisjoint(self._owners) or (bool(self.written_back) and len(owners) < len(arrays))

    def aside(self, event: Event, n: int) -> Program | None:
        """A program for the value `n` alone, at `event`; None if it is overwritten, or depends on what was before."""
        if n not in self._slots:
            return None
        calls, wanted = [], {self._slots[n]}
        overwritten: set[Slot] = set()
        if any(
            call.operation is ASSIGN and call.result.root is self.roots[n] for call in self.recording.calls
        ):
            return None  # its numbers may be read in an array that shares them
        for call in self.recording.calls[: event.calls]:
            if call.operation is ASSIGN:
                overwritten.add(call.result.root)
        for call in reversed(self.recording.calls[: event.calls]):
            if call.result in wanted and call.operation is not ASSIGN:
                if not overwritten.isdisjoint(slot.root for slot in (*call.slots(), call.result)):
                    return None
                wanted.update(call.slots())
                calls.append(copy(call))
        part = replace(self.recording, calls=calls[::-1], result=[self._slots[n]])
        return Program(part, copies=True)

    def _program(self, living: list[int]) -> Program:
        """The program for these values, and for the gradients of leaves that nobody has read."""
        promised = [(leaf, info, self._slots[info.number]) for leaf, info in self._last.items()]
        result = [self._slots[n] for n in living]
        return Program(replace(self.recording, result=result, promised=promised), copies=True)


def _has_graph(info: Info) -> bool:
    return info.requires_grad and not info.leaf
