"""What if a number were another one: a small graph, forward and backward, as instructions for the page."""

from __future__ import annotations

import math
from typing import Any

from tinygrad_edu.scalar import Value
from tinygrad_edu.symbolic.expression import Expression, filled, replaced
from tinygrad_edu.symbolic.writers.page_instructions import Instructions
from tinygrad_edu.viz.graph.graph_model import Graph
from tinygrad_edu.viz.page.page_steps import Steps

MOST_NUMBERS = 20_000  # in all tensors together
MOST_GIVEN = 2_000  # in all leaves together
MOST_LINES = 3_000


def what_if(graph: Graph, steps: Steps) -> dict[str, Any] | None:
    """The leaves, the instructions, their kernels, and in which slot is what the page shows.

    None where the page cannot compute it.
    """
    if (
        not steps.trusted
        or len(steps.all) == 1
        or not _small(graph)
        or any(node.kind in ("folded", "module") for node in graph.nodes)
    ):
        return None
    leaves = [i for i, node in enumerate(graph.nodes) if not node.operation]
    program = Instructions([steps.symbols.values[i] for i in leaves], steps.symbols.numbers)
    try:
        slots = _Compiled(graph, steps, program).slots
    except NotImplementedError:
        return None
    if len(program.lines) > MOST_LINES:
        return None
    dtype = _dtype(graph)
    given = [_given(i, graph, dtype) for i in leaves]
    return {
        "dtype": dtype, "given": given, "lines": program.lines, "slots": slots, "kernels": program.kernels,
    }  # fmt: skip


def _small(graph: Graph) -> bool:
    """Whether it is small, and all of it is computed in one dtype that JavaScript has."""
    sizes = [math.prod(node.shape) for node in graph.nodes]
    given = [size for size, node in zip(sizes, graph.nodes) if not node.operation]
    return bool(_dtype(graph)) and sum(sizes) <= MOST_NUMBERS and sum(given) <= MOST_GIVEN


def _dtype(graph: Graph) -> str:
    """float64 or float32, if all is computed in it, else empty."""
    found = {node.dtype for node in graph.nodes if node.operation or node.awaits_gradient}
    return next(iter(found)) if len(found) == 1 and found <= {"float64", "float32"} else ""


def _given(i: int, graph: Graph, dtype: str) -> list[Any]:
    """A leaf: its node, whether it may be changed, its shape, its numbers."""
    array = graph.array(i)
    numbers = [float(x) for x in array.ravel()]
    written = [x if math.isfinite(x) else str(x) for x in numbers]
    return [i, int(array.dtype == dtype and array.size > 0), array.shape, written]


class _Compiled:
    """The instructions of the way forward, then of the way back; `slots` by the page's names of numbers."""

    def __init__(self, graph: Graph, steps: Steps, program: Instructions) -> None:
        self.symbols, self.program = steps.symbols, program
        self.slots = {
            f"v{i}": slot
            for i, x in enumerate(self.symbols.values)
            if (slot := program.slots.get(id(x))) is not None
        }
        self._are_values = all(isinstance(tensor, Value) for tensor in graph.tensors)
        self._sums: dict[int, Expression] = {}  # the running sum of each gradient
        for i, node in enumerate(graph.nodes):
            if node.operation:
                self._put(f"v{i}", steps.expression(i), self.symbols.values[i])
        for step in steps.all:
            if step.phase == "seed":
                seed = self.symbols.gradients[step.node]
                self._put(f"g{step.node}", filled(1, seed.shape), seed)
        for k, share in steps.shares:
            self._share(k, share, graph.edges[k].source, graph.edges[k].target)

    def _put(self, key: str, formula: Expression | None, name: Expression) -> None:
        if formula is None:
            raise NotImplementedError(key)
        self.slots[key] = self.program.compute(formula, name)

    def _share(self, k: int, share: Expression, source: int, target: int) -> None:
        """The share along an edge, and what the gradient is after it."""
        total = self.symbols.gradients[source]
        before = self._sums.get(source)
        part = Expression("share", share.shape)
        self._put(f"s{k}", share, part)
        if self._are_values:  # whose local derivatives are numbers beside the edges
            g = self.symbols.gradients[target]
            self._put(f"l{k}", replaced(share, {g: filled(1)}), Expression("local"))
        if before is None:
            self.program.slots[id(total)] = self.slots[f"s{k}"]
        else:
            self.slots[f"b{k}"] = self.slots[f"g{source}"]
            self.program.compute(total + part, total)
        self._sums[source] = total
        self.slots[f"a{k}"] = self.slots[f"g{source}"] = self.program.slots[id(total)]
