"""From a followed call to a program of the step's own arguments, in which no Python is left."""

from __future__ import annotations

from copy import copy
from typing import Any

import numpy as np

from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.ops.shape import cast
from tinygrad_edu.plan.follow.ending import Ending
from tinygrad_edu.plan.follow.values import Info, Kind
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
    recorded = ending.recording
    overwritten = {call.result.root for call in recorded.calls if call.operation is ASSIGN}
    free = {id(info.place): info for info in ending.free}
    found = Recording()
    new: dict[Slot, Slot] = {}
    made: list[Call] = []

    def renewed(x: Any) -> Any:
        if isinstance(x, tuple):
            return tuple(map(renewed, x))
        if not isinstance(x, Slot):
            return x
        if x not in new:
            new[x] = slot = copy(x)
            slot.view_of = renewed(x.view_of)
            if x.kind == "input":
                made.extend(_placed(slot, free.get(id(x.place)), found, x in overwritten))
        return new[x]

    calls = []
    for call in recorded.calls:
        each = copy(call)
        each.arguments, each.result = renewed(call.arguments), renewed(call.result)
        calls.append(each)
    if sum(call.operation is DRAW for call in made) != len(ending.drawn):
        raise NotPureError("it draws random numbers that no operation uses, or copies them")
    found.calls = _with_what_is_made(calls, sorted(made, key=lambda call: call.result.made or 0))
    found.result = mapped(renewed, ending.returned)
    ended = dict(ending.gradients)
    found.gradients = [(leaf, renewed(slot)) for leaf, slot in ended.items() if slot is not None]
    found.cleared = [leaf for leaf, slot in ended.items() if slot is None]
    return found


def _with_what_is_made(calls: list[Call], made: list[Call]) -> list[Call]:
    """The calls, with those that make something new for each run before its first use, in the order given."""
    waiting, found = {call.result: call for call in made}, []
    for call in calls:
        for slot in (*call.slots(), call.result):
            while slot.root in waiting:
                found.append(waiting.pop(next(iter(waiting))))
        found.append(call)
    return found


def _placed(slot: Slot, info: Info | None, found: Recording, overwritten: bool) -> list[Call]:
    """Make an input of a followed program one of a pure program; returns the calls that make it."""
    assert slot.place is not None
    source, place = None if info is None else info.source, np.array(slot.place)
    if isinstance(source, int):
        if overwritten:
            raise NotPureError("it overwrites what it was given")
        slot.place = np.empty_like(place)
        slot.place[...] = place
        found.inputs.append(slot)
        found.positions.append(source)
        return []
    if isinstance(source, tuple):
        parameters, settings = source
        if any(isinstance(x, Tensor) for x in parameters):
            raise NotPureError("numbers are drawn from a distribution whose parameters are computed")
        slot.kind, slot.place = "result", None
        return [Call(DRAW, parameters, settings, slot, "")]
    if overwritten:
        if info is None or slot.made is None:
            raise NotPureError("it overwrites what was there before, which is another in every call")
        numbers, slot.kind, slot.place = info.first, "result", None
        given = Slot("constant", numbers, around(numbers))
        return [Call(cast, (given,), {"dtype": numbers.dtype}, slot, "", (0,))]
    slot.kind, slot.place, slot.example = "constant", None, place
    slot.tensor = around(place)
    return []
    return None
