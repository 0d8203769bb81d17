"""The way back, operation by operation: the share that each passes to its inputs, and the sums of these shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from tinygrad_edu.explanation.derivation.gradient_formulas import close
from tinygrad_edu.explanation.derivation.remarks import remarks_on
from tinygrad_edu.explanation.derivation.steps import Use
from tinygrad_edu.symbolic.differentiate import share_of as share_on_symbols
from tinygrad_edu.symbolic.expression import Expression, filled
from tinygrad_edu.symbolic.simplification.simplify import simplify
from tinygrad_edu.symbolic.writers.mathml_writer import mathml
from tinygrad_edu.symbolic.writers.text_writer import text
from tinygrad_edu.viz.graph.graph_model import Edge, Graph
from tinygrad_edu.viz.page import folded_steps, step_formulas
from tinygrad_edu.viz.page.answerable_numbers import answerable
from tinygrad_edu.viz.page.forward_pass import ForwardPass
from tinygrad_edu.viz.page.mistakes import mistakes
from tinygrad_edu.viz.page.step import FOLDED, Choice, Line, Step
from tinygrad_edu.viz.page.step_patterns import Occurrence, Pattern

MAX_QUIZZED_NODES = 200  # in a larger graph no formulas are asked for


class BackwardPass:
    """The `steps`, from the loss to the leaves, and what they passed on.

    `sums`: shares and running sums by their names on the page; `shares`: the formula of every edge, on
    the symbols of a pattern.
    """

    def __init__(self, forward: ForwardPass, gradients: dict[Any, np.ndarray]) -> None:
        self.forward, self.gradients = forward, gradients
        self.graph, self.symbols = forward.graph, forward.symbols
        self.sums: dict[str, np.ndarray] = {}
        self.shares: list[tuple[int, Occurrence, Expression]] = []
        self._uses = Counter(edge.source for edge in self.graph.edges if self._flows(edge))
        modules = self.graph.modules
        self._into_modules = {edge.source for edge in self.graph.edges if edge.target in modules}
        self.quizzed = len(self.graph.nodes) <= MAX_QUIZZED_NODES
        self._uses_so_far: Counter[int] = Counter()
        self._sum_so_far: dict[int, np.ndarray] = {}
        self._begin()
        self.steps = list(self._walk())

    def _begin(self) -> None:
        """What a part of a graph changes before the first step."""

    def _flows(self, edge: Edge) -> bool:
        ends = self.graph.tensors[edge.source], self.graph.tensors[edge.target]
        return edge.carries and all(tensor in self.gradients for tensor in ends)

    def _walk(self) -> Iterator[Step]:
        root = next((i for i, node in enumerate(self.graph.nodes) if node.kind == "loss"), None)
        if root is not None and self.graph.tensors[root] in self.gradients:
            yield self._seed(root)
        for i in range(len(self.graph.nodes) - 1, -1, -1):
            flowing = [(k, edge) for k, edge in self.forward.edges.get(i, ()) if self._flows(edge)]
            if i in self.graph.modules and flowing:
                yield self._back_through_module(i, flowing)
            elif self.graph.nodes[i].operation and flowing:
                yield self._back_through(i, flowing)

    def _seed(self, root: int) -> Step:
        """The derivative of the loss by itself."""
        seed = self.symbols.gradients[root]
        one = filled(1, seed.shape)
        line = Line(
            step_formulas.equation(mathml(seed), "=", one, coloured=False), as_text=f"{text(seed)} = 1"
        )
        called = self.symbols.called[id(seed)]
        code = tuple(f"{called} = {form.text}" for form in self.symbols.forms(one)[:1])
        return Step("seed", root, (), (line,), code, gradients={root: f"g{root}"})

    def _back_through_module(self, i: int, flowing: list[tuple[int, Edge]]) -> Step:
        """The step back through a folded module."""
        module, symbols = self.graph.modules[i], self.symbols.gradients
        sources = [edge.source for _, edge in flowing]
        gradients: dict[int, str] = {}
        for k, edge in flowing:
            gradients |= self._add(k, edge)
        key = f"g{sources[0]}" if self.forward.numbered and sources[0] in gradients else ""
        line = folded_steps.through(module, [symbols[i]], [symbols[source] for source in sources], key)
        inside = folded_steps.operations(module, backward=True)
        edges = tuple(k for k, _ in flowing)
        return Step("backward", i, edges, (line,), inside=inside, remarks=(FOLDED,), gradients=gradients)

    def _back_through(self, i: int, flowing: list[tuple[int, Edge]]) -> Step:
        """The step back through operation `i`, along the `flowing` edges."""
        here = self.forward.occurrences.get(i)
        lines: list[Line] = []
        code: tuple[str, ...] = ()
        remarks: dict[str, None] = {}  # each once
        gradients: dict[int, str] = {}
        formulas: list[Expression | None] = []
        for k, edge in flowing:
            gradients |= self._add(k, edge)
            if here is not None:
                formula, value, more = self._share(here, k, edge)
                formulas.append(formula)
                lines.append(self._line(here, k, edge, formula))
                code += self._code(here, edge.source, formula, value)
                remarks |= dict.fromkeys(more)
        edges, known = tuple(k for k, _ in flowing), answerable(formulas)
        return Step("backward", i, edges, tuple(lines), code, tuple(remarks), gradients, answerable=known)

    def _add(self, k: int, edge: Edge) -> dict[int, str]:
        """Note the share along an edge and the running sum with it; the key of the gradient from now on, by node."""
        source = edge.source
        self._uses_so_far[source] += 1
        last = self._uses_so_far[source] == self._uses[source]
        if self._uses[source] == 1 or source in self._into_modules or not self.forward.numbered:
            return {source: f"g{source}"} if last else {}
        tensor = self.graph.tensors[edge.target]
        share = tensor.share(edge.position, self.gradients[tensor])
        before = self._sum_so_far.get(source)
        total = self._sum_so_far[source] = share if before is None else before + share
        self.sums |= {f"s{k}": share, f"a{k}": total} | ({} if before is None else {f"b{k}": before})
        if last and not close(total, self.gradients[self.graph.tensors[source]]):
            self.forward.trusted = False  # there are uses that the picture leaves out
            return {source: f"g{source}"}
        return {source: f"a{k}"}

    def _share(
        self, here: Occurrence, k: int, edge: Edge
    ) -> tuple[Expression | None, np.ndarray, tuple[str, ...]]:
        """The formula of the share along an edge, None if it has none, its numbers, and remarks on it.

        The formula is on the symbols of the pattern.
        """
        x, tensor = self.graph.tensors[edge.source], self.graph.tensors[edge.target]
        value = tensor.share(edge.position, self.gradients[tensor])
        forms = here.pattern.once(edge.position, lambda: self._derived(here.pattern, edge.position))
        if forms:
            self.shares.append((k, here, forms[-1]))
        formula = self.forward.computing(value, here, *forms)
        use = Use(self.symbols.values[edge.target], formula, value, tensor.operation.name)
        name = self.symbols.values[edge.source].name
        return formula, value, remarks_on(x, name, [(use, tensor)], self.graph.computation)

    def _derived(self, pattern: Pattern, position: int) -> tuple[Expression, ...]:
        """The share of the input at `position`, simplified and as the rule gives it; empty where no rule gives one."""
        whole, result = pattern.whole, pattern.nodes[0]
        g, y = self.symbols.gradients[result], self.symbols.values[result]
        assert whole.operation is not None
        found = share_on_symbols(whole.operation, position, g, y, whole.inputs, whole.settings)
        return () if found is None else (simplify(found, rearrange=False), found)

    def _code(
        self, here: Occurrence, source: int, formula: Expression | None, share: np.ndarray
    ) -> tuple[str, ...]:
        """Not `+=`: that would change an array which another gradient may be, too."""
        if formula is None:
            return ()
        gradient = self.symbols.gradients[here.first(source)]
        first = self._use(source)[1] == 1
        sign = "=" if first else f"= {self.symbols.called[id(gradient)]} +"
        return self.forward.code(here, formula, share, gradient, sign)

    def _line(self, here: Occurrence, k: int, edge: Edge, formula: Expression | None) -> Line:
        kind = (*self._use(edge.source), f"s{k}" in self.sums, f"b{k}" in self.sums)
        key = ("line", edge.position, formula, kind)
        source = here.first(edge.source)
        first, line = here.pattern.once(key, lambda: (k, self._written(source, k, formula, *kind)))
        if formula is not None and self.quizzed:
            line = replace(line, choices=self._choices(here, edge.position, formula))
        return here.line(line, first, k)

    def _use(self, source: int) -> tuple[int, int]:
        """How often the node is used, and which of its uses this is."""
        return self._uses[source], self._uses_so_far[source]

    def _written(
        self, source: int, k: int, formula: Expression | None, several: int, nth: int, noted: bool, runs: bool
    ) -> Line:
        """The line of the gradient of node `source` at its `nth` use, along edge `k`."""
        gradient = self.symbols.gradients[source]
        share = step_formulas.place(f"s{k}" if noted else f"g{source}", gradient.shape, alone=True)
        running = step_formulas.running(k, gradient.shape) if runs else ()
        use = f"use {nth} of {several}" if several > 1 else ""
        if formula is None:
            return Line(None, running=running, use=use, as_text=f"{text(gradient)}: no formula")
        sign = "=" if nth == 1 else "+="
        symbols = step_formulas.equation(mathml(gradient), sign, formula, coloured=True)
        seen = self.forward.numbered and (noted or several == 1)
        numbers = step_formulas.numbers(self.symbols.keys, formula, share) if seen else []
        return Line(symbols, tuple(numbers), running, use, f"{text(gradient)} {sign} {text(formula)}")

    def _choices(self, here: Occurrence, position: int, right: Expression) -> tuple[Choice, ...]:
        """The formula of a share and two mistakes; none if there are no such mistakes."""
        whole, result = here.pattern.whole, here.pattern.nodes[0]
        g, y = self.symbols.gradients[result], self.symbols.values[result]
        wrong = mistakes(right, position, whole, g, y, here.numbers)
        choices = [
            Choice(text(x.formula), step_formulas.coloured(x.formula), f"{x.rule}: {x.slip}.") for x in wrong
        ]
        return (Choice(text(right)), *choices) if choices else ()


class PartOfBackwardPass(BackwardPass):
    """The way back through a part of a graph, whose tensors may have uses elsewhere: each share stands alone."""

    def _begin(self) -> None:
        self.quizzed = False

    def _add(self, k: int, edge: Edge) -> dict[int, str]:
        """Note the share along an edge; what a folded module passes on is no share of one operation."""
        if edge.target in self.graph.modules:
            return {}
        tensor = self.graph.tensors[edge.target]
        share = self.sums[f"s{k}"] = tensor.share(edge.position, self.gradients[tensor])
        whole = close(np.asarray(share, float), self.gradients[self.graph.tensors[edge.source]])
        self._uses_so_far[edge.source] = 1 if whole else 2
        return {}

    def _use(self, source: int) -> tuple[int, int]:
        """One use, the first if the gradient is nothing but its share."""
        return 1, self._uses_so_far[source]


def shares_along(graph: Graph, gradients: dict[Any, np.ndarray]) -> dict[int, np.ndarray]:
    """The share that each edge passes on, where gradients flow."""
    ends = {k: (graph.tensors[edge.source], graph.tensors[edge.target]) for k, edge in enumerate(graph.edges)}
    return {
        k: target.share(graph.edges[k].position, gradients[target])
        for k, (source, target) in ends.items()
        if graph.edges[k].carries and source in gradients and target in gradients
    }
