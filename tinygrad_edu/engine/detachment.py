"""Where the way back ends: what cut a result off from its history, and what was computed since."""

from __future__ import annotations

import weakref
from typing import Any

from tinygrad_edu.engine.call_site import Place, line_of, place_of_caller
from tinygrad_edu.engine.operation import Operation

# What cut, and where; the last tensor that had a history, unless it is gone; what was computed from there on.
# A plain tuple: without recording, one is made at every operation.
Cut = tuple[Operation | str, Place | None, Any, tuple[Operation, ...]]
MOST = 8  # operations remembered since the cut: a running average would remember all its steps


def inherited(operation: Operation, inputs: tuple[Any, ...]) -> Cut | None:
    """The cut behind one of `inputs`, none of which needs a gradient, seen from the result of `operation`."""
    for x in inputs:
        cut: Cut | None = getattr(x, "cut", None)
        if cut is not None:
            by, place, source, since = cut
            return cut if len(since) == MOST else (by, place, source, (*since, operation))
    return None


def made_here(operation: Operation, inputs: tuple[Any, ...], recording: bool) -> Cut:
    """The cut that `operation` makes: it has no derivative, or nobody is recording."""
    source = next(weakref.ref(x) for x in inputs if getattr(x, "requires_grad", False))
    if recording:
        return operation, place_of_caller(), source, ()
    return "no_grad()", place_of_caller(), source, (operation,)


def by_copying(x: Any) -> Cut | None:
    """The cut that `tensor(x)` makes: it copies the numbers of `x`, not its history."""
    return ("tensor(...)", place_of_caller(), weakref.ref(x), ()) if x.requires_grad else x.cut


def release(nodes: Any) -> None:
    """Forget how these were computed."""
    place = place_of_caller()
    for node in nodes:
        if node.operation is not None:
            node.operation, node.inputs, node.common, node.requires_grad = None, (), None, False
            node.cut = ("backward(retain_graph=False)", place, None, ())


def chain(cut: Cut) -> str:
    """What lies behind a result, newest first: `mean ← square ← argmax (train.py:21)`."""
    by, place, _, since = cut
    names = [operation.name for operation in reversed(since)]
    names += [] if by == "no_grad()" else [_called(by)]
    return f"{'… ← ' * (len(since) == MOST)}{' ← '.join(names)} ({line_of(place)})"


def described(cut: Cut) -> str:
    """`the graph was cut by detach() at train.py:12`, and the way there if it is more than one step."""
    by, place, _, since = cut
    what = _called(by)
    if isinstance(by, Operation) and by.name != "detach":
        what += ", whose derivative is zero or undefined,"
    text = f"the graph was cut by {what} at {line_of(place)}"
    return f"{text}; looking backward: {chain(cut)}" if len(since) > (by == "no_grad()") else text


def _called(by: Operation | str) -> str:
    if isinstance(by, str):
        return by
    return "detach()" if by.name == "detach" else by.name
