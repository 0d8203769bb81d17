"""The graph as a picture needs it: names, numbers and formulas, and no place on the page yet.

It is a snapshot: training on after it was made does not change it. The same program gives the same model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinygrad_edu.engine.call_site import line_of
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.reading.names import check_names, name_all, outermost
from tinygrad_edu.symbolic.expression import symbol
from tinygrad_edu.viz.drawing import operation_text
from tinygrad_edu.viz.drawing.number_cells import cells_of, number
from tinygrad_edu.viz.drawing.operation_text import local_derivative
from tinygrad_edu.viz.drawing.text_width import clean
from tinygrad_edu.viz.graph import traced
from tinygrad_edu.viz.graph.folded_card import FoldedModule
from tinygrad_edu.viz.graph.graph_model import Edge, Graph, Kind, Node
from tinygrad_edu.viz.graph.module_calls import homes
from tinygrad_edu.viz.graph.plan_graph import Planned
from tinygrad_edu.viz.graph.selection import Limits, Shown, what_to_show
from tinygrad_edu.viz.graph.traced import MOST_INPUTS

MOST_WITH_NUMBERS = 300  # nodes whose numbers are shown


def graph_of(
    x: Any,
    names: Mapping[str, Any] | None = None,
    *,
    depth: int | None = None,
    max_nodes: int | None = None,
    marked: Iterable[Any] = (),
    learned: Iterable[Any] = (),
) -> Graph:
    """The graph by which `x`, a Tensor, a Value, a list of these or a plan, was computed.

    What the modules among `names` computed is in boxes. Modules at `depth`, or as many as it takes for `max_nodes`
    cards, are folded to one card each. `marked` tensors are to be looked at; `learned` Values are parameters.
    Raises `TypeError` or `ValueError` if `x` or `names` are anything else.
    """
    check_names(names)
    roots = traced.roots(x)
    limits = Limits({id(x) for x in roots}, depth, max_nodes)
    shown = what_to_show(traced.oldest_first(roots), homes(outermost(names or {})), limits)
    builder = _Builder(roots, shown, names, {id(x) for x in learned})
    looked_at = {id(thing) for thing in marked}
    nodes = tuple(replace(builder.node(i), marked=id(x) in looked_at) for i, x in enumerate(shown.things))
    edges = tuple(edge for i in range(len(shown.things)) for edge in builder.edges(i))
    scopes, kept = shown.kept_scopes()
    nodes = tuple(replace(node, scope=kept.get(s)) for node, s in zip(nodes, shown.inside, strict=True))
    notes = (*shown.notes, *builder.notes())
    things = tuple(shown.things)
    return Graph(
        nodes, edges, builder.loss_name, builder.differentiated, notes, scopes, things, shown.modules
    )


class _Builder:
    """Everything that nodes and edges share: names, gradients, and which index a thing has."""

    def __init__(
        self, roots: list[Any], shown: Shown, names: Mapping[str, Any] | None, learned: set[int]
    ) -> None:
        self.learned = learned
        self.things, self.folded, self.modules = shown.things, shown.stand_ins, shown.modules
        things = self.things
        self.roots = {id(root) for root in roots}
        self.loss = roots[0] if len(roots) == 1 and traced.array_of(roots[0]).size == 1 else None
        self.called = name_all(things, names, self.loss)
        self.index = {id(thing): i for i, thing in enumerate(things)}
        self.planned = any(isinstance(root, Planned) for root in roots)
        self.with_numbers = len(things) <= MOST_WITH_NUMBERS and not self.planned
        self.gradients = traced.gradients_of(things)
        self.symbols = {
            id(thing): symbol(_short(name), traced.array_of(thing).shape)
            for thing, name in zip(things, self.called, strict=True)
        }
        for i, module in self.modules.items():
            self.index.update((id(thing), i) for thing in module.things)
            for thing in module.outputs[:-1]:
                self.symbols[id(thing)] = symbol(_short(module.path), traced.array_of(thing).shape)

    @property
    def loss_name(self) -> str:
        """What the loss is called; empty if there is none."""
        return "" if self.loss is None else self.called[self.index[id(self.loss)]]

    @property
    def differentiated(self) -> bool:
        """Whether backward() started at the loss, with 1: then the gradients are those of the loss."""
        gradient = None if self.loss is None else self.gradients[self.index[id(self.loss)]]
        return gradient is not None and bool(np.all(gradient == 1))

    def node(self, i: int) -> Node:
        """The picture of thing `i`."""
        thing = self.things[i]
        array, gradient = traced.array_of(thing), self.gradients[i]
        folded = i in self.folded
        shown = self.with_numbers and not folded
        node = Node(
            id=f"n{i}",
            kind="folded" if folded else self._kind(thing),
            name=self.called[i],
            shape=array.shape,
            dtype=str(array.dtype),
            value=cells_of(array) if shown else None,
            gradient=cells_of(gradient) if shown and gradient is not None else None,
            awaits_gradient=bool(getattr(thing, "requires_grad", True)),
        )
        if i in self.modules:
            return self._module(node, self.modules[i])
        return node if folded or thing.operation is None else replace(node, **self._computed(thing))

    def _module(self, node: Node, module: FoldedModule) -> Node:
        """The card of a folded module; its numbers are those of its result, if it has one."""
        inputs = [x for x in module.inputs if id(x) in self.index]
        called = ", ".join(dict.fromkeys(_short(self.called[self.index[id(x)]]) for x in inputs))
        node = replace(
            node,
            kind="module",
            operation=module.kind,
            sign=module.sign,
            expression=f"{module.path}({called})",
            inside=module.described(),
        )
        return node if len(module.outputs) == 1 else replace(node, value=None, gradient=None)

    def _kind(self, thing: Any) -> Kind:
        if thing.operation is not None:
            return "loss" if thing is self.loss else "result"
        learned = getattr(thing, "requires_grad", False) or getattr(thing, "learned", False)
        return "parameter" if learned or id(thing) in self.learned else "input"

    def _inputs(self, thing: Any) -> list[Any]:
        """Symbols in place of tensors."""
        return [
            self.symbols.get(id(x), x) if isinstance(x, Tracer) else x for x in thing.inputs[:MOST_INPUTS]
        ]

    def _computed(self, thing: Any) -> dict[str, Any]:
        operation, inputs, settings = thing.operation, self._inputs(thing), getattr(thing, "settings", {})
        place = getattr(thing, "call_site", None)
        return {
            "operation": operation.name,
            "sign": operation_text.pill(operation, inputs, settings),
            "expression": operation_text.expression(
                operation, inputs, settings, traced.array_of(thing).shape
            ),
            "line": line_of(place) if place else getattr(thing, "line", ""),
        }

    def edges(self, i: int) -> list[Edge]:
        """The edges into thing `i`: one for every input that is no plain number."""
        thing = self.things[i]
        if i in self.modules:
            inputs = dict.fromkeys(self.index[id(x)] for x in self.modules[i].inputs if id(x) in self.index)
            carries = self.things[i].requires_grad
            return [
                Edge(source, i, n, carries=carries and self.things[source].requires_grad)
                for n, source in enumerate(inputs)
            ]
        if i in self.folded or thing.operation is None:
            return []
        return [
            Edge(self.index[id(x)], i, position, *self._backward(thing, position, x))
            for position, x in enumerate(thing.inputs[:MOST_INPUTS])
            if isinstance(x, Tracer)
        ]

    def _backward(self, thing: Any, position: int, x: Any) -> tuple[str, bool]:
        """The local derivative on an edge, and whether a gradient flows back along it."""
        carries = getattr(x, "requires_grad", True) and thing.operation.rules[position] is not None
        if not carries or not self.with_numbers:
            return "", bool(carries)
        if not isinstance(x, Variable):
            return f"× {number(traced.slope(thing, position))}", True
        inputs, settings = self._inputs(thing), thing.settings
        return local_derivative(thing.operation, position, self.symbols[id(thing)], inputs, settings), True

    def notes(self) -> list[str]:
        """What the picture does not show, and why."""
        notes = []
        if self.planned:
            notes.append("a plan: its numbers differ from run to run")
        elif not self.with_numbers:
            notes.append(
                f"no numbers beyond {MOST_WITH_NUMBERS} tensors ({len(self.things):,} here): "
                "draw an earlier result to see its part"
            )
        drawn = [x for i, x in enumerate(self.things) if i not in self.folded and i not in self.modules]
        more = sum(max(len(x.inputs) - MOST_INPUTS, 0) for x in drawn)
        if more:
            notes.append(f"{more:,} inputs left out: an operation is drawn with at most {MOST_INPUTS}")
        ends = [thing for thing in self.things if id(thing) in self.roots and thing.operation is None]
        cuts = list(dict.fromkeys(filter(None, map(traced.why_cut, ends))))
        notes += [f"what came before is not known: the graph was cut by {cut}" for cut in cuts]
        if not cuts and all(isinstance(x, Variable) and not x.requires_grad for x in self.things):
            notes.append("no operation was recorded: nothing here has requires_grad=True")
        return notes


def _short(name: str) -> str:
    """A name as part of a formula."""
    name = clean(name)
    return name if len(name) <= 12 else name[:11] + "…"
