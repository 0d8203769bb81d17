"""The computation behind a result, of Tensors and Values alike: its nodes, and the numbers they had in it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.call_site import line_of
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.engine.node import Node
from tinygrad_edu.engine.versions import any_since, overwritten_since
from tinygrad_edu.scalar import Value

Array = np.ndarray
MAX_COPIED_NUMBERS = 1_000_000  # of one leaf of a drawing


def nodes_in(node: Any) -> list[Any]:
    """The inputs of `node` that are no plain numbers."""
    return [x for x in node.inputs if isinstance(x, Node)]


class Computation:
    """The `ends`, and every node that they were computed from. Iterate for inputs before results.

    `results` are the computed nodes, newest first; `leaves` the other nodes, in the order of their first use.
    `moved` are the leaves that have other numbers now, with these numbers. `lost` are the Variables whose numbers in
    this computation are gone: leaves that were overwritten since, more than once or with too many numbers to be kept,
    and results in overwritten memory that would have to be computed again from such a leaf.
    """

    def __init__(self, *ends: Any) -> None:
        self.ends = list(dict.fromkeys(ends))
        self.results = newest_first(*self.ends)
        self.moved: dict[Any, Array] = {}
        self.lost: dict[Variable, None] = {}
        self._then: dict[Any, Array] = {}  # numbers that are not, or need not be, those of the node any more
        for node in self.results:
            if isinstance(node, Value):
                self._note_numbers(node)
        if self.results and any_since(self.results[-1].serial):
            self._take_back_leaves()
            for node in reversed(self.results):
                if isinstance(node, Variable):
                    self._restore(node)

    def _note_numbers(self, user: Value) -> None:
        """Note the numbers of leaves that `user` was computed with, unless a newer result used them."""
        for x, number in zip(user.inputs, user.numbers[1:], strict=True):
            if isinstance(x, Value) and x.operation is None and x not in self._then:
                self._then[x] = np.asarray(number)
                if x.data != number:
                    self.moved[x] = np.asarray(x.data)

    def _take_back_leaves(self) -> None:
        """Find the numbers that leaves had before they were overwritten."""
        first: dict[Variable, int] = {}
        last: dict[Variable, int] = {}
        for node in self.results:
            for x in nodes_in(node):
                if x.operation is None and isinstance(x, Variable):
                    first[x] = node.serial
                    last.setdefault(x, node.serial)
        for x, serial in first.items():
            if not overwritten_since(x, serial):
                continue
            before = numbers_before(x, serial, last[x])
            if before is None:
                self.lost[x] = None
            else:
                self._then[x] = before
                if not np.array_equal(before, x.raw, equal_nan=before.dtype.kind == "f"):
                    self.moved[x] = x.raw.copy()

    def _restore(self, node: Variable) -> None:
        """Compute `node` again if its memory was overwritten since; its inputs have been looked at before."""
        if not overwritten_since(node, node.serial):
            return
        if any(x in self.lost for x in nodes_in(node)):
            self.lost[node] = None
            return
        assert node.operation is not None
        values = [self.array(x) if isinstance(x, Variable) else x for x in node.inputs]
        with np.errstate(all="ignore"):
            self._then[node] = np.asarray(node.operation(*values, **node.settings), node.raw.dtype)

    def keep(self) -> None:
        """Keep the numbers of leaves and their views, unless they are many: the program may overwrite them."""
        variables = [x for x in self if isinstance(x, Variable)]
        memories = {x.memory for x in variables if x.operation is None and x.memory is not None}
        for x in variables:
            exposed = x.operation is None or x.memory in memories
            if exposed and x not in self.lost and x.raw.size <= MAX_COPIED_NUMBERS:
                self._then.setdefault(x, x.raw.copy())

    @contextlib.contextmanager
    def rewound(self) -> Iterator[None]:
        """Inside `with`, every Variable has the numbers that it had in this computation, unless they are `lost`."""
        changed = [x for x in self._then if isinstance(x, Variable)]
        now = [(x, x.raw, x.memory) for x in changed]
        try:
            for x in changed:
                x.raw, x.memory = self._then[x], None
            yield
        finally:
            for x, raw, memory in now:
                x.raw, x.memory = raw, memory

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
            return self._then.get(node, node.raw) if self._then else node.raw
        return np.asarray(node.numbers[0]) if node.operation else self._then.get(node, np.asarray(node.data))

    def check_known(self, call: str) -> None:
        """Raise `RuntimeError` if numbers of this computation are gone, for a `call` that needs all of them."""
        for x in self.lost:
            assert x.memory is not None
            raise RuntimeError(
                f"{call} needs the numbers that the graph was computed with, but {x.described()} was overwritten at "
                f"{line_of(x.memory.call_site)}; call it before optimizer.step(), or compute the loss again"
            )

    def leading_to(self, nodes: Iterable[Any]) -> set[Any]:
        """The `nodes`, and every result through which a gradient flows back to one of them."""
        found = set(nodes)
        for node in reversed(self.results):
            if any(x in found for _, x in node.edges()):
                found.add(node)
        return found


def numbers_before(leaf: Variable, first: int, last: int) -> Array | None:
    """The numbers of `leaf` before it was overwritten, if the results with serials `first` to `last` used these."""
    memory = leaf.memory
    if memory is None or memory.before is None:
        return None
    raw, numbers, until = memory.before
    return numbers if memory.previous < first <= last < until and _is_same(raw, leaf.raw) else None


def _is_same(a: Array, b: Array) -> bool:
    """True for two arrays that are the same elements of the same memory."""
    return a is b or (
        a.shape == b.shape
        and a.dtype == b.dtype
        and a.__array_interface__["data"] == b.__array_interface__["data"]
        and a.strides == b.strides
    )
