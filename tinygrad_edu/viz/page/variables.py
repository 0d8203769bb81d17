"""Each tensor and its gradient on a page: in formulas a symbol, in code a variable, among the numbers a key.

Formulas and code are written with one private character for each tensor, and the page puts the names there. The
texts of two operations then differ only where the operations do.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from tinygrad_edu.explanation.derivation.gradient_formulas import close
from tinygrad_edu.ops.index import scatter
from tinygrad_edu.symbolic.expression import Expression, symbol
from tinygrad_edu.symbolic.numeric_forms import numeric_forms
from tinygrad_edu.symbolic.writers.index_code import CodeError, index_code
from tinygrad_edu.symbolic.writers.numpy_writer import numpy_code
from tinygrad_edu.text.identifiers import free_name
from tinygrad_edu.viz.drawing.text_width import clean
from tinygrad_edu.viz.graph.graph_model import Graph

MAX_NAME_LENGTH = 24  # characters of a variable
MAX_CODE_LENGTH = 300  # characters of a line of code
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
        names = {NAMES + i: name for i, (name, _) in enumerate(self.variables)}
        return code.translate(names | {GRADIENTS + i: name for i, (_, name) in enumerate(self.variables)})

    def code(
        self, formula: Expression | None, value: np.ndarray, of: Expression, sign: str = "="
    ) -> tuple[str, ...]:
        """The lines of NumPy that put `value` into the variable `of`; none where no short form computes it.

        The lines are run, as a form that is right on paper may overflow. With another `sign` they go on from there.
        """
        to = self.called[id(of)]
        if formula is None:
            return ()
        if formula.operation is scatter:
            return self._scattered(formula, to, sign)
        for form in numeric_forms(formula):
            try:
                code = numpy_code(form, self.called)
            except CodeError:
                continue
            if 0 < len(code) <= MAX_CODE_LENGTH and self._computes(code, value):
                return (f"{to} {sign} {code}",)
        return ()

    def _scattered(self, formula: Expression, to: str, sign: str) -> tuple[str, ...]:
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

    def _computes(self, code: str, value: np.ndarray) -> bool:
        """True if a line gives the numbers of the engine."""
        with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
            try:
                found = eval(self.program(code), {"np": np}, self._arrays)
            except (
                ArithmeticError,
                TypeError,
                ValueError,
                IndexError,
                AttributeError,
                np.linalg.LinAlgError,
            ):
                return False
        return np.shape(found) == np.shape(value) and close(
            np.asarray(found, float), np.asarray(value, float)
        )

    @cached_property
    def _arrays(self) -> dict[str, np.ndarray]:
        """All numbers by the names of their variables."""
        pairs = zip(self.variables, self.values, self.gradients)
        named = [pair for (name, dname), x, g in pairs for pair in ((name, x), (dname, g))]
        return {name: self.numbers[x] for name, x in named if x in self.numbers}
