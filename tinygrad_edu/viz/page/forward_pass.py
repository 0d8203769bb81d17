"""The way forward: every operation with its formula, its numbers and the line of NumPy that computes it."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.explanation.derivation.gradient_formulas import close
from tinygrad_edu.symbolic.evaluate import evaluate
from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.symbolic.simplification.simplify import simplify
from tinygrad_edu.symbolic.writers.mathml_writer import mathml
from tinygrad_edu.symbolic.writers.text_writer import text
from tinygrad_edu.viz.graph.drawable import MOST_INPUTS
from tinygrad_edu.viz.graph.graph_model import Edge, Graph
from tinygrad_edu.viz.page import folded_steps, step_formulas
from tinygrad_edu.viz.page.step import FOLDED, Line, Step
from tinygrad_edu.viz.page.variables import Variables, code_of


class Forward:
    """The `steps`; `edges` into each node with their indices; whether the picture is `numbered`.

    `trusted` as long as every formula computed what the engine computed.
    """

    def __init__(self, graph: Graph, symbols: Variables) -> None:
        self.graph, self.symbols, self.trusted = graph, symbols, True
        self.numbered = any(node.value is not None for node in graph.nodes)
        self.edges: dict[int, list[tuple[int, Edge]]] = {}
        for k, edge in enumerate(graph.edges):
            self.edges.setdefault(edge.target, []).append((k, edge))
        self.steps = [self._step(i) for i, node in enumerate(graph.nodes) if node.operation]

    def _step(self, i: int) -> Step:
        edges = self.edges.get(i, [])
        into = tuple(k for k, _ in edges)
        if i in self.graph.modules:
            module, values = self.graph.modules[i], self.symbols.values
            key = f"v{i}" if self.graph.nodes[i].value else ""
            line = folded_steps.through(module, [values[edge.source] for _, edge in edges], [values[i]], key)
            done = folded_steps.operations(module, backward=False)
            return Step("forward", i, into, (line,), inside=done, remarks=(FOLDED,))
        return Step("forward", i, into, *self._computed(i))

    def expression(self, i: int) -> Expression | None:
        """The operation of node `i` on symbols; None if the picture does not know all of it."""
        tensor, node = self.graph.tensors[i], self.graph.nodes[i]
        if node.kind == "module" or not node.operation or len(tensor.inputs) > MOST_INPUTS:
            return None
        sources = {edge.position: edge.source for _, edge in self.edges.get(i, ())}
        inputs = tuple(
            self.symbols.standing_for(x, sources.get(position)) if isinstance(x, Tracer) else x
            for position, x in enumerate(tensor.inputs)
        )
        return Expression(
            shape=self.graph.array(i).shape,
            operation=tensor.operation,
            inputs=inputs,
            settings=dict(tensor.settings),
        )

    def _computed(self, i: int) -> tuple[tuple[Line, ...], tuple[str, ...]]:
        whole = self.expression(i)
        if whole is None:
            return (), ()
        own, array = self.symbols.values[i], self.graph.array(i)
        formula = self.true(whole, simplify(whole, rearrange=False), array)
        if formula is None:
            return (), ()
        result = step_formulas.place(f"v{i}", array.shape, alone=True)
        numbers = step_formulas.numbers(self.symbols.keys, formula, result) if self.numbered else []
        line = Line(
            step_formulas.equation(mathml(own), "=", formula, coloured=False),
            tuple(numbers),
            said=f"{text(own)} = {text(formula)}",
        )
        return (line,), code_of(whole, self.symbols.called, self.symbols.called[id(own)], "=")

    def true(self, whole: Expression, shorter: Expression, array: np.ndarray) -> Expression | None:
        """The shorter formula, or else the whole one, if it computes `array`."""
        for formula in (shorter, whole):
            try:
                if close(evaluate(formula, self.symbols.numbers), np.asarray(array, float)):
                    return formula
            except (KeyError, TypeError, ValueError, IndexError):  # an operation of the user's
                pass
        self.trusted = False
        return None
