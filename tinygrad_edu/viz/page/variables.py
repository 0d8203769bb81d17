"""Each tensor and its gradient on a page: in formulas a symbol, in code a variable, among the numbers a key.

Formulas and code are written with one private character for each tensor, and the page puts the names there. The
texts of two operations then differ only where the operations do.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import cached_property
from types import CodeType
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.explanation.derivation.gradient_formulas import close
from tinygrad_edu.symbolic.expression import Expression, symbol
from tinygrad_edu.symbolic.numeric_forms import numeric_forms
from tinygrad_edu.symbolic.writers.index_code import CodeError, index_code
from tinygrad_edu.symbolic.writers.numpy_writer import numpy_code
from tinygrad_edu.text.identifiers import free_name
from tinygrad_edu.viz.drawing.text_width import clean
from tinygrad_edu.viz.graph.graph_model import Graph

MAX_NAME_LENGTH = 24  # characters of a variable
MAX_CODE_LENGTH = 300  # characters of a line of code
_FAILURES = (
    *(ArithmeticError, TypeError, ValueError, IndexError, AttributeError),
    np.linalg.LinAlgError,
)  # of code on numbers that it does not suit
NAMES, GRADIENTS = 0xF0000, 0x100000  # the first of the characters for names, and for variables of gradients


class Variables:
    """The symbols of `values` and `gradients`, by node, and by the id of a symbol its key and its name in code.

    `numbers` has the array of each symbol. `variables` are the names that stand in code, of the value and the
    gradient of each node. The argument `gradients` has arrays by tensor.
    """

    def __init__(self, graph: Graph, gradients: Mapping[Any, np.ndarray]) -> None:
        self.graph = graph
        shapes = [graph.array(i).shape for i in range(len(graph.tensors))]
        loss = graph.loss or "L"
        self.values = [symbol(chr(NAMES + i), shape) for i, shape in enumerate(shapes)]
        self.gradients = [symbol(loss, shape, by=(chr(NAMES + i),)) for i, shape in enumerate(shapes)]
        self.node_of = {x: i for i, x in enumerate(self.values)}
        self.keys = {id(x): f"v{i}" for i, x in enumerate(self.values)}
        self.keys |= {id(x): f"g{i}" for i, x in enumerate(self.gradients)}
        self.numbers = {x: graph.array(i) for i, x in enumerate(self.values)}
        known = [(x, gradients.get(tensor)) for x, tensor in zip(self.gradients, graph.tensors)]
        self.numbers |= {x: gradient for x, gradient in known if gradient is not None}
        self.called = {id(x): chr(NAMES + i) for i, x in enumerate(self.values)}
        self.called |= {id(x): chr(GRADIENTS + i) for i, x in enumerate(self.gradients)}
        taken: set[str] = {"np"}
        names = [free_name(clean(node.name)[:MAX_NAME_LENGTH], taken) for node in graph.nodes]
        self.variables = [(name, free_name(f"d{name}", taken)) for name in names]

    def standing_for(self, x: Any, node: int | None) -> Expression:
        """The symbol of node `node`, or a new one if that node is a whole module of which `x` is a part."""
        if node is not None and self.graph.tensors[node] is x:
            return self.values[node]
        return symbol("…" if node is None else self.values[node].name, self.graph.computation.array(x).shape)

    def program(self, code: str) -> str:
        """A line of code with the names of the variables."""
        return code.translate(self._table)

    @cached_property
    def _table(self) -> dict[int, str]:
        """The names of the variables by the code points that stand for them."""
        names = {NAMES + i: name for i, (name, _) in enumerate(self.variables)}
        return names | {GRADIENTS + i: name for i, (_, name) in enumerate(self.variables)}

    def variable_of(self, x: Expression) -> str:
        """The name in code of a symbol."""
        return self.program(self.called[id(x)])

    def forms(self, formula: Expression) -> list[CodeForm]:
        """The forms of a formula as code, of which the first that gives the right numbers is to be shown."""
        found = []
        for form in numeric_forms(formula):
            try:
                code = numpy_code(form, self.called)
            except CodeError:
                continue
            if 0 < len(code) <= MAX_CODE_LENGTH:
                found.append(CodeForm(code, compile(self.program(code), "<page>", "eval")))
        return found

    def scattered(self, formula: Expression, to: str, sign: str) -> tuple[str, ...]:
        """Two lines for numbers that are added up at an index, which may name a place twice."""
        x, *arrays = formula.inputs
        try:
            index = index_code(
                formula.settings["index"], [numpy_code(array, self.called) for array in arrays]
            )
            code = numpy_code(x, self.called)
        except CodeError:
            return ()
        start = f"np.zeros({formula.shape})" if sign == "=" else f"{to}.copy()"
        place = f"np.s_[{index}]" if ":" in index else f"({index})" if "," in index else index
        return f"{to} = {start}", f"np.add.at({to}, {place}, {code})"


class CodeForm(NamedTuple):
    """A formula as a line of NumPy: as text, with characters in place of names, and compiled."""

    text: str
    compiled: CodeType

    def computes(self, value: np.ndarray, variables: dict[str, np.ndarray]) -> bool:
        """True if the line gives the numbers of the engine: a form that is right on paper may overflow."""
        with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
            try:
                found = eval(self.compiled, {"np": np}, variables)
            except _FAILURES:
                return False
        return np.shape(found) == np.shape(value) and nearly(
            np.asarray(found, float), np.asarray(value, float)
        )


def nearly(found: np.ndarray, value: np.ndarray) -> bool:
    """True if two ways to compute numbers differ by rounding only."""
    return np.array_equal(found, value) or close(found, value)
