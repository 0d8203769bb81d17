"""Each tensor and its gradient on a page: in formulas a symbol, in code a variable, among the numbers a key.

Formulas and code are written with one private character for each tensor, and the page puts the names there. The
texts of two operations then differ only where the operations do.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinygrad_edu.symbolic.expression import Expression, symbol
from tinygrad_edu.symbolic.writers.index_code import CodeError
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


def code_of(formula: Expression | None, names: Mapping[int, str], to: str, sign: str) -> tuple[str, ...]:
    """The line of NumPy that computes `to`; no line where there is no short form."""
    try:
        code = "" if formula is None else numpy_code(formula, names)
    except CodeError:
        return ()
    return (f"{to} {sign} {code}",) if 0 < len(code) <= MAX_CODE_LENGTH else ()
