"""Hooks: functions of a user's program that see, and may replace, the gradient of a Variable."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from tinygrad_edu.engine.grad_mode import current, walk
from tinygrad_edu.engine.operation import Data

Hook = Callable[[Any], Any]
_numbers = itertools.count()


class RemovableHandle:
    """A registered hook, which `remove()` takes away again; as a `with` block it does so at its end."""

    def __init__(self, hooks: dict[int, Any], hook: Any, *, first: bool = False) -> None:
        self._hooks, self._number = hooks, next(_numbers)
        others = dict(hooks) if first else {}
        for number in others:
            del hooks[number]
        hooks[self._number] = hook
        hooks.update(others)

    def remove(self) -> None:
        """Forget the hook."""
        self._hooks.pop(self._number, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


def after_hooks(node: Any, g: Data) -> Data:
    """The gradient `g` of `node` after its hooks; they are handed a Variable, whatever `g` is."""
    traced = hasattr(g, "raw")
    for hook in list(node.hooks.values()):
        with walk(records=traced and current().recording):
            replaced = hook(g if traced else node.result_kind.around(g))
        if replaced is None:
            continue
        if replaced.shape != node.raw.shape:
            raise RuntimeError(
                f"a hook of {node.described()} needs to return a gradient of its shape, {node.raw.shape}, or None, "
                f"got {replaced.shape}"
            )
        g = replaced if traced else replaced.raw
    return g
