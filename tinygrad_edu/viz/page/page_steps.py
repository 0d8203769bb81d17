"""The steps of a page: every operation forward, then every one backward, with formulas, code and numbers.

All formulas come from the rules, run on symbols; all numbers from the engine. A formula that does not compute what
the engine computed is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.text.numbers import counted
from tinygrad_edu.viz.drawing.text_width import clean
from tinygrad_edu.viz.graph.graph_model import Graph
from tinygrad_edu.viz.page.backward_pass import BackwardPass, PartOfBackwardPass
from tinygrad_edu.viz.page.forward_pass import ForwardPass
from tinygrad_edu.viz.page.step import Step
from tinygrad_edu.viz.page.step_patterns import Occurrence
from tinygrad_edu.viz.page.variables import Variables

_BACK = ", then back: each step passes the gradient from a result to what it was computed from"


@dataclass(frozen=True)
class Steps:
    """All steps through a graph, and the formulas behind them.

    `formulas`: each operation on `symbols`, by node; `sums`: shares and running sums by their names on the page.
    `trusted`: True if every formula computes what the engine computed.
    """

    all: list[Step]
    symbols: Variables
    formulas: dict[int, Expression | None]
    sums: dict[str, np.ndarray]
    trusted: bool
    patterns: list[tuple[int, Occurrence, Expression]] = field(repr=False)

    @cached_property
    def shares(self) -> list[tuple[int, Expression]]:
        """The formula of the share along each edge."""
        return [(k, here.formula(share)) for k, here, share in self.patterns]


def steps_through(graph: Graph, gradients: dict[Any, np.ndarray]) -> Steps:
    """The steps through `graph`, forward and back; `gradients` by tensor, empty if there is no way back."""
    symbols = Variables(graph, gradients)
    forward = ForwardPass(graph, symbols)
    backward = BackwardPass(forward, gradients)
    start = Step("start", remarks=(_introduction(graph, bool(backward.steps)),))
    steps = [start, *forward.steps, *backward.steps]
    return Steps(steps, symbols, forward.formulas, backward.sums, forward.trusted, backward.shares)


def steps_inside(graph: Graph, gradients: dict[Any, np.ndarray]) -> tuple[list[Step], dict[str, np.ndarray]]:
    """The steps through what is inside a folded card, without code, and the shares of the gradients."""
    forward = ForwardPass(graph, Variables(graph, gradients))
    backward = PartOfBackwardPass(forward, gradients)
    return [replace(step, code=()) for step in (*forward.steps, *backward.steps)], backward.sums


def _introduction(graph: Graph, back: bool) -> str:
    count = sum(1 for node in graph.nodes if node.operation)
    if not count:
        return "No operation is known here, so there are no steps."
    last = clean(graph.loss or graph.nodes[-1].name)
    steps = counted(count, "operation")
    return f"Inputs and parameters are given. Step forward through {steps} to {last}{_BACK * back}."
