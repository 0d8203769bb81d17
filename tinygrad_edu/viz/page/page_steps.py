"""The steps of a page: every operation forward, then every one backward, with formulas, code and numbers.

All formulas come from the rules, run on symbols; all numbers from the engine. A formula that does not compute what
the engine computed is left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.text.numbers import counted
from tinygrad_edu.viz.drawing.text_width import clean
from tinygrad_edu.viz.graph.graph_model import Graph
from tinygrad_edu.viz.page.backward_pass import Backward
from tinygrad_edu.viz.page.forward_pass import Forward
from tinygrad_edu.viz.page.step import Step
from tinygrad_edu.viz.page.variables import Variables

_BACK = ", then back: each step passes the gradient from a result to what it was computed from"


class Steps:
    """All steps of `graph`; `gradients` by tensor, empty if there is no way back."""

    def __init__(self, graph: Graph, gradients: dict[Any, np.ndarray]) -> None:
        self.symbols = Variables(graph, gradients)
        self._forward = Forward(graph, self.symbols)
        backward = Backward(self._forward, gradients)
        self.sums, self.shares = backward.sums, backward.shares
        start = Step("start", remarks=(_introduction(graph, bool(backward.steps)),))
        self.all = [start, *self._forward.steps, *backward.steps]

    @property
    def trusted(self) -> bool:
        """Whether every formula computes what the engine computed."""
        return self._forward.trusted

    def expression(self, i: int) -> Expression | None:
        """The operation of node `i` on symbols; None if the picture does not know all of it."""
        return self._forward.expression(i)


def _introduction(graph: Graph, back: bool) -> str:
    count = sum(1 for node in graph.nodes if node.operation)
    if not count:
        return "No operation is known here, so there are no steps."
    last = clean(graph.loss or graph.nodes[-1].name)
    steps = counted(count, "operation")
    return f"Inputs and parameters are given. Step forward through {steps} to {last}{_BACK * back}."
