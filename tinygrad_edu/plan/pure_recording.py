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
    recorded = ending.recording
    overwritten = {call.result.root for call in recorded.calls if call.operation is ASSIGN}
    slots = dict.fromkeys(slot for call in recorded.calls for slot in (*call.slots(), call.result))
    known = {id(slot.tensor): slot for slot in slots}
    sources = {id(info.place): info.source for info in ending.free}
    firsts = {id(info.place): info.first for info in ending.free}
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
                source, first = sources.get(id(x.place)), firsts.get(id(x.place))
                if isinstance(source, tuple):
                    made.append(drawn(slot, *source))
                elif x in overwritten:
                    made.append(_anew(slot, source, first))
                else:
                    _placed(slot, source, found)
        return new[x]

    def drawn(slot: Slot, parameters: Any, settings: dict[str, Any], origins: Any = ()) -> Call:
        slot.kind, slot.place = "result", None
        given = map(parameter, parameters, chain(origins, repeat(None)))
        return Call(DRAW, tuple(given), settings, slot, "")

    def parameter(x: Any, origin: Any) -> Any:
        if not isinstance(x, Tensor):
            return x
        if id(x) not in known and isinstance(origin, int):
            known[id(x)] = Slot("input", x.raw, x, place=x.raw)
            sources[id(x.raw)] = origin
        if id(x) not in known or known[id(x)].root in overwritten:
            raise NotPureError("numbers are drawn from a distribution whose parameters are computed")
        return renewed(known[id(x)])

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


def _placed(slot: Slot, source: Any, found: Recording) -> None:
    """Make an input of a followed program an input or a constant of a pure program."""
    place = np.array(slot.place)
    if isinstance(source, int):
        slot.place = np.empty_like(place)
        slot.place[...] = place
        found.inputs.append(slot)
        found.positions.append(source)
    else:
        slot.kind, slot.place, slot.example = "constant", None, place
        slot.tensor = around(place)


def _anew(slot: Slot, source: Any, numbers: np.ndarray | None) -> Call:
    """The call that makes for each run what the step makes from these numbers, and overwrites."""
    if isinstance(source, int):
        raise NotPureError("it overwrites what it was given")
    if numbers is None or slot.made is None:
        raise NotPureError("it overwrites what was there before, which is another in every call")
    slot.kind, slot.place = "result", None
    given = Slot("constant", numbers, around(numbers))
    return Call(cast, (given,), {"dtype": numbers.dtype}, slot, "", (0,))
