"""In-place operations on the graph: a Variable stands for another node from then on, and so do its views.

A Variable is a handle and a node in one. When `h *= 2` overwrites its numbers, a new Variable, the former `h`, takes
over what `h` was as a node, and `h` becomes the result of the multiplication. Results that were computed before keep
`h` among their inputs, and mean the former one: `as_of` finds it by their serial numbers. So nothing but an in-place
operation itself costs anything.
"""

from __future__ import annotations

import sys
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tinygrad_edu.engine.call_site import current_call_site
from tinygrad_edu.engine.node import Node
from tinygrad_edu.engine.operation import NO_SETTINGS, Operation
from tinygrad_edu.engine.versions import Memory, serials

MIN_PRUNED = 64  # views that are remembered before those that are gone are looked for


class Views:
    """The views of a Variable that are still alive, in the order in which they were made."""

    __slots__ = ("_limit", "_references")

    def __init__(self) -> None:
        self._references: list[weakref.ref[Any]] = []
        self._limit = MIN_PRUNED

    def add(self, view: Any) -> None:
        """Remember `view`, without keeping it alive."""
        self._references.append(weakref.ref(view))
        if len(self._references) > self._limit:
            self._references = [reference for reference in self._references if reference() is not None]
            self._limit = max(MIN_PRUNED, 2 * len(self._references))

    def alive(self) -> list[Any]:
        """The views; each comes after the one it is a view of."""
        return [view for reference in self._references if (view := reference()) is not None]


def note_view(
    view: Any, operation: Operation, inputs: tuple[Any, ...], settings: Any, recording: bool
) -> None:
    """Note that `view`, the result of `operation(*inputs)`, shares the memory of the first input."""
    parent = inputs[0]
    view.memory, view.provenance = parent.shared_memory(), None  # `origin` tells how it was made
    if not recording or parent.hidden_base is not None:
        view.hidden_base = parent.hidden_base or weakref.ref(parent if parent.base is None else parent.base)
    elif operation.differentiable:  # unlike detach
        view.base = base = parent if parent.base is None else parent.base
        if view.operation is None:
            view.origin = (operation, inputs, settings)
        if base.views is None:
            base.views = Views()
        base.views.add(view)


@contextmanager
def rebinding(target: Any, value: Any) -> Iterator[None]:
    """While the numbers of `target` become those of `value`, a node computed from it: afterwards it stands for `value`.

    If it is a view, the Variable it is a view of stands for itself with this part exchanged, and all other views for
    parts of that.
    """
    base = target if target.base is None else target.base
    views = base.views.alive() if base.views is not None else []
    origins = {view: view.origin or (view.operation, view._inputs(), view.settings) for view in views}
    path = _path(target, base, origins)
    moment, gone = next(serials), Memory()
    gone.version = sys.maxsize  # what the former ones remember of their numbers, unless they get their own
    former = {x: _former(x, moment, gone) for x in [base, *views]}
    readers = _severed(value, base)
    if _reads_result(former[target]) or any(_reads(node, former[target]) for node in readers):
        target.copy_numbers_to(former[target])
    yield
    gone.call_site = target.memory.call_site
    node = value
    for operation, (x, *rest), settings in path:
        node = pending(x, *operation.view_back(former[x], node, *rest, **settings))
    _become(base, node.operation, node._inputs(), node.settings, value)
    for view, (operation, inputs, settings) in origins.items():
        _become(view, operation, inputs, settings, value)


def _path(target: Any, base: Any, origins: dict[Any, Any]) -> list[Any]:
    """The computations of `target`, of the Variable that it is a view of, and so on to `base`."""
    path = []
    while target is not base:
        path.append(origins[target])
        operation, (target, *_), _ = origins[target]
        if operation.view_back is None:
            raise RuntimeError(
                f"numbers written into a view by {operation.name} cannot reach {base.described()} in the graph, as it "
                "has no view_back; work on a copy: x = x.clone()"
            )
    return path


def pending(target: Any, operation: Operation, inputs: tuple[Any, ...], settings: Any) -> Any:
    """The node `operation(*inputs, **settings)` whose numbers stand in the memory of `target`, or soon will."""
    node = object.__new__(target.result_kind)
    node.raw, node.memory = target.raw, target.shared_memory()
    return _become(node, operation, inputs, settings, None)


def _former(x: Any, moment: int, memory: Memory) -> Any:
    """A Variable that is, as a node, what `x` was."""
    former = object.__new__(x.result_kind)
    staying = {"_grad", "former", "base", "origin", "provenance", "views", "severed"}
    vars(former).update({key: value for key, value in vars(x).items() if key not in staying}, memory=memory)
    if not x.former:
        x.former = []
    x.former.append((moment, former))
    Node.rebound = True
    return former


def _become(x: Any, operation: Operation, inputs: tuple[Any, ...], settings: Any, like: Any) -> Any:
    """Make `x` the result of `operation(*inputs, **settings)`, computed where `like` was, or here."""
    x.requires_grad, x.operation, x.inputs, x.settings = True, operation, inputs, settings or NO_SETTINGS
    x.serial, x.common = next(serials), None if like is None else like.common
    x.call_site = current_call_site() if like is None else like.call_site
    x.detachment = x.provenance = x.origin = x.call = None
    return x


def _severed(value: Any, base: Any) -> list[Any]:
    """The nodes behind `value` that now refer to former Variables: the handles themselves would close a circle."""
    oldest = base.former[0][1].serial or base.born
    if base.severed is None:
        base.severed = set()
    waiting, found = [value], []
    for node in waiting:  # grows as it goes
        base.severed.add(node.serial)
        inputs = node.inputs
        if any(new is not old for new, old in zip(inputs, node._inputs())):
            node.inputs = inputs
            found.append(node)
        behind = {x.serial: x for x in inputs if isinstance(x, Node) and x.serial > oldest}
        waiting += [x for serial, x in behind.items() if serial not in base.severed]
    return found


def _reads(node: Any, x: Any) -> bool:
    """True if the rules of `node` read the numbers of its input `x`."""
    inputs = node._inputs()
    read = {i for position, _ in node.edges() for i in node.operation.reads(position, len(inputs))}
    return any(y is x for i, y in enumerate(inputs, 1) if i in read)


def _reads_result(node: Any) -> bool:
    """True if the rules of `node` read its own numbers."""
    count = len(node._inputs())
    return any(0 in node.operation.reads(position, count) for position, _ in node.edges())
