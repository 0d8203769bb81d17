"""Calls of modules as boxes around their results.

A path is a tuple of calls from the outermost module to the innermost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from tinygrad_edu.reading.nodes import nodes_in


class ModuleCall(NamedTuple):
    """One call of a module: `net.0`, `Linear`; or of a fused operation, which has no path."""

    path: str
    kind: str
    call: float = 0  # the serial number when the call began; 0 if not known


T = TypeVar("T")
CallPath = tuple[ModuleCall, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """One call of a module, as a box around its results."""

    path: str  # `net.0`
    kind: str  # `Linear`
    parent: int | None = None  # the index of the box around it

    def title(self, outer: Scope | None = None) -> str:
        """`fc1: Linear`, named from within the module `outer`."""
        name = self.path.removeprefix(f"{outer.path}.") if outer and outer.path else self.path
        return f"{name}: {self.kind}" if name else self.kind


def common(paths: Sequence[tuple[T, ...]]) -> tuple[T, ...]:
    """The beginning that all of `paths` share."""
    if not paths:
        return ()
    length = 0
    for steps in zip(*paths, strict=False):
        if len(set(steps)) > 1:
            break
        length += 1
    return paths[0][:length]


def boxes(tensors: Sequence[Any], paths: Sequence[CallPath]) -> tuple[list[Scope], list[int | None]]:
    """The boxes around `tensors`, and for each the index of the innermost one, if any.

    A box holds results that were computed without a break: after other tensors a new box is opened.
    """
    scopes: list[Scope] = []
    found: list[int | None] = [None] * len(tensors)
    running: list[tuple[ModuleCall, int]] = []  # the boxes that are open, with their indices
    for i, (tensor, path) in enumerate(zip(tensors, paths, strict=True)):
        if tensor.operation is None:
            continue
        del running[len(common([tuple(step for step, _ in running), path])) :]
        for step in path[len(running) :]:
            scopes.append(Scope(step.path, step.kind, running[-1][1] if running else None))
            running.append((step, len(scopes) - 1))
        found[i] = running[-1][1] if running else None
    users: dict[Any, list[int | None]] = {}
    for tensor, scope in zip(tensors, found, strict=True):
        for x in nodes_in(tensor):
            users.setdefault(x, []).append(scope)
    for i, (tensor, path) in enumerate(zip(tensors, paths, strict=True)):
        if tensor.operation is None and tensor in users:
            shared = common([_chain(scopes, scope) for scope in users[tensor]])
            found[i] = shared[: len(path)][-1] if shared and path else None
    return scopes, found


def _chain(scopes: Sequence[Scope], scope: int | None) -> tuple[int, ...]:
    """The indices of `scope` and of the boxes around it, from the outermost to the innermost."""
    chain: list[int] = []
    while scope is not None:
        chain.append(scope)
        scope = scopes[scope].parent
    return tuple(reversed(chain))
