"""The steps of a page: every operation forward, then every one backward, with formulas, code and numbers.

All formulas come from the rules, run on symbols; all numbers from the engine. A formula that does not compute what
the engine computed is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from tinygrad_edu.derivation.derivation import Use
from tinygrad_edu.derivation.forms import close
from tinygrad_edu.derivation.remarks import remarks_on
from tinygrad_edu.derivation.things import array_of, settings_of, share_of
from tinygrad_edu.mathml import Markup
from tinygrad_edu.operation import Traced
from tinygrad_edu.symbolic.differentiate import share_of as share_on_symbols
from tinygrad_edu.symbolic.evaluate import evaluate
from tinygrad_edu.symbolic.markup import mathml
from tinygrad_edu.symbolic.simplify import simplify
from tinygrad_edu.symbolic.text import text
from tinygrad_edu.symbolic.tree import Expression, filled
from tinygrad_edu.viz.nodes import Edge, Graph
from tinygrad_edu.viz.page import formulas
from tinygrad_edu.viz.page.variables import Variables, code_of
from tinygrad_edu.viz.text import clean
from tinygrad_edu.viz.traced import MOST_INPUTS

_FOLDED = "Folded to one card: draw with a larger depth, or draw the module alone, to see the steps inside."


@dataclass(frozen=True)
class Line:
    """One result of a step: its formula in symbols, with places for numbers, and how it adds to earlier ones."""

    symbols: Markup | None
    numbers: tuple[Markup, ...] = ()
    running: tuple[Markup, ...] = ()
    use: str = ""  # `use 2 of 3`
    said: str = ""  # the formula as text


@dataclass(frozen=True)
class Step:
    """What happens between two pictures."""

    phase: str  # "start", "forward", "seed" or "backward"
    node: int = -1
    edges: tuple[int, ...] = ()  # along which something flows
    lines: tuple[Line, ...] = ()
    code: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    shown: dict[int, str] = field(default_factory=dict)  # which numbers are now the gradient of a node


class Steps:
    """All steps of `graph`; `gradients` by the id of a thing, empty if there is no way back."""

    def __init__(self, graph: Graph, gradients: dict[int, np.ndarray]) -> None:
        self.graph, self.gradients = graph, gradients
        self.symbols = Variables(graph)
        self.sums: dict[str, np.ndarray] = {}  # shares and running sums, where several come together
        self.shares: list[tuple[int, Expression]] = []  # what each edge passes back, as the rules say it
        self.trusted = True  # whether every formula computes what the engine computed
        self.edges: dict[int, list[tuple[int, Edge]]] = {}
        for k, edge in enumerate(graph.edges):
            self.edges.setdefault(edge.target, []).append((k, edge))
        self._uses = Counter(e.source for e in graph.edges if self._flows(e))
        self._whole = {e.source for e in graph.edges if graph.nodes[e.target].kind == "module"}
        self._seen: Counter[int] = Counter()
        way = [*self._forward(), *self._backward()]
        self.all = [Step("start", remarks=(self._introduction(way),)), *way]

    def _flows(self, edge: Edge) -> bool:
        things = self.graph.things
        return (
            edge.carries
            and id(things[edge.source]) in self.gradients
            and id(things[edge.target]) in self.gradients
        )

    def _introduction(self, way: list[Step]) -> str:
        count = sum(1 for node in self.graph.nodes if node.operation)
        operations = f"{count} operation{'s' * (count != 1)}"
        last = clean(self.graph.loss or self.graph.nodes[-1].name)
        back = any(step.phase == "seed" for step in way)
        then = (
            ", then back: each step passes the gradient from a result to what it was computed from"
            if back
            else ""
        )
        return f"Inputs and parameters are given. Step forward through {operations} to {last}{then}."

    def _numbered(self) -> bool:
        return any(node.value is not None for node in self.graph.nodes)

    def _forward(self) -> Iterator[Step]:
        for i, node in enumerate(self.graph.nodes):
            if node.operation:
                into = tuple(k for k, _ in self.edges.get(i, ()))
                lines, code = self._computed(i) if self._numbered() else ((), ())
                remarks = (_FOLDED,) if node.kind == "module" else ()
                yield Step("forward", i, into, lines, code, remarks)

    def expression(self, i: int) -> Expression | None:
        """The operation of node `i` on symbols; None if the picture does not know all of it."""
        thing, node = self.graph.things[i], self.graph.nodes[i]
        if node.kind == "module" or not node.operation or len(thing.inputs) > MOST_INPUTS:
            return None
        sources = {edge.position: edge.source for _, edge in self.edges.get(i, ())}
        inputs = tuple(
            self.symbols.standing_for(x, sources.get(position)) if isinstance(x, Traced) else x
            for position, x in enumerate(thing.inputs)
        )
        return Expression(
            shape=array_of(thing).shape, operation=thing.operation, inputs=inputs, settings=settings_of(thing)
        )

    def _computed(self, i: int) -> tuple[tuple[Line, ...], tuple[str, ...]]:
        whole = self.expression(i)
        if whole is None:
            return (), ()
        own, array = self.symbols.values[i], array_of(self.graph.things[i])
        formula = self._true(whole, simplify(whole, rearrange=False), array)
        if formula is None:
            return (), ()
        result = formulas.place(f"v{i}", array.shape, alone=True)
        numbers = formulas.numbers(self.symbols.keys, formula, result)
        line = Line(
            formulas.equation(mathml(own), "=", formula, coloured=False),
            tuple(numbers),
            said=f"{text(own)} = {text(formula)}",
        )
        return (line,), code_of(whole, self.symbols.called, self.symbols.called[id(own)], "=")

    def _true(self, whole: Expression, shorter: Expression, array: np.ndarray) -> Expression | None:
        """The shorter formula, or else the whole one, if it computes `array`."""
        for formula in (shorter, whole):
            try:
                if close(evaluate(formula, self.symbols.numbers(self.gradients)), np.asarray(array, float)):
                    return formula
            except (KeyError, TypeError, ValueError, IndexError):  # an operation of the user's
                pass
        self.trusted = False
        return None

    # Backward.

    def _backward(self) -> Iterator[Step]:
        root = next((i for i, node in enumerate(self.graph.nodes) if node.kind == "loss"), None)
        if root is None or id(self.graph.things[root]) not in self.gradients:
            return
        seed = self.symbols.gradients[root]
        one = filled(1, seed.shape)
        lines = (Line(formulas.equation(mathml(seed), "=", one, coloured=False), said=f"{text(seed)} = 1"),)
        code = code_of(one, {}, self.symbols.called[id(seed)], "=")
        yield Step("seed", root, (), lines, code, shown={root: f"g{root}"})
        for i in range(len(self.graph.nodes) - 1, -1, -1):
            flowing = [(k, edge) for k, edge in self.edges.get(i, ()) if self._flows(edge)]
            if self.graph.nodes[i].operation and flowing:
                yield self._back_through(i, flowing)

    def _back_through(self, i: int, flowing: list[tuple[int, Edge]]) -> Step:
        lines: list[Line] = []
        code: list[str] = []
        remarks: list[str] = []
        shown: dict[int, str] = {}
        whole = self.expression(i) if self._numbered() else None
        for k, edge in flowing:
            self._seen[edge.source] += 1
            first, last = self._seen[edge.source] == 1, self._seen[edge.source] == self._uses[edge.source]
            if whole is None or edge.source in self._whole:
                shown |= {edge.source: f"g{edge.source}"} if last else {}
            else:
                shown[edge.source] = self._summed(k, edge)
            if whole is not None:
                formula, share = self._share(whole, k, edge)
                lines.append(self._line(k, edge, formula))
                name = self.symbols.called[id(self.symbols.gradients[edge.source])]
                code += code_of(formula, self.symbols.called, name, "=" if first else f"= {name} +")
                x, thing = self.graph.things[edge.source], self.graph.things[i]
                use = Use(self.symbols.values[i], formula, share, thing.operation.name)
                remarks += remarks_on(x, [(use, thing)], {id(x): self.symbols.values[edge.source]})
        if self.graph.nodes[i].kind == "module":
            remarks.append(_FOLDED)
        found = tuple(dict.fromkeys(remarks))
        return Step("backward", i, tuple(k for k, _ in flowing), tuple(lines), tuple(code), found, shown)

    def _summed(self, k: int, edge: Edge) -> str:
        """Notes the share along an edge and the running sum after it; what the sum is called."""
        if self._uses[edge.source] == 1:
            return f"g{edge.source}"
        thing = self.graph.things[edge.target]
        share = share_of(thing, edge.position, self.gradients[id(thing)])
        before = self.sums.get(f"last {edge.source}")
        self.sums[f"b{k}"] = np.zeros_like(share) if before is None else before
        self.sums[f"s{k}"] = share
        self.sums[f"a{k}"] = self.sums[f"last {edge.source}"] = share if before is None else before + share
        return f"a{k}"

    def _share(self, whole: Expression, k: int, edge: Edge) -> tuple[Expression | None, np.ndarray]:
        thing = self.graph.things[edge.target]
        value = share_of(thing, edge.position, self.gradients[id(thing)])
        g, result = self.symbols.gradients[edge.target], self.symbols.values[edge.target]
        assert whole.operation is not None
        found = share_on_symbols(whole.operation, edge.position, g, result, whole.inputs, whole.settings)
        if found is None:
            self.trusted = False
            return None, value
        self.shares.append((k, found))
        return self._true(found, simplify(found, rearrange=False), value), value

    def _line(self, k: int, edge: Edge, formula: Expression | None) -> Line:
        gradient, source = self.symbols.gradients[edge.source], edge.source
        several, nth = self._uses[source], self._seen[source]
        sums = f"a{k}" in self.sums
        share = formulas.place(f"s{k}" if sums else f"g{source}", gradient.shape, alone=True)
        running = formulas.running(k, gradient.shape) if sums and nth > 1 else ()
        use = f"use {nth} of {several}" if several > 1 else ""
        if formula is None:
            return Line(None, running=running, use=use, said=f"{text(gradient)}: no formula")
        sign = "=" if nth == 1 else "+="
        symbols = formulas.equation(mathml(gradient), sign, formula, coloured=True)
        numbers = formulas.numbers(self.symbols.keys, formula, share) if sums or several == 1 else []
        return Line(symbols, tuple(numbers), running, use, f"{text(gradient)} {sign} {text(formula)}")
