"""What a picture is made of: nodes and edges, with names, numbers and formulas, and no place on the page yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tinygrad_edu.viz.cells import Cells
from tinygrad_edu.viz.folded import FoldedModule
from tinygrad_edu.viz.scopes import Scope

Kind = Literal["input", "parameter", "result", "loss", "folded", "module"]


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
    marked: bool = False  # to be looked at: the place of a mistake
    inside: tuple[str, ...] = ()  # of a folded module, what it holds, in a few words


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
    things: tuple[Any, ...] = field(default=(), repr=False, compare=False)  # what the nodes stand for
    modules: Mapping[int, FoldedModule] = field(
        default_factory=dict, repr=False, compare=False
    )  # by their nodes
