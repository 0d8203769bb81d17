"""The nodes and edges of a graph model, with their names, numbers and formulas."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tinygrad_edu.engine.call_site import line_of
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.reading.names import Names
from tinygrad_edu.reading.nodes import Computation
from tinygrad_edu.scalar import Value
from tinygrad_edu.symbolic.expression import Expression, symbol
from tinygrad_edu.symbolic.writers.index_code import with_named_arrays
from tinygrad_edu.viz.drawing import operation_text
from tinygrad_edu.viz.drawing.number_cells import cells_of, number
from tinygrad_edu.viz.drawing.operation_text import local_derivative
from tinygrad_edu.viz.drawing.text_width import MAX_SHORT_NAME, clean, short_names, shortened
from tinygrad_edu.viz.graph import drawable
from tinygrad_edu.viz.graph.drawable import MAX_INPUTS
from tinygrad_edu.viz.graph.folded_card import FoldedModule, Pile
from tinygrad_edu.viz.graph.graph_model import DrawnNode, Edge, Kind
from tinygrad_edu.viz.graph.moments import (
    Gradients,
    gradients_of_loss,
    notes_on_moments,
    starts_with_one,
)
from tinygrad_edu.viz.graph.plan_graph import Planned, name_buffers
from tinygrad_edu.viz.graph.selection import Selection

MAX_NUMBERED_NODES = 300  # nodes whose numbers are shown

_called = functools.cache(str)  # of dtypes, for which NumPy takes its time


class Builder:
    """The state that nodes and edges share: the names, gradients, symbols and indices of the tensors.

    `named` are tensors that have their names already.
    """

    def __init__(
        self,
        computation: Computation,
        selection: Selection,
        names: Names,
        learned: frozenset[Any],
        named: Sequence[Any] = (),
    ) -> None:
        self.learned = learned
        self.tensors, self.folded, self.modules = selection.tensors, selection.stand_ins, selection.modules
        self.computation, self.roots, self.array = computation, computation.ends, computation.array
        self.loss = self.roots[0] if len(self.roots) == 1 and self.array(self.roots[0]).size == 1 else None
        self.names = names
        name_buffers(self.roots, names)
        known = list(dict.fromkeys([*named, *self.tensors]))
        called = dict(zip(known, self.names.of_all(known, self.loss), strict=True))
        self.called = [called[tensor] for tensor in self.tensors]
        paths = [module.path for module in selection.modules.values()]
        self.short = short_names(map(clean, (*self.called, *paths)))  # names as parts of formulas
        self.index = {tensor: i for i, tensor in enumerate(self.tensors)}
        self.planned = any(isinstance(root, Planned) for root in self.roots)
        self.with_numbers = len(self.tensors) <= MAX_NUMBERED_NODES and not self.planned
        self.gradients = Gradients(drawable.stored_gradients(self.tensors), {})
        if self.with_numbers and self.differentiated:
            self.gradients = gradients_of_loss(computation, self.tensors, self.gradients.arrays)
        self.symbols = {
            tensor: symbol(self.short[clean(name)], self.array(tensor).shape)
            for tensor, name in zip(self.tensors, self.called, strict=True)
        }
        self.piles = selection.piles
        for i, pile in self.piles.items():
            self.called[i] = pile.name()
            self.index.update((leaf, i) for leaf in pile.leaves)
        for i, module in self.modules.items():
            self.index.update((tensor, i) for tensor in module.tensors)
            several = bool(module.repeats) and len(module.outputs) > 1
            if several:
                self.called[i] = f"{len(module.outputs)} results"
            for k, tensor in enumerate(module.outputs if several else module.outputs[:-1], 1):
                name = f"result{k}" if several else self.short[clean(module.path)]
                self.symbols[tensor] = symbol(name, self.array(tensor).shape)

    @property
    def loss_name(self) -> str:
        """The name of the loss; empty if there is no loss."""
        return "" if self.loss is None else self.called[self.index[self.loss]]

    @property
    def differentiated(self) -> bool:
        """True if `backward()` started at the loss, with 1: then the gradients are those of the loss."""
        return self.loss in self.index and starts_with_one(self.gradients.arrays[self.index[self.loss]])

    def node(self, i: int, *, scope: int | None = None, marked: bool = False) -> DrawnNode:
        """The picture of tensor `i`."""
        tensor = self.tensors[i]
        array, gradient = self.array(tensor), self.gradients.arrays[i]
        folded = i in self.folded
        shown, moved = self.with_numbers and not folded, self.computation.moved
        whole = folded or i in self.modules or tensor.operation is None
        node = DrawnNode(
            id=f"n{i}",
            kind="folded" if folded else self._kind(tensor),
            name=self.called[i],
            shape=array.shape,
            dtype=_called(array.dtype),
            value=cells_of(array) if shown else None,
            overwritten=tensor in self.computation.lost,
            now=cells_of(moved[tensor]) if shown and tensor in moved else None,
            gradient=cells_of(gradient) if shown and gradient is not None else None,
            accumulated=gradient is not None and tensor.operation is None and not self.gradients.known,
            awaits_gradient=bool(getattr(tensor, "requires_grad", True)),
            scope=scope,
            marked=marked,
            **({} if whole else self._computed(tensor)),
        )
        if i in self.modules:
            return self._module(node, self.modules[i])
        if i in self.piles:
            return replace(node, value=None, gradient=None, inside=self._pile(self.piles[i]))
        return node

    def _module(self, node: DrawnNode, module: FoldedModule) -> DrawnNode:
        """The node of a folded module; its numbers are those of its result, if there is only one."""
        inputs = [self.index[x] for x in module.inputs if x in self.index]
        called = ", ".join(dict.fromkeys(self._short(i) for i in inputs))
        node = replace(
            node,
            kind="module",
            operation=module.kind,
            sign=module.sign,
            expression=f"{'…' if module.repeats else module.path}({called})",
            inside=module.described(),
        )
        return node if len(module.outputs) == 1 else replace(node, value=None, gradient=None)

    def _pile(self, pile: Pile) -> tuple[str, ...]:
        """The first and the last name, if the user gave names."""
        first, last = (clean(self.names.find(leaf)) for leaf in (pile.leaves[0], pile.leaves[-1]))
        return (f"{first} … {last}",) if first and last else ()

    def _kind(self, tensor: Any) -> Kind:
        if tensor.operation is not None:
            return "loss" if tensor is self.loss else "result"
        return "parameter" if drawable.is_learned(tensor) or tensor in self.learned else "input"

    def _short(self, i: int) -> str:
        """The name of tensor `i` as part of a formula."""
        name = clean(self.called[i])
        return self.short.get(name) or shortened(name, MAX_SHORT_NAME)

    def _inputs(self, tensor: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The inputs and settings of `tensor`, with symbols in place of tensors and of named arrays of an index."""
        inputs = tuple(
            self.symbols.get(x, x) if isinstance(x, Tracer) else x for x in tensor.inputs[:MAX_INPUTS]
        )
        settings = getattr(tensor, "settings", {})
        return with_named_arrays(inputs, settings, self._index) if "index" in settings else (inputs, settings)

    def _index(self, array: np.ndarray) -> Expression | None:
        """The symbol of an array of an index, if the caller has a name for it."""
        name = clean(self.names.of_array(array))
        return symbol(shortened(name, MAX_SHORT_NAME), array.shape) if name else None

    def _computed(self, tensor: Any) -> dict[str, Any]:
        operation, (inputs, settings) = tensor.operation, self._inputs(tensor)
        place = getattr(tensor, "call_site", None)
        return {
            "operation": operation.name,
            "sign": operation_text.pill(operation, inputs, settings),
            "expression": operation_text.expression(operation, inputs, settings, self.array(tensor).shape),
            "line": line_of(place) if place else getattr(tensor, "line", ""),
        }

    def edges(self, i: int) -> list[Edge]:
        """The edges into tensor `i`: one for every input that is no plain number."""
        tensor = self.tensors[i]
        if i in self.modules:
            inputs = dict.fromkeys(self.index[x] for x in self.modules[i].inputs if x in self.index)
            carries = getattr(tensor, "requires_grad", True)
            return [
                Edge(source, i, n, carries=carries and getattr(self.tensors[source], "requires_grad", True))
                for n, source in enumerate(inputs)
            ]
        if i in self.folded or tensor.operation is None:
            return []
        local = {n: self._local(tensor, n) for n, _ in tensor.edges() if n < MAX_INPUTS}
        edges = {
            position: Edge(self.index[x], i, position, local.get(position, ""), carries=position in local)
            for position, x in enumerate(tensor.inputs[:MAX_INPUTS])
            if isinstance(x, Tracer)
        }
        last = {edge.source: position for position, edge in edges.items()}
        return [edge for n, edge in edges.items() if last[edge.source] == n or not self._is_many(edge.source)]

    def _is_many(self, i: int) -> bool:
        """True for equal parts and piles of leaves, to which one edge leads."""
        return i in self.piles or (i in self.modules and bool(self.modules[i].repeats))

    def _local(self, tensor: Any, position: int) -> str:
        """The local derivative on an edge: a number for a Value, a formula for a Tensor; empty without numbers."""
        if not self.with_numbers:
            return ""
        if isinstance(tensor, Value):
            return f"× {number(tensor.share(position, 1.0))}"
        inputs, settings = self._inputs(tensor)
        return local_derivative(tensor.operation, position, self.symbols[tensor], inputs, settings)

    def notes(self) -> list[str]:
        """The notes below the picture: the parts that are left out, and the reasons."""
        notes = []
        if self.planned:
            notes.append("a plan: its numbers differ from run to run")
        elif not self.with_numbers:
            notes.append(
                f"no numbers on cards beyond {MAX_NUMBERED_NODES} tensors ({len(self.tensors):,} here): "
                "a page has them under the pointer; or draw an earlier result"
            )
        drawn = [x for i, x in enumerate(self.tensors) if i not in self.folded and i not in self.modules]
        more = sum(max(len(x.inputs) - MAX_INPUTS, 0) for x in drawn)
        if more:
            notes.append(f"{more:,} inputs left out: an operation is drawn with at most {MAX_INPUTS}")
        if self.with_numbers:
            called = list(map(self._short, range(len(self.called))))
            loss = called[self.index[self.loss]] if self.loss in self.index else ""
            notes += notes_on_moments(self.computation, self.tensors, called, self.gradients, loss)
        ends = [root for root in self.roots if root.operation is None]
        cuts = list(dict.fromkeys(filter(None, map(drawable.why_cut, ends))))
        notes += [f"what came before is not known: the graph was cut by {cut}" for cut in cuts]
        if not cuts and all(isinstance(x, Variable) and not x.requires_grad for x in self.tensors):
            notes.append("no operation was recorded: nothing here has requires_grad=True")
        return notes
