"""The place in a network where an error happened: a note on the error, completed by every module that it passes."""

from __future__ import annotations

import sys
from typing import Any

from tinygrad_edu.engine.call_site import line_of, variable_name
from tinygrad_edu.engine.graph import Variable


class Trail:
    """The place of an error as known so far, kept on the error itself."""

    def __init__(self, module: Any, inputs: tuple[Any, ...]) -> None:
        self.failed = self.top = module  # the module where it happened, and the last one that it passed
        self.input = inputs[0] if inputs else None
        self.path: list[str] = []  # from the last one to the one where it happened
        self.before: list[str] = []  # the same for the module that made the input, ...
        self.maker: Any = None  # ... which is this one,
        self.open = True  # if it is still to be found
        self.said = ""

    def passes(self, module: Any) -> None:
        """Add the name that the last module has in `module`."""
        name = " or ".join(name for name, child in module._modules.items() if child is self.top)
        parts = list(getattr(module, "_parts", ()))
        self.open = self.open and parts.count(self.top) == 1
        if self.maker is None and self.open and parts.index(self.top) > 0:
            self.maker = parts[parts.index(self.top) - 1]
            self.before = [key for key, child in module._modules.items() if child is self.maker]
        elif self.maker is not None and name:
            self.before.insert(0, name)
        self.path[:0] = [name] if name else []
        self.top = module

    def note(self, root: str) -> str:
        """`In net.2, Linear(...), with an input of shape (8, 32) that came from net.1, ReLU()`."""
        text = f"In {'.'.join([root, *self.path])}, {_short(self.failed)}"
        shape = getattr(self.input, "shape", None)
        if shape is not None:
            text += f", with an input of shape {shape}"
            if self.maker is not None:
                text += f" that came from {'.'.join([root, *self.before])}, {_short(self.maker)}"
            elif isinstance(self.input, Variable) and self.input.operation is not None:
                text += f" that came from {self.input.operation.name} at {line_of(self.input.call_site)}"
        return text


def retrace(error: Any, module: Any, inputs: tuple[Any, ...]) -> None:
    """Note on `error`, which leaves `module`, where in the network it happened."""
    trail: Trail | None = getattr(error, "trail", None)
    if trail is None:
        error.trail = Trail(module, inputs)
        return
    if trail.top is not module:
        trail.passes(module)
    if not trail.path:
        return
    notes = [note for note in getattr(error, "__notes__", []) if note != trail.said]
    trail.said = trail.note(variable_name(module, sys._getframe(2)) or type(module).__name__)
    error.__notes__ = [*notes, trail.said]


def _short(module: Any) -> str:
    return f"{type(module).__name__}({module.extra_repr()})"
