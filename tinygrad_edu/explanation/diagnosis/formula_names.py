"""Names for tensors without a name: the formula that made them, of the names that the student has."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.reading.names import Names
from tinygrad_edu.symbolic.expression import Expression, symbol
from tinygrad_edu.symbolic.writers.text_writer import program

MAX_FORMULA = 32  # signs of a formula that stands for a tensor without a name
MAX_DEPTH = 3  # of its operations
IN_NUMPY = str.maketrans({"·": "*", "×": "*", "−": "-", "ᵀ": ".T", "⊙": "*"})  # fmt: skip
CALL = re.compile(r"\w+\([^()]*\)(\.T)?")
GRADIENT = re.compile(r"d([A-Z]\w*|[a-z]\d*)$")  # such as dz2, under which a student hands in that of z2


class FormulaNames(Names):
    """The names of tensors, and how those without a name were made."""

    def one_word(self, x: Variable) -> str:
        """The name of the value, also where the student gave that of its gradient, dz for z."""
        if x not in self._words:
            name = self.find(x)
            gradient = GRADIENT.match(name) if x.requires_grad else None
            self._words[x] = "" if " " in name else gradient.group(1) if gradient else name
        return self._words[x]

    @cached_property
    def _words(self) -> dict[Variable, str]:
        return {}

    def bracketed(self, x: Variable) -> str:
        """The formula that made `x` as a part of another, in the signs of NumPy."""
        text = self.formula(x).translate(IN_NUMPY)
        return f"({text})" if " " in text and not CALL.fullmatch(text) else text

    def formula(self, x: Variable) -> str:
        """The formula that made `x` if all in it have names and it is short, or an empty text."""
        if x not in self._formulas:
            made = self._expression(x, 0) if x.operation is not None else None
            text = program(made) if isinstance(made, Expression) else ""
            self._formulas[x] = text if len(text) <= MAX_FORMULA else ""
        return self._formulas[x]

    @cached_property
    def _formulas(self) -> dict[Variable, str]:
        return {}

    def _expression(self, x: Any, depth: int) -> Any:
        """`x` as a formula of names; None if something in it has none."""
        if not isinstance(x, Variable):
            return x
        if depth and (name := self.one_word(x)):
            return symbol(name, x.raw.shape)
        if x.operation is None or depth >= MAX_DEPTH:
            return None
        inputs = tuple(self._expression(y, depth + 1) for y in x.inputs)
        if any(y is None for y in inputs):
            return None
        return Expression(shape=x.raw.shape, operation=x.operation, inputs=inputs, settings=dict(x.settings))
