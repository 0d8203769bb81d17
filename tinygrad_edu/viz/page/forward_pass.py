"""The way forward: every operation with its formula, its numbers and the line of NumPy that computes it."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.ops.index import scatter
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
from tinygrad_edu.viz.page.step_patterns import Occurrence, Patterns
from tinygrad_edu.viz.page.variables import Variables, nearly


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
        patterns = Patterns(symbols)
        self.occurrences = {i: patterns.at(i, x) for i, x in self.formulas.items() if x is not None}
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
        here = self.occurrences.get(i)
        if here is None:
            return (), (), ""
        whole, array = here.pattern.whole, self.graph.array(i)
        simple = here.pattern.once("simple", lambda: simplify(whole, rearrange=False))
        formula = self.computing(array, here, simple, whole)
        if formula is None:
            return (), (), ""
        line, known = here.pattern.once(formula, lambda: self._line(here.pattern.nodes[0], formula))
        own = self.symbols.values[here.pattern.nodes[0]]
        return (here.line(line),), self.code(here, whole, array, own), known

    def _line(self, i: int, formula: Expression) -> tuple[Line, str]:
        """The line of a formula, and which of its numbers are answerable."""
        own = self.symbols.values[i]
        result = step_formulas.place(f"v{i}", own.shape, alone=True)
        numbers = step_formulas.numbers(self.symbols.keys, formula, result) if self.numbered else []
        symbols = step_formulas.equation(mathml(own), "=", formula, coloured=False)
        line = Line(symbols, tuple(numbers), as_text=f"{text(own)} = {text(formula)}")
        return line, answerable([formula])

    def code(
        self, here: Occurrence, formula: Expression, value: np.ndarray, of: Expression, sign: str = "="
    ) -> tuple[str, ...]:
        """The lines of NumPy that put `value` into the variable of a symbol of the pattern; none if no form does.

        With another `sign` they go on from the number that is there.
        """
        to = self.symbols.called[id(of)]
        if formula.operation is scatter:
            lines = here.pattern.once((formula, sign), lambda: self.symbols.scattered(formula, to, sign))
            return tuple(map(here.text, lines))
        for form in here.pattern.once(("code", formula), lambda: self.symbols.forms(formula)):
            if form.computes(value, here.variables):
                return (here.text(f"{to} {sign} {form.text}"),)
        return ()

    def computing(self, array: np.ndarray, here: Occurrence, *formulas: Expression) -> Expression | None:
        """The first of these formulas of a pattern that computes `array`; None, and no more trust, if none does."""
        for formula in formulas:
            try:
                if nearly(evaluate(formula, here.numbers), np.asarray(array, float)):
                    return formula
            except (KeyError, TypeError, ValueError, IndexError):  # an operation of the user's
                pass
        self.trusted = False
        return None
