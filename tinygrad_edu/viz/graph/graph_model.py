"""The model of a picture: nodes and edges with names, numbers and formulas, without places on the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from tinygrad_edu.reading.nodes import Computation
from tinygrad_edu.viz.drawing.number_cells import Cells
from tinygrad_edu.viz.drawing.text_width import clean
from tinygrad_edu.viz.graph.folded_card import FoldedModule
from tinygrad_edu.viz.graph.module_boxes import Scope

MAX_CAPTION_LENGTH = 22  # characters
Kind = Literal["input", "parameter", "result", "loss", "folded", "module"]


@dataclass(frozen=True, slots=True)
class DrawnNode:
    """One tensor or Value, with the operation that computed it."""

    id: str
    kind: Kind
    name: str  # as the user wrote it: each writer cleans and escapes it
    shape: tuple[int, ...]
    dtype: str
    operation: str = ""  # its name; empty for a leaf
    sign: str = ""  # how the operation is drawn: `@`, `+ 1`, `σ`
    expression: str = ""  # `X @ W1`
    line: str = ""  # of the program: `exam.py:12`
    value: Cells | None = None
    overwritten: bool = False  # True if the graph was computed with other numbers, which are gone
    now: Cells | None = None  # the numbers of now, if `value` are those before the node was overwritten
    gradient: Cells | None = None  # None before backward()
    accumulated: bool = (
        False  # True if `gradient` is what `.grad` holds, of which nobody knows what was added up
    )
    awaits_gradient: bool = False  # True if a gradient can come
    scope: int | None = None  # the innermost module it belongs to, as an index among the scopes
    marked: bool = False  # True at the place of a mistake
    inside: tuple[str, ...] = ()  # of a folded module, its parameters and operations in a few words

    @property
    def value_caption(self) -> str:
        """`value`; of a node that was overwritten since the graph was computed `value then`, or `value now`."""
        return "value now" if self.overwritten else "value then" if self.now else "value"

    @property
    def shape_text(self) -> str:
        """`4×3`, `(3,)` for a vector, `scalar`; with the dtype unless that is float64."""
        shape = self.shape
        text = "×".join(map(str, shape)) if len(shape) > 1 else f"({shape[0]},)" if shape else "scalar"
        return text if self.dtype == "float64" else f"{text} {self.dtype}"


@dataclass(frozen=True, slots=True)
class Edge:
    """`target` was computed from `source`, its input at `position`."""

    source: int  # index among the nodes
    target: int
    position: int
    local: str = ""  # the local derivative: `g @ W2ᵀ`
    carries: bool = False  # True if a gradient flows back along the edge


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in an order in which inputs come before results, and the edges between them."""

    nodes: tuple[DrawnNode, ...]
    edges: tuple[Edge, ...]
    loss: str  # the name of the single number that was drawn; empty if it was something else
    differentiated: bool  # True if the gradients are those of the loss
    notes: tuple[str, ...] = ()  # on the parts that are left out
    scopes: tuple[Scope, ...] = ()  # calls of modules, outer ones before those inside them
    compact: bool = False  # True if each node is drawn in one line
    # The Tensors or Values of the nodes, the folded modules by their nodes, and the whole computation.
    tensors: tuple[Any, ...] = field(default=(), repr=False, compare=False)
    modules: Mapping[int, FoldedModule] = field(default_factory=dict, repr=False, compare=False)
    computation: Computation = field(default_factory=Computation, repr=False, compare=False)
    called: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)  # `names` of the caller
    learned: frozenset[Any] = field(
        default=frozenset(), repr=False, compare=False
    )  # Values that are parameters

    def array(self, i: int) -> np.ndarray:
        """The numbers of node `i`, all of them, as they were when the graph was computed."""
        return self.computation.array(self.tensors[i])

    def gradient_caption(self, node: DrawnNode) -> str:
        """`∂L/∂W1`; `gradient` where names are long, or the numbers may be the gradient of another result."""
        if node.accumulated:
            return ".grad"
        text = f"∂{clean(self.loss)}/∂{clean(node.name)}"
        known = self.loss and (self.differentiated or node.gradient is None)
        return text if known and len(text) <= MAX_CAPTION_LENGTH else "gradient"

    def around(self, scope: int | None) -> tuple[int, ...]:
        """The indices of `scope` and of the scopes around it, from the outermost to the innermost."""
        found: list[int] = []
        while scope is not None:
            found.insert(0, scope)
            scope = self.scopes[scope].parent
        return tuple(found)

    def title(self, scope: int) -> str:
        """`fc1: Linear`, named from within the module around it."""
        parent = self.scopes[scope].parent
        return clean(self.scopes[scope].title(None if parent is None else self.scopes[parent]))
