"""Notices, at every backward() and for next to nothing, a graph that grows with each step or is never freed."""

from __future__ import annotations

import gc
import itertools
import weakref
from collections import deque
from typing import Any

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.call_site import CallSite, line_of
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.versions import serials
from tinygrad_edu.hints.warnings import GrowingGraphWarning, warn
from tinygrad_edu.ops.elementwise import add, subtract

EVERY = 13  # one call of backward() in so many is looked at
BYTES_OF_A_NODE = 600  # beside its array
SAMPLES = 5  # so many in a row must say the same, unless it is an update
calls = itertools.count(1)  # of backward()

# By the line that computed the loss: nodes in its last walk, how many walks in a row were larger than the one before,
# nodes before those, serial of the last loss.
_lines: dict[CallSite | None, list[int]] = {}
_losses: deque[tuple[Any, int]] = deque(maxlen=SAMPLES)  # weak references, and when backward() was called


def notice(loss: Variable, nodes: int) -> None:
    """Note that `backward()` of `loss` walked over so many `nodes`."""
    if loss.operation is None:
        return
    line = _lines.get(loss.call_site)
    if line is None or nodes <= line[0]:
        _lines[loss.call_site] = [nodes, 0, nodes, loss.serial]
    else:
        _has_grown(loss, nodes, line)
    _follow(loss)


def _has_grown(loss: Variable, nodes: int, line: list[int]) -> None:
    walks = line[1] + 1
    before, line[0], line[1], line[3] = line[3], nodes, walks % SAMPLES, loss.serial
    link = _link(loss, before)
    if link is not None and (walks == SAMPLES or is_update(link[0])):
        warn(
            GrowingGraphWarning,
            f"the graph of this loss has grown for {EVERY * walks} steps, from {line[2]} to {nodes} tensors: "
            f"{_connection(*link)}",
        )


def _link(loss: Variable, before: int) -> tuple[Variable, Variable] | None:
    """A node made since the loss `before`, and one of its inputs, that is older: there the steps hang together."""
    for node in newest_first(loss):
        for x in node.inputs:
            if isinstance(x, Variable) and x.operation is not None and node.serial > before >= x.serial:
                return node, x
    return None


def _connection(node: Variable, old: Variable) -> str:
    """The operation that connects this step to the one before, and what to do about it."""
    name, where = node.operation.name, line_of(node.call_site)  # type: ignore[union-attr]
    called = f"{old.name!r}, which" if old.name else "what"
    if is_update(node):
        return (
            f"each {name} at {where} makes a new tensor that remembers the one before; "
            "write with no_grad(): w -= lr * w.grad, or use SGD([w], lr).step()"
        )
    if node.operation is add and old.operation is add and old.call_site == node.call_site:
        return f"the sum at {where} remembers every step; write total += loss.item()"
    return (
        f"{name} at {where} uses {called} an earlier step computed at {line_of(old.call_site)}; "
        "use x.detach() of it if no gradient shall flow into earlier steps"
    )


def is_update(node: Variable) -> bool:
    """True if `node` looks like `w - lr * w.grad`: a number array taken from what gets a gradient, shape kept."""
    if node.operation is not subtract:
        return False
    w, change = node.inputs
    return (
        isinstance(w, Variable)
        and isinstance(change, Variable)
        and w.requires_grad
        and not change.requires_grad
        and w.raw.shape == change.raw.shape
        and (w.operation is None or (w.operation is node.operation and w.call_site == node.call_site))
    )


def _follow(loss: Variable) -> None:
    """The losses since the last look, each made after backward() of the one before: all but the last should be gone."""
    if _losses and loss.serial < _losses[-1][1]:
        _losses.clear()
    _losses.append((weakref.ref(loss), next(serials)))
    losses = [reference() for reference, _ in _losses]
    if len(losses) == SAMPLES and all(x is not None and x.operation is not None for x in losses):
        _losses.clear()
        warn(
            GrowingGraphWarning,
            f"the losses of the last {EVERY * (SAMPLES - 1)} steps are still in memory, each with its graph of "
            f"{_size(losses[-2])}: {_keeper(losses[-2])}",
        )


def _size(loss: Any) -> str:
    """`9 tensors (12 kB)`, which the graph of one loss holds."""
    nodes = newest_first(loss)
    kilobytes = sum(BYTES_OF_A_NODE + x.raw.nbytes for x in nodes) / 1000
    return f"{len(nodes)} tensors ({max(kilobytes, 1):,.0f} kB)"


def _keeper(loss: Any) -> str:
    users = [
        x
        for x in gc.get_objects()
        if issubclass(type(x), Variable) and any(used is loss for used in x.inputs)
    ]
    if not users:
        return "something keeps them, perhaps a list; keep loss.item() instead"
    last = max(users, key=lambda x: x.serial)
    name = last.operation.name
    return f"{name} at {line_of(last.call_site)} uses them, and its result remembers all; write total += loss.item()"
