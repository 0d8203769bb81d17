"""The what-if of a page: a small graph, forward and backward, as instructions that a changed number runs again."""

from __future__ import annotations

import math
from typing import Any

from tinygrad_edu.scalar import Value
from tinygrad_edu.symbolic.expression import Expression, filled, replaced
from tinygrad_edu.symbolic.writers.page_instructions import Instructions
from tinygrad_edu.viz.graph.graph_model import Graph
from tinygrad_edu.viz.page.page_steps import Steps
from tinygrad_edu.viz.page.script_data import json_number

MAX_NUMBERS = 20_000  # in all tensors together
MAX_LEAF_NUMBERS = 2_000  # in all leaves together
MAX_INSTRUCTIONS = 3_000


def what_if(graph: Graph, steps: Steps) -> dict[str, Any] | None:
    """The leaves, the instructions, their kernels, and the slots of the numbers that the page shows.

    None where the page cannot compute the graph.
    """
    if not steps.trusted or len(steps.all) == 1 or not _computable(graph):
        return None
    leaves = [i for i, node in enumerate(graph.nodes) if not node.operation]
    program = Instructions([steps.symbols.values[i] for i in leaves], steps.symbols.numbers)
    try:
        slots = _slots(graph, steps, program)
    except NotImplementedError:
        return None
    if len(program.lines) > MAX_INSTRUCTIONS:
        return None
    dtype = _dtype(graph)
    return {
        "dtype": dtype, "leaves": [_leaf(i, graph, dtype) for i in leaves], "lines": program.lines, "slots": slots,
        "kernels": program.kernels,
    }  # fmt: skip


def _computable(graph: Graph) -> bool:
    """True for a small graph without folded modules, all in one dtype that JavaScript has."""
    sizes = [math.prod(node.shape) for node in graph.nodes]
    of_leaves = [size for size, node in zip(sizes, graph.nodes) if not node.operation]
    whole = all(node.kind not in ("folded", "module") for node in graph.nodes)
    whole = whole and all(node.value is not None for node in graph.nodes)
    return whole and bool(_dtype(graph)) and sum(sizes) <= MAX_NUMBERS and sum(of_leaves) <= MAX_LEAF_NUMBERS


def _dtype(graph: Graph) -> str:
    """The dtype of all results and parameters, float64 or float32; empty if there is no such dtype."""
    found = {node.dtype for node in graph.nodes if node.operation or node.awaits_gradient}
    return next(iter(found)) if len(found) == 1 and found <= {"float64", "float32"} else ""


def _leaf(i: int, graph: Graph, dtype: str) -> list[Any]:
    """A leaf: its node, whether it may be changed, its shape, its numbers, and those of now if it has moved since."""
    array, now = graph.array(i), graph.computation.moved.get(graph.tensors[i])
    free = int(array.dtype == dtype and array.size > 0)
    leaf = [i, free, array.shape, list(map(json_number, array.ravel()))]
    return leaf if now is None else [*leaf, list(map(json_number, now.ravel()))]


def _slots(graph: Graph, steps: Steps, program: Instructions) -> dict[str, int]:
    """The slot of each number by its name on the page, once `program` computes all of them.

    Raises `NotImplementedError` for an operation that the page does not know.
    """
    compiler = _Compiler(graph, steps, program)
    compiler.forward(steps)
    compiler.backward(steps)
    return compiler.slots


class _Compiler:
    """The instructions as they grow: `slots` by the page's names of numbers, and the running sum of each gradient."""

    def __init__(self, graph: Graph, steps: Steps, program: Instructions) -> None:
        self.graph, self.symbols, self.program = graph, steps.symbols, program
        slots = {f"v{i}": program.slots.get(id(x)) for i, x in enumerate(self.symbols.values)}
        self.slots = {key: slot for key, slot in slots.items() if slot is not None}
        self._sums: dict[int, Expression] = {}

    def forward(self, steps: Steps) -> None:
        """Compute every result."""
        for i, formula in steps.formulas.items():
            self._put(f"v{i}", formula, self.symbols.values[i])

    def backward(self, steps: Steps) -> None:
        """Compute the gradient of the loss by itself, then the share along every edge, and the sums."""
        for step in steps.all:
            if step.phase == "seed":
                seed = self.symbols.gradients[step.node]
                self._put(f"g{step.node}", filled(1, seed.shape), seed)
        are_values = all(isinstance(tensor, Value) for tensor in self.graph.tensors)
        for k, share in steps.shares:
            part = Expression("share", share.shape)
            self._put(f"s{k}", share, part)
            if are_values:  # whose local derivatives are numbers beside the edges
                g = self.symbols.gradients[self.graph.edges[k].target]
                self._put(f"l{k}", replaced(share, {g: filled(1)}), Expression("local"))
            self._add(k, part, self.graph.edges[k].source)

    def _put(self, key: str, formula: Expression | None, name: Expression) -> None:
        if formula is None:
            raise NotImplementedError(key)
        self.slots[key] = self.program.compute(formula, name)

    def _add(self, k: int, share: Expression, source: int) -> None:
        """Compute the gradient of `source` with the share along edge `k`."""
        total = self.symbols.gradients[source]
        before = self._sums.get(source)
        if before is None:
            self.program.slots[id(total)] = self.slots[f"s{k}"]
        else:
            self.slots[f"b{k}"] = self.slots[f"g{source}"]
            self.program.compute(total + share, total)
        self._sums[source] = total
        self.slots[f"a{k}"] = self.slots[f"g{source}"] = self.program.slots[id(total)]
