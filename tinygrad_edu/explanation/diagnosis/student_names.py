"""Tensors in the sentences of a diagnosis: by name, by a letter from the textbook, or by what they were made of."""

from __future__ import annotations

from tinygrad_edu.engine.call_site import line_of
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.reading.names import Names
from tinygrad_edu.symbolic.expression import Expression, symbol
from tinygrad_edu.symbolic.writers.text_writer import program


class StudentNames(Names):
    """The names of tensors, and what stands for a tensor without one."""

    def letter(self, x: Variable, letter: str) -> str:
        """In a formula: the name of `x`, or the textbook's letter."""
        name = self.find(x)
        return name if name and " " not in name else letter

    def label(self, x: Variable) -> str:
        """The name of `x`, or which operation computed it where."""
        return self.find(x) or f"[{self.node(x)}]"

    def node(self, x: Variable) -> str:
        """In a sentence: `'a1' (line train.py:12)`, or `X @ W1 (line train.py:12)`."""
        name = self.find(x)
        text = f"'{name}'" if name else self._made(x)
        return f"{text} (line {line_of(x.call_site)})" if x.call_site else text

    def _made(self, x: Variable) -> str:
        """The formula that made `x` if all in it have names, or else which operation it was."""
        if x.operation is None:
            return f"a tensor of shape {x.raw.shape}"
        names = [self.find(y) for y in x.inputs if isinstance(y, Variable)]
        if not all(name and " " not in name for name in names):
            return x.operation.name
        inputs = tuple(symbol(self.find(y), y.raw.shape) if isinstance(y, Variable) else y for y in x.inputs)
        formula = Expression(
            shape=x.raw.shape, operation=x.operation, inputs=inputs, settings=dict(x.settings)
        )
        return program(formula)
