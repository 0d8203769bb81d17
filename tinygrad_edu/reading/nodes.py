"""The computation behind a result, of Tensors and Values alike: its nodes, and the numbers they had in it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.node import Node
from tinygrad_edu.scalar import Value

Array = np.ndarray


def nodes_in(node: Any) -> list[Any]:
    """The inputs of `node` that are no plain numbers."""
    return [x for x in node.inputs if isinstance(x, Node)]


class Computation:
    """The `ends`, and every node that they were computed from. Iterate for inputs before results.

    `results` are the computed nodes, newest first; `leaves` the other nodes, in the order of their first use.
    """

    def __init__(self, *ends: Any) -> None:
        self.ends = list(dict.fromkeys(ends))
        self.results = newest_first(*self.ends)
        self._numbers: dict[Value, float] = {}  # of leaves, which may have been overwritten since
        self._computed_again: dict[Any, Array] = {}  # results that an in-place operation overwrote
        for node in self.results:
            if isinstance(node, Value):
                self._note_numbers(node)
        for node in reversed(self.results):
            if _is_overwritten(node):
                self._computed_again[node] = self._computed(node)

    def _note_numbers(self, user: Value) -> None:
        """Note the numbers of leaves that `user` was computed with, unless a newer result used them."""
        for x, number in zip(user.inputs, user.numbers[1:], strict=True):
            if isinstance(x, Value) and x.operation is None:
                self._numbers.setdefault(x, number)

    def _computed(self, node: Any) -> Array:
        """The operation of `node` on the numbers of its inputs."""
        inputs = [self.array(x) if isinstance(x, Node) else x for x in node.inputs]
        with np.errstate(all="ignore"):
            return np.asarray(node.operation(*inputs, **node.settings), node.raw.dtype)

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
        """The numbers of `node` in this computation, also where the `data` of a Value was overwritten since.

        Of a leaf that was overwritten in the middle of the computation, the numbers of its newest use; of a result
        that an in-place operation overwrote, the numbers before.
        """
        if not isinstance(node, Value):
            return self._computed_again.get(node, node.raw)
        return np.asarray(node.numbers[0] if node.operation else self._numbers.get(node, node.data))

    def leading_to(self, nodes: Iterable[Any]) -> set[Any]:
        """The `nodes`, and every result through which a gradient flows back to one of them."""
        found = set(nodes)
        for node in reversed(self.results):
            if any(x in found for _, x in node.edges()):
                found.add(node)
        return found


def _is_overwritten(node: Any) -> bool:
    """True for a result that shares its numbers with the result of a later in-place operation (`engine/rebinding`)."""
    memory = getattr(node, "memory", None)
    return memory is not None and memory.version == sys.maxsize
