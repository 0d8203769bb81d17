"""The graph as a picture needs it: names, numbers and formulas, and no place on the page yet.

It is a snapshot: training on after it was made does not change it. The same program gives the same model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from tinygrad_edu.graph import Variable
from tinygrad_edu.operation import Traced
from tinygrad_edu.source import line_of
from tinygrad_edu.symbolic.tree import symbol
from tinygrad_edu.viz import expression, traced
from tinygrad_edu.viz.cells import Cells, cells_of, number
from tinygrad_edu.viz.expression import local_derivative
from tinygrad_edu.viz.names import check_names, name_all
from tinygrad_edu.viz.planned import Planned
from tinygrad_edu.viz.scopes import Path, Scope, boxes, homes, outermost, paths_of
from tinygrad_edu.viz.text import clean
from tinygrad_edu.viz.traced import MOST_INPUTS

Kind = Literal["input", "parameter", "result", "loss", "folded"]

MOST_WITH_NUMBERS = 300  # nodes whose numbers are shown


@dataclass(frozen=True, slots=True)
class Node:
    """One tensor or Value, with the operation that computed it."""

    id: str
    kind: Kind
    name: str  # as somebody wrote it: to be cleaned and escaped by whoever writes it down
    shape: tuple[int, ...]
    dtype: str
    operation: str = ""  # its name; empty for a leaf
    sign: str = ""  # how the operation is drawn: `@`, `+ 1`, `σ`
    expression: str = ""  # `X @ W1`
    line: str = ""  # of the program: `exam.py:12`
    value: Cells | None = None
    gradient: Cells | None = None  # None before backward()
    awaits_gradient: bool = False  # whether a gradient can come
    scope: int | None = None  # the innermost module it belongs to, as an index among the scopes


@dataclass(frozen=True, slots=True)
class Edge:
    """`target` was computed from `source`, its input at `position`."""

    source: int  # index among the nodes
    target: int
    position: int
    local: str = ""  # the local derivative: `g @ W2ᵀ`
    carries: bool = False  # whether a gradient flows back along it


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in an order in which inputs come before results, and the edges between them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    loss: str  # the name of the single number that was drawn; empty if it was something else
    differentiated: bool  # whether the gradients are its own
    notes: tuple[str, ...] = ()  # what was left out
    scopes: tuple[Scope, ...] = ()  # calls of modules, outer ones before those inside them


def graph_of(
    x: Any, names: Mapping[str, Any] | None = None, recorded: Mapping[Any, Path] | None = None
) -> Graph:
    """The graph by which `x`, a Tensor, a Value, a list of these or a plan, was computed.

    Which module computed what is known from `recorded`, or else told from the modules among `names`.
    Raises `TypeError` or `ValueError` if `x` or `names` are anything else.
    """
    check_names(names)
    roots = traced.roots(x)
    things, folded, notes = traced.fold(traced.oldest_first(roots))
    paths = paths_of(things, homes(outermost(names or {})), recorded or {})
    scopes, inside = boxes(things, paths)
    builder = _Builder(roots, things, folded, names)
    nodes = tuple(replace(builder.node(i), scope=inside[i]) for i in range(len(things)))
    edges = tuple(edge for i in range(len(things)) for edge in builder.edges(i))
    notes += builder.notes()
    return Graph(nodes, edges, builder.loss_name, builder.differentiated, tuple(notes), tuple(scopes))


class _Builder:
    """Everything that nodes and edges share: names, gradients, and which index a thing has."""

    def __init__(
        self, roots: list[Any], things: list[Any], folded: set[int], names: Mapping[str, Any] | None
    ) -> None:
        self.things, self.folded = things, folded
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
        return node if folded or thing.operation is None else replace(node, **self._computed(thing))

    def _kind(self, thing: Any) -> Kind:
        if thing.operation is not None:
            return "loss" if thing is self.loss else "result"
        learned = getattr(thing, "requires_grad", False) or getattr(thing, "learned", False)
        return "parameter" if learned else "input"

    def _inputs(self, thing: Any) -> list[Any]:
        """Symbols in place of tensors."""
        return [
            self.symbols.get(id(x), x) if isinstance(x, Traced) else x for x in thing.inputs[:MOST_INPUTS]
        ]

    def _computed(self, thing: Any) -> dict[str, Any]:
        operation, inputs, settings = thing.operation, self._inputs(thing), getattr(thing, "settings", {})
        place = getattr(thing, "place", None)
        return {
            "operation": operation.name,
            "sign": expression.pill(operation, inputs, settings),
            "expression": expression.expression(operation, inputs, settings, traced.array_of(thing).shape),
            "line": line_of(place) if place else getattr(thing, "line", ""),
        }

    def edges(self, i: int) -> list[Edge]:
        """The edges into thing `i`: one for every input that is no plain number."""
        thing = self.things[i]
        if i in self.folded or thing.operation is None:
            return []
        return [
            Edge(self.index[id(x)], i, position, *self._backward(thing, position, x))
            for position, x in enumerate(thing.inputs[:MOST_INPUTS])
            if isinstance(x, Traced)
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
            notes.append("a plan: its numbers are others in every run")
        elif not self.with_numbers:
            notes.append(
                f"no numbers and formulas beyond {MOST_WITH_NUMBERS} tensors ({len(self.things):,} here): "
                "draw an earlier result to see its part"
            )
        inputs = [len(x.inputs) for i, x in enumerate(self.things) if i not in self.folded]
        more = sum(max(n - MOST_INPUTS, 0) for n in inputs)
        if more:
            notes.append(f"{more:,} inputs left out: an operation is drawn with at most {MOST_INPUTS}")
        ends = [thing for thing in self.things if id(thing) in self.roots and thing.operation is None]
        cuts = list(dict.fromkeys(filter(None, map(traced.why_cut, ends))))
        notes += [f"what came before is not known: the graph was cut by {cut}" for cut in cuts]
        return notes


def _short(name: str) -> str:
    """A name as part of a formula."""
    name = clean(name)
    return name if len(name) <= 12 else name[:11] + "…"
