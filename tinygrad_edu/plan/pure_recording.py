"""From a followed call to a program of the step's own arguments, in which no Python is left."""

from __future__ import annotations

from copy import copy
from itertools import chain, repeat
from typing import Any

import numpy as np

from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.ops.shape import cast
from tinygrad_edu.plan.follow.ending import Ending
from tinygrad_edu.plan.follow.values import Kind
from tinygrad_edu.plan.pytree import mapped
from tinygrad_edu.plan.recording import Call, Recording, Slot
from tinygrad_edu.tensor.draws import DRAW, SEED
from tinygrad_edu.tensor.tensor import Tensor, around


class NotPureError(RuntimeError):
    """Why a step cannot be a program of its arguments, parameters, buffers and optimizers alone."""


def pure_recording(ending: Ending) -> Recording:
    """The recording of a followed call with the step's own arguments as inputs, and the rest drawn or constant.

    Raises `NotPureError`, naming what the step's Python makes anew in every call.
    """
    if any(info.kind is Kind.NUMBER for info in ending.free):
        raise NotPureError(
            "a Python number that the step works with changes from call to call; hand it in as an array"
        )
    if SEED in ending.drawn:
        raise NotPureError("it starts a generator of random numbers anew")
    if any(before is not None and before.kind is Kind.TENSOR for _, before, _ in ending.leaves):
        raise NotPureError("gradients are added to those of earlier calls")
    return _Renewal(ending).recording(ending)


class _Renewal:
    """Slots of a followed recording, and those of a pure one that take their places."""

    def __init__(self, ending: Ending) -> None:
        calls = ending.recording.calls
        self._overwritten = {call.result.root for call in calls if call.operation is ASSIGN}
        self._known = {id(slot.tensor): slot for call in calls for slot in (*call.slots(), call.result)}
        self._sources = {id(info.place): info.source for info in ending.free}
        self._firsts = {id(info.place): info.first for info in ending.free}
        self._new: dict[Slot, Slot] = {}
        self._made: list[Call] = []  # what makes for each run what the step draws, or makes and overwrites
        self._found = Recording()

    def recording(self, ending: Ending) -> Recording:
        """The pure recording."""
        found, calls = self._found, []
        for call in ending.recording.calls:
            each = copy(call)
            each.arguments, each.result = self._renewed(call.arguments), self._renewed(call.result)
            calls.append(each)
        if sum(call.operation is DRAW for call in self._made) != len(ending.drawn):
            raise NotPureError("it draws random numbers that no operation uses, or copies them")
        found.calls = _with_what_is_made(calls, sorted(self._made, key=lambda call: call.result.made or 0))
        found.result = mapped(self._renewed, ending.returned)
        ended = dict(ending.gradients)
        found.gradients = [(leaf, self._renewed(slot)) for leaf, slot in ended.items() if slot is not None]
        found.cleared = [leaf for leaf, slot in ended.items() if slot is None]
        return found

    def _renewed(self, x: Any) -> Any:
        if isinstance(x, tuple):
            return tuple(map(self._renewed, x))
        if not isinstance(x, Slot):
            return x
        if x not in self._new:
            self._new[x] = slot = copy(x)
            slot.view_of = self._renewed(x.view_of)
            if x.kind == "input":
                self._place(slot, x in self._overwritten)
        return self._new[x]

    def _place(self, slot: Slot, overwritten: bool) -> None:
        """Make an input of a followed program an input, a constant or a result of a pure program."""
        key, place = id(slot.place), np.array(slot.place)
        source = self._sources.get(key)
        if isinstance(source, int) and overwritten:
            raise NotPureError("it overwrites what it was given")
        if isinstance(source, int):
            slot.place = np.empty_like(place)
            slot.place[...] = place
            self._found.inputs.append(slot)
            self._found.positions.append(source)
        elif isinstance(source, tuple):
            slot.kind, slot.place = "result", None
            self._made.append(self._drawn(slot, *source))
        elif overwritten:
            slot.kind, slot.place = "result", None
            self._made.append(_copied(slot, self._firsts.get(key)))
        else:
            slot.kind, slot.place, slot.example = "constant", None, place
            slot.tensor = around(place)

    def _drawn(self, slot: Slot, parameters: Any, settings: dict[str, Any], origins: Any = ()) -> Call:
        """The call that draws; `origins`: where the parameters come from, as far as known."""
        given = map(self._parameter, parameters, chain(origins, repeat(None)))
        return Call(DRAW, tuple(given), settings, slot)

    def _parameter(self, x: Any, origin: Any) -> Any:
        if not isinstance(x, Tensor):
            return x
        if id(x) not in self._known and isinstance(origin, int):
            self._known[id(x)] = Slot("input", x.raw, x, place=x.raw)
            self._sources[id(x.raw)] = origin
        if id(x) not in self._known or self._known[id(x)].root in self._overwritten:
            raise NotPureError("it draws from a distribution whose parameters it makes or overwrites")
        return self._renewed(self._known[id(x)])


def _copied(slot: Slot, numbers: np.ndarray | None) -> Call:
    """The call that makes anew what the step makes from these numbers, and overwrites."""
    if numbers is None or slot.made is None:
        raise NotPureError("it overwrites what was there before, which is another in every call")
    given = Slot("constant", numbers, around(numbers))
    return Call(cast, (given,), {"dtype": numbers.dtype}, slot, None, (0,))


def _with_what_is_made(calls: list[Call], made: list[Call]) -> list[Call]:
    """The calls, with those that make something new for each run before its first use, in the order given."""
    waiting, found = {call.result: call for call in made}, []
    for call in calls:
        for slot in (*call.slots(), call.result):
            while slot.root in waiting:
                found.append(waiting.pop(next(iter(waiting))))
        found.append(call)
    return found
