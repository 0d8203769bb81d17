"""Which module computed which tensor, noted while the forward pass runs; and the boxes around them.

A path is a tuple of steps from the outermost module to the innermost, each one call of a module. Nothing here is
switched on unless somebody draws.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np

from tinygrad_edu.modes import enable_grad, watch
from tinygrad_edu.nn.module import Module
from tinygrad_edu.notation import short
from tinygrad_edu.operation import Traced
from tinygrad_edu.plan.tree import leaves
from tinygrad_edu.tensor import Tensor, tensor


class Step(NamedTuple):
    """One call of a module: `net.0`, `Linear`."""

    path: str
    kind: str
    call: int = 0  # the how-manieth; 0 if not known


T = TypeVar("T")
Path = tuple[Step, ...]
_open: ContextVar[Path] = ContextVar("tinygrad_edu.viz modules that are running", default=())


@dataclass(frozen=True, slots=True)
class Scope:
    """One call of a module, as a box around what it computed."""

    path: str  # `net.0`
    kind: str  # `Linear`
    parent: int | None = None  # the index of the box around it

    def title(self, outer: Scope | None = None) -> str:
        """`fc1: Linear`, named from within the module `outer`."""
        name = self.path.removeprefix(f"{outer.path}.") if outer and outer.path else self.path
        return f"{name}: {self.kind}" if name else self.kind


def recorded(net: Module, inputs: Sequence[Any], root: str) -> Recording:
    """A forward pass of `net`; if no parameter wants a gradient, the inputs do, as else nothing is remembered."""
    made = [tensor(x) if isinstance(x, np.ndarray | list) else x for x in inputs]
    recording = Recording(net, made, root)
    if any(x.operation is not None for x in recording.results):
        return recording
    return Recording(net, [_wanting(x) for x in made], root)


def _wanting(x: Any) -> Any:
    floating = isinstance(x, Tensor) and x.raw.dtype.kind == "f"
    return x.detach().clone().requires_grad_() if floating else x


class Recording:
    """A forward pass of `net`, and by which modules its tensors were computed. The root is called `root`."""

    def __init__(self, net: Module, inputs: Sequence[Any], root: str) -> None:
        self.paths: dict[Any, Path] = {}
        self.inputs = inputs
        self._calls = 0
        with self._noting(net, root), watch(self._note), enable_grad():
            result = net(*inputs)
        self.results = [x for x in leaves(result) if isinstance(x, Tensor)]
        if not self.results:
            raise TypeError(
                f"draw needs a module that returns Tensors, but {type(net).__name__} returned {short(result)}"
            )

    def _note(self, _operation: Any, _inputs: Any, _settings: Any, result: Any) -> None:
        if isinstance(result, Traced):
            self.paths.setdefault(result, _open.get())

    @contextlib.contextmanager
    def _noting(self, net: Module, root: str) -> Iterator[None]:
        """While it lasts, every module of `net` says when it runs."""
        modules = list(net.named_modules(root))
        before = {module: vars(module).get("forward") for _, module in modules}
        for path, module in modules:
            vars(module)["forward"] = self._around(module.forward, path, type(module).__name__)
        try:
            yield
        finally:
            for module, forward in before.items():
                del vars(module)["forward"]
                vars(module).update({} if forward is None else {"forward": forward})

    def _around(self, forward: Callable[..., Any], path: str, kind: str) -> Callable[..., Any]:
        def noted(*inputs: Any, **options: Any) -> Any:
            self._calls += 1
            token = _open.set((*_open.get(), Step(path, kind, self._calls)))
            try:
                return forward(*inputs, **options)
            finally:
                _open.reset(token)

        return noted


def common(paths: Sequence[tuple[T, ...]]) -> tuple[T, ...]:
    """The steps that all of `paths` begin with."""
    if not paths:
        return ()
    length = 0
    for steps in zip(*paths, strict=False):
        if len(set(steps)) > 1:
            break
        length += 1
    return paths[0][:length]


def boxes(things: Sequence[Any], paths: Sequence[Path]) -> tuple[list[Scope], list[int | None]]:
    """The boxes around `things`, and for each the index of the innermost one, if any.

    A box holds what was computed in one go: if other things come in between, a new box is opened.
    """
    scopes: list[Scope] = []
    found: list[int | None] = [None] * len(things)
    running: list[tuple[Step, int]] = []  # the boxes that are open, with their indices
    for i, (thing, path) in enumerate(zip(things, paths, strict=True)):
        if thing.operation is None:
            continue
        del running[len(common([tuple(step for step, _ in running), path])) :]
        for step in path[len(running) :]:
            scopes.append(Scope(step.path, step.kind, running[-1][1] if running else None))
            running.append((step, len(scopes) - 1))
        found[i] = running[-1][1] if running else None
    users: dict[int, list[int | None]] = {}
    for thing, scope in zip(things, found, strict=True):
        for x in thing.inputs:
            users.setdefault(id(x), []).append(scope)
    for i, (thing, path) in enumerate(zip(things, paths, strict=True)):
        if thing.operation is None and id(thing) in users:
            shared = common([_chain(scopes, scope) for scope in users[id(thing)]])
            found[i] = shared[: len(path)][-1] if shared and path else None
    return scopes, found


def _chain(scopes: Sequence[Scope], scope: int | None) -> tuple[int, ...]:
    """The indices of the boxes around something, from the outermost to the innermost."""
    chain: list[int] = []
    while scope is not None:
        chain.append(scope)
        scope = scopes[scope].parent
    return tuple(reversed(chain))
