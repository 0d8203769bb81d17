"""Detachments: why a result has no history, where it lost it, and what was computed since."""

from __future__ import annotations

import weakref
from typing import Any

from tinygrad_edu.engine.call_site import CallSite, current_call_site, line_of
from tinygrad_edu.engine.operation import Operation

DETACH = Operation(lambda x: x, name="detach", view=True)
NO_GRAD, COPY, RELEASE = "no_grad()", "tensor(...)", "backward(retain_graph=False)"

# What detached, and where; a weak reference to the last tensor that had a history; the operations since.
# A plain tuple: without recording, one is made at every operation.
Detachment = tuple[Operation | str, CallSite | None, Any, tuple[Operation, ...]]
MAX_OPERATIONS = 8  # remembered since the detachment: a running average would remember all its steps


def inherited(operation: Operation, inputs: tuple[Any, ...]) -> Detachment | None:
    """The detachment behind `inputs`, none of which needs a gradient, seen from the result of `operation`."""
    for x in inputs:
        detachment: Detachment | None = getattr(x, "detachment", None)
        if detachment is not None:
            by, site, source, since = detachment
            return detachment if len(since) == MAX_OPERATIONS else (by, site, source, (*since, operation))
    return None


def made_by(operation: Operation, inputs: tuple[Any, ...], recording: bool) -> Detachment:
    """The detachment that `operation` makes: it has no derivative, or recording is switched off."""
    source = next(weakref.ref(x) for x in inputs if getattr(x, "requires_grad", False))
    if recording:
        return operation, current_call_site(), source, ()
    return NO_GRAD, current_call_site(), source, (operation,)


def by_copying(x: Any) -> Detachment | None:
    """The detachment that `tensor(x)` makes: it copies the numbers of `x`, not its history."""
    return (COPY, current_call_site(), weakref.ref(x), ()) if x.requires_grad else x.detachment


def release(nodes: Any) -> None:
    """Make `nodes` forget how they were computed."""
    site = current_call_site()
    for node in nodes:
        if node.operation is not None:
            node.operation, node.inputs, node.common, node.requires_grad = None, (), None, False
            node.detachment = (RELEASE, site, None, ())


def check_not_cut(x: Any) -> None:
    """Raise if `x`, on the way of a gradient, was cut off after it was used: its part would be missed silently."""
    switched = "requires_grad" in vars(x)  # a constant in a picture has an operation, too
    if x.operation is not None and switched:
        raise RuntimeError(
            f"backward needs requires_grad=True of {x.described()}, as it was computed by {x.operation.name} at "
            f"{line_of(x.call_site)}, but it was switched off; use x.detach() where it is used"
        )
    if x.detachment is not None and x.detachment[0] == RELEASE:
        raise RuntimeError(
            f"backward needs the graph behind {x.described()}, but it was freed by {RELEASE} at "
            f"{line_of(x.detachment[1])}; leave retain_graph=False out there"
        )


def chain(detachment: Detachment) -> str:
    """The operations behind a result, newest first: `mean ← square ← argmax (train.py:21)`."""
    by, site, _, since = detachment
    names = [operation.name for operation in reversed(since)]
    names += [] if by == NO_GRAD else [name_of(by)]
    return f"{'… ← ' * (len(since) == MAX_OPERATIONS)}{' ← '.join(names)} ({line_of(site)})"


def described(detachment: Detachment) -> str:
    """`the graph was cut by detach() at train.py:12`, and the operations since if there are any."""
    by, site, _, since = detachment
    what = name_of(by)
    if isinstance(by, Operation) and by is not DETACH:
        what += ", whose derivative is zero or undefined,"
    text = f"the graph was cut by {what} at {line_of(site)}"
    return f"{text}; looking backward: {chain(detachment)}" if len(since) > (by == NO_GRAD) else text


def name_of(by: Operation | str) -> str:
    """The call that detached, as a user's program writes it: `detach()`, `argmax`."""
    if isinstance(by, str):
        return by
    return "detach()" if by is DETACH else by.name
