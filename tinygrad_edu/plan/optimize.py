"""Drops from a recorded step what is repeated, constant or unused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import Any

from tinygrad_edu.engine.detachment import DETACH
from tinygrad_edu.engine.hyperparameter import Hyperparameter
from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.ops.shape import cast
from tinygrad_edu.plan.pytree import leaves
from tinygrad_edu.plan.recording import Call, Recording, Slot, exact
from tinygrad_edu.tensor.draws import DRAW


def simplified(recording: Recording) -> tuple[list[Call], dict[Slot, Slot]]:
    """The calls that matter, in order; and for each slot that is not computed, the one that stands for it."""
    stands_for: dict[Slot, Slot] = {}
    seen: dict[Hashable, Slot] = {}
    overwritten = {call.result.root for call in recording.calls if call.operation is ASSIGN}
    calls = []
    for call in recording.calls:
        call.arguments = tuple(resolved(x, stands_for) for x in call.arguments)
        call.result = resolved(call.result, stands_for)  # a detached one, if it is overwritten
        call.result.view_of = resolved(call.result.view_of, stands_for)
        if call.operation is DETACH:
            stands_for[call.result] = call.arguments[0]
        elif call.operation in (ASSIGN, DRAW) or call.result.root in overwritten:
            calls.append(call)
        elif call.arguments and all(map(_is_constant, call.arguments)):
            call.result.kind = "constant"
        elif (key := _key(call)) in seen:
            stands_for[call.result] = seen[key]
        else:
            seen[key] = call.result
            calls.append(call)
    return _without_copies(_needed(calls, recording, stands_for), recording, stands_for), stands_for


def resolved(x: Any, stands_for: dict[Slot, Slot]) -> Any:
    """`x` with the slots that stand for others, also inside tuples."""
    if isinstance(x, tuple):
        return tuple(resolved(y, stands_for) for y in x)
    return stands_for.get(x, x) if isinstance(x, Slot) else x


def _is_constant(x: Any) -> bool:
    if isinstance(x, tuple):
        return all(map(_is_constant, x))
    if isinstance(x, Slot):
        return x.kind == "constant" or x.frozen
    return not isinstance(x, Hyperparameter)


def _key(call: Call) -> Hashable:
    """What two calls must share to have the same result."""
    return call.operation, tuple(map(_part, call.arguments)), call.versions, exact(call.settings)


def _part(x: Any) -> Hashable:
    """What an argument must share; numbers as texts, as 1, 1.0 and True are equal, and so are 0.0 and -0.0."""
    if isinstance(x, Hyperparameter):
        return id(x.owner), x.key
    return x if isinstance(x, Slot | tuple) else repr(x)


def _needed(calls: list[Call], recording: Recording, stands_for: dict[Slot, Slot]) -> list[Call]:
    wanted = {resolved(slot, stands_for) for slot in recording.results()}
    kept = []
    for call in reversed(calls):
        if call.operation in (ASSIGN, DRAW) or call.result in wanted:
            wanted.update(call.slots())
            kept.append(call)
    return kept[::-1]


def _without_copies(calls: list[Call], recording: Recording, stands_for: dict[Slot, Slot]) -> list[Call]:
    """The calls without copies (`x.clone()`) of what was computed for nothing else: it is the copy itself."""
    uses = Counter(slot.root for call in calls for slot in {*call.slots(), call.result})
    uses.update(resolved(slot, stands_for).root for slot in recording.results())
    kept = []
    for call in calls:
        x = call.arguments[0] if call.operation is cast else None
        if isinstance(x, Slot) and uses[x] == 2 and _is_like(x, call.result):
            _stand_in(x, call.result, stands_for)
        else:
            call.arguments = tuple(resolved(y, stands_for) for y in call.arguments)
            call.result = resolved(call.result, stands_for)
            call.result.view_of = resolved(call.result.view_of, stands_for)
            kept.append(call)
    return kept


def _stand_in(x: Slot, copied: Slot, stands_for: dict[Slot, Slot]) -> None:
    for old, new in stands_for.items():
        if new is copied:
            stands_for[old] = x
    stands_for[copied] = x


def _is_like(x: Slot, copied: Slot) -> bool:
    """True for a result in memory of its own, of the same dtype and layout as its copy."""
    a, b = x.example, copied.example
    alike = a.dtype == b.dtype and a.shape == b.shape and a.strides == b.strides
    return alike and x.kind == "result" and x.root is x


def slots_in(tree: Any) -> list[Slot]:
    """The slots in what a step returned."""
    return [item for item in leaves(tree) if isinstance(item, Slot)]
