"""The last backward pass of a program: its loss, and the parameters as it saw them, before a step moved them."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any, NamedTuple, Self

import numpy as np

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.call_site import is_own
from tinygrad_edu.engine.versions import overwritten_since
from tinygrad_edu.reading.nodes import nodes_in
from tinygrad_edu.tensor.gradient_flow import before_backward
from tinygrad_edu.tensor.tensor import Tensor


class Kept(NamedTuple):
    """The numbers of a leaf, and when they had been overwritten last."""

    numbers: np.ndarray
    version: int


class LastPass:
    """Inside `with`, every `backward()` keeps the numbers of the leaves that get a gradient; those of the last stay.

    `loss` is the last tensor from which it started, `names` are those of the function, or module, that called it.
    """

    def __init__(self) -> None:
        self.loss: Any = None
        self.names: dict[str, Any] = {}
        self._kept: dict[Any, Kept] = {}

    def __enter__(self) -> Self:
        before_backward.append(self._keep)
        return self

    def __exit__(self, *_: object) -> None:
        before_backward.remove(self._keep)

    def _keep(self, result: Any) -> None:
        self.loss, self.names = result, dict(_users_frame().f_locals)
        leaves = {x for node in newest_first(result) for x in nodes_in(node) if x.operation is None}
        self._kept = {
            x: Kept(x.raw.copy(), 0 if x.memory is None else x.memory.version)
            for x in leaves
            if x.requires_grad
        }

    def restore(self, result: Any) -> None:
        """Let the leaves behind `result` remember the numbers that it was computed from, if a later step moved them."""
        if not isinstance(result, Tensor) or result.operation is None:
            return
        for x, (numbers, version) in self._kept.items():
            if version <= result.serial and overwritten_since(x, result.serial):
                memory = x.memory
                assert memory is not None
                memory.before, memory.previous = (x.raw, numbers, memory.version), version

    def rewind(self) -> None:
        """Give all leaves of the last backward pass the numbers that it saw, for a program that has ended."""
        for x, (numbers, _) in self._kept.items():
            x.raw, x.memory = numbers, None


def _users_frame() -> FrameType:
    """The innermost frame outside this package."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and is_own(frame.f_code):
        frame = frame.f_back
    assert frame is not None
    return frame
