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
from tinygrad_edu.viz.graph.drawable import MAX_INPUTS
from tinygrad_edu.viz.graph.graph_model import Edge, Graph
from tinygrad_edu.viz.page import folded_steps, step_formulas
from tinygrad_edu.viz.page.answerable_numbers import answerable
from tinygrad_edu.viz.page.step import FOLDED, Line, Step
from tinygrad_edu.viz.page.variables import Variables


class ForwardPass:
    """The `steps`, one for each operation, and what the way back needs of them.

    `formulas`: each operation on symbols, by node; None if the picture does not know all of its inputs.
    `edges` into each node with their indices; `numbered`: True if the picture has numbers;
    `trusted`: True as long as every formula computed what the engine computed.
    """

    def __init__(self, graph: Graph, symbols: Variables) -> None:
        self.graph, self.symbols, self.trusted = graph, symbols, True
        self.numbered = any(node.value is not None for node in graph.nodes)
        self.edges: dict[int, list[tuple[int, Edge]]] = {}
        for k, edge in enumerate(graph.edges):
            self.edges.setdefault(edge.target, []).append((k, edge))
        operations = [i for i, node in enumerate(graph.nodes) if node.operation]
        self.formulas = {i: self._formula(i) for i in operations}
        self.steps = [self._step(i) for i in operations]

    def _step(self, i: int) -> Step:
        edges = self.edges.get(i, [])
        into = tuple(k for k, _ in edges)
        if i in self.graph.modules:
            module, values = self.graph.modules[i], self.symbols.values
            key = f"v{i}" if self.graph.nodes[i].value else ""
            line = folded_steps.through(module, [values[edge.source] for _, edge in edges], [values[i]], key)
            inside = folded_steps.operations(module, backward=False)
            return Step("forward", i, into, (line,), inside=inside, remarks=(FOLDED,))
        lines, code, known = self._computed(i)
        return Step("forward", i, into, lines, code, answerable=known)

    def _formula(self, i: int) -> Expression | None:
        tensor = self.graph.tensors[i]
        if i in self.graph.modules or len(tensor.inputs) > MAX_INPUTS:
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

    def _computed(self, i: int) -> tuple[tuple[Line, ...], tuple[str, ...], str]:
        """The line of a step, its code, and which of its numbers are answerable."""
        whole = self.formulas[i]
        if whole is None:
            return (), (), ""
        own, array = self.symbols.values[i], self.graph.array(i)
        formula = self.computing(array, simplify(whole, rearrange=False), whole)
        if formula is None:
            return (), (), ""
        result = step_formulas.place(f"v{i}", array.shape, alone=True)
        numbers = step_formulas.numbers(self.symbols.keys, formula, result) if self.numbered else []
        line = Line(
            step_formulas.equation(mathml(own), "=", formula, coloured=False),
            tuple(numbers),
            as_text=f"{text(own)} = {text(formula)}",
        )
        return (line,), self.symbols.code(whole, array, own), answerable([formula])

    def computing(self, array: np.ndarray, *formulas: Expression) -> Expression | None:
        """The first of `formulas` that computes `array`; None, and no more trust, if none does."""
        for formula in formulas:
            try:
                if close(evaluate(formula, self.symbols.numbers), np.asarray(array, float)):
                    return formula
            except (KeyError, TypeError, ValueError, IndexError):  # an operation of the user's
                pass
        self.trusted = False
        return None
