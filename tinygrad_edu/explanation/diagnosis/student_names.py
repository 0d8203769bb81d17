"""What the student calls the tensors: their own names, those of variables, or letters from the textbook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tinygrad_edu.engine.call_site import line_of
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.symbolic.expression import Expression, symbol
from tinygrad_edu.symbolic.writers.text_writer import program


class Names:
    """Names of tensors, from `tensor.name` or from a mapping such as `locals()`."""

    def __init__(self, given: Mapping[str, Any] | None = None) -> None:
        self.by_id: dict[int, str] = {}
        self.kept: list[Any] = []  # an id means something only while the thing lives
        for name, thing in (given or {}).items():
            if not name.startswith("_"):
                self._note(name, thing)
                for path, parameter in _parameters(thing):
                    self._note(f"{name}.{path}", parameter)

    def _note(self, name: str, thing: Any) -> None:
        self.kept.append(thing)
        self.by_id.setdefault(id(thing), name)

    def find(self, x: Variable) -> str:
        """The name that somebody gave, or an empty text."""
        return self.by_id.get(id(x)) or x.name or ""

    def letter(self, x: Variable, letter: str) -> str:
        """In a formula: its name, or the textbook's letter."""
        name = self.find(x)
        return name if name and " " not in name else letter

    def label(self, x: Variable) -> str:
        """Its name, or which operation computed it where."""
        return self.find(x) or f"[{self.node(x)}]"

    def node(self, x: Variable) -> str:
        """In a sentence: `'a1' (line train.py:12)`, or `X @ W1 (line train.py:12)`."""
        name = self.find(x)
        what = f"'{name}'" if name else self._made(x)
        return f"{what} (line {line_of(x.call_site)})" if x.call_site else what

    def _made(self, x: Variable) -> str:
        """The formula that made it if all in it have names, or else which operation it was."""
        if x.operation is None:
            return f"a tensor of shape {x.raw.shape}"
        names = [self.find(y) for y in x.inputs if hasattr(y, "shape")]
        if not all(name and " " not in name for name in names):
            return x.operation.name
        inputs = tuple(symbol(self.find(y), y.shape) if hasattr(y, "shape") else y for y in x.inputs)
        formula = Expression(
            shape=x.raw.shape, operation=x.operation, inputs=inputs, settings=dict(x.settings)
        )
        return program(formula)


def _parameters(thing: Any) -> list[tuple[str, Any]]:
    listed = getattr(type(thing), "named_parameters", None)
    return list(listed(thing)) if callable(listed) else []
