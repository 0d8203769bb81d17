"""Looking at Tensors and Values alike, from the result back to the leaves, without recursion."""

from __future__ import annotations

from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.call_site import line_of
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.nn.module import Module
from tinygrad_edu.plan import Plan
from tinygrad_edu.scalar import Value
from tinygrad_edu.viz.graph.plan_graph import Planned, ends_of

MOST_DRAWN = 1_500  # nodes of one picture; of a larger graph the newest KEPT are drawn
KEPT = 150
MOST_INPUTS = 30  # inputs of one operation


def roots(x: Any) -> list[Any]:
    """`x` as a list of different Tensors or Values. Raises `TypeError` or `ValueError` for other things."""
    things = ends_of(x) if isinstance(x, Plan) else list(x) if isinstance(x, list | tuple) else [x]
    if not things:
        raise ValueError("draw needs a Tensor or a Value, got an empty list; pass the result to be drawn")
    for thing in things:
        if not _drawable(thing):
            raise TypeError(
                f"draw needs a Tensor, a Value or a list of these, got {_called(thing)}; {_advice(thing)}"
            )
    if len({isinstance(thing, Value) for thing in things}) > 1:
        raise TypeError("draw needs only Tensors or only Values in a list, got both; draw them one by one")
    return list({id(thing): thing for thing in things}.values())


def _drawable(thing: Any) -> bool:
    return isinstance(thing, Variable | Value | Planned)


def _called(thing: Any) -> str:
    """Its type and itself, but of a module, which takes many lines, only the type."""
    kind = type(thing).__name__
    return kind if isinstance(thing, Module) else f"{kind} {short(thing)}"


def _advice(thing: Any) -> str:
    if isinstance(thing, Module):
        return "draw what it returns, draw(model(x)), or pass an input beside it, draw(model, x)"
    if hasattr(thing, "named_parameters"):
        return "call the module first and pass what it returns: draw(model(x))"
    return "compute with tensor(..., requires_grad=True) and pass the result: draw(loss)"


def oldest_first(ends: list[Any]) -> list[Any]:
    """What `ends` were computed from, inputs before results; a leaf stands just before its first use."""
    results, leaves = _computed(ends)
    results.sort(key=_serial)
    order = [leaf for leaf in ends if leaf.operation is None]
    placed = {id(leaf) for leaf in order}
    for result in results:
        for x in result.inputs[:MOST_INPUTS]:
            if id(x) in leaves and id(x) not in placed:
                placed.add(id(x))
                order.append(x)
        order.append(result)
    return order


def _serial(thing: Any) -> int:
    return int(thing.serial)


def _computed(ends: list[Any]) -> tuple[list[Any], set[int]]:
    """The results among all that was found, and the ids of the leaves."""
    results, leaves = [], set()
    found = {id(thing) for thing in ends}
    waiting = list(ends)
    while waiting:
        thing = waiting.pop()
        if thing.operation is None:
            leaves.add(id(thing))
            continue
        results.append(thing)
        for x in thing.inputs[:MOST_INPUTS]:
            if isinstance(x, Tracer) and id(x) not in found:
                found.add(id(x))
                waiting.append(x)
    return results, leaves


def fold(order: list[Any], most: int = MOST_DRAWN) -> tuple[list[Any], set[int], list[str]]:
    """What to draw of `order`, the indices of stand-ins for what is left out, and a note if anything is."""
    if len(order) <= most:
        return order, set(), []
    kept = order[-min(KEPT, most) :]
    inside = {id(thing) for thing in kept}
    outside: dict[int, Any] = {}
    for thing in kept:
        for x in thing.inputs[:MOST_INPUTS]:
            if isinstance(x, Tracer) and id(x) not in inside:
                outside.setdefault(id(x), x)
    before = list(outside.values())
    stand_ins = {i for i, thing in enumerate(before) if thing.operation is not None}
    left_out = len(order) - len(kept) - len(before) + len(stand_ins)
    note = f"the newest {len(kept)} of {len(order):,} tensors are drawn; {left_out:,} before are folded away"
    return before + kept, stand_ins, [note]


def array_of(thing: Any) -> np.ndarray:
    """The numbers of a Tensor, or the one number of a Value."""
    return np.asarray(thing.data) if isinstance(thing, Value) else thing.raw


def why_cut(thing: Any) -> str:
    """Where the graph was cut, if `thing` only looks like a leaf: `no_grad() at train.py:12`."""
    if getattr(thing, "detachment", None) is None:
        return ""
    by, place, *_ = thing.detachment
    return f"{getattr(by, 'name', by)} at {line_of(place)}"


def gradients_of(things: list[Any]) -> list[np.ndarray | None]:
    """The gradient of each, None where backward() has not come by.

    A Value starts with gradient 0.0, so Values count as not yet visited while all their gradients are zero.
    """
    if not any(isinstance(thing, Value) for thing in things):
        return [thing.raw_grad() for thing in things]
    visited = any(thing.grad != 0 for thing in things)
    return [np.asarray(thing.grad) if visited else None for thing in things]


def slope(result: Value, position: int) -> float:
    """The derivative of a Value by its input at `position`; infinite or NaN where there is none."""
    numbers = [np.float64(x.data if isinstance(x, Value) else x) for x in (result, *result.inputs)]
    assert result.operation is not None
    rule = result.operation.rules[position]
    assert rule is not None
    with np.errstate(all="ignore"):
        return float(rule(np.float64(1.0), *numbers))
