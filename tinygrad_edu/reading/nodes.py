"""The computation behind a result, of Tensors and Values alike: its nodes, and the numbers they had in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.node import Node
from tinygrad_edu.engine.versions import any_since, overwritten_since
from tinygrad_edu.scalar import Value

Array = np.ndarray


def nodes_in(node: Any) -> list[Any]:
    """The inputs of `node` that are no plain numbers."""
    return [x for x in node.inputs if isinstance(x, Node)]


class Computation:
    """The `ends`, and every node that they were computed from. Iterate for inputs before results.

    `results` are the computed nodes, newest first; `leaves` the other nodes, in the order of their first use.
    `lost` are the Variables whose numbers in this computation are gone: leaves that were overwritten since, and
    results in overwritten memory that would have to be computed again from such a leaf.
    """

    def __init__(self, *ends: Any) -> None:
        self.ends = list(dict.fromkeys(ends))
        self.results = newest_first(*self.ends)
        self._numbers: dict[Value, float] = {}  # of leaves, which may have been overwritten since
        for node in self.results:
            if isinstance(node, Value):
                self._note_numbers(node)
        self.lost: dict[Variable, None] = {}
        self._restored: dict[Variable, Array] = {}  # results in memory that was overwritten since
        if self.results and any_since(self.results[-1].serial):
            for node in reversed(self.results):
                if isinstance(node, Variable):
                    self._restore(node)

    def _restore(self, node: Variable) -> None:
        """Compute `node` again if its memory was overwritten since; its inputs have been looked at before."""
        inputs = [x for x in nodes_in(node) if isinstance(x, Variable)]
        gone = [x for x in inputs if x.operation is None and overwritten_since(x, node.serial)]
        self.lost.update(dict.fromkeys(gone))
        if not overwritten_since(node, node.serial):
            return
        if any(x in self.lost for x in inputs):
            self.lost[node] = None
            return
        assert node.operation is not None
        values = [self.array(x) if isinstance(x, Variable) else x for x in node.inputs]
        with np.errstate(all="ignore"):
            self._restored[node] = np.asarray(node.operation(*values, **node.settings), node.raw.dtype)

    def _note_numbers(self, user: Value) -> None:
        """Note the numbers of leaves that `user` was computed with, unless a newer result used them."""
        for x, number in zip(user.inputs, user.numbers[1:], strict=True):
            if isinstance(x, Value) and x.operation is None:
                self._numbers.setdefault(x, number)

    def __iter__(self) -> Iterator[Any]:
        """Inputs before results: each leaf stands just before its first use, and first of all if it is an end."""
        placed = {node: None for node in self.ends if node.operation is None}
        yield from placed
        for node in reversed(self.results):
            for x in nodes_in(node):
                if x.operation is None and x not in placed:
                    placed[x] = None
                    yield x
            yield node

    @property
    def leaves(self) -> list[Any]:
        """The nodes that were not computed."""
        return [node for node in self if node.operation is None]

    def array(self, node: Any) -> Array:
        """The numbers of `node` in this computation, also where they were overwritten since; those of now if `lost`.

        Of a Value that is a leaf and was overwritten in the middle of the computation, the number of its newest use.
        """
        if not isinstance(node, Value):
            return self._restored.get(node, node.raw) if self._restored else node.raw
        return np.asarray(node.numbers[0] if node.operation else self._numbers.get(node, node.data))

    def leading_to(self, nodes: Iterable[Any]) -> set[Any]:
        """The `nodes`, and every result through which a gradient flows back to one of them."""
        found = set(nodes)
        for node in reversed(self.results):
            if any(x in found for _, x in node.edges()):
                found.add(node)
        return found
