"""Where everything stands: which items one call computes, and the order of their numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.plan.values.levels import TOTAL_FROM_ZERO, TOTALS, Items

_ORDER = ("input", "data", "grad", "place")  # of sources


class Group:
    """Items that one call computes: the same operation at one height. Their numbers stand in `start:stop`.

    `reads`: where the numbers of each input stand; of a sum one matrix, with a row for each term.
    """

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.members: list[int] = []
        self.start = self.stop = 0
        self.reads: list[np.ndarray] = []


class Layout:
    """The groups in the order of computation, the place of each item, and how many numbers there are.

    First the sources: inputs, numbers of Values, plain numbers of the step; then the constants, then group after group.
    """

    def __init__(self, items: Items) -> None:
        self.items = items
        self.sources = sorted([i for i in items.sources if items.constant(i) is None], key=self._order)
        constants = [i for i in items.sources if items.constant(i) is not None]
        self.constants = [items.constant(i) for i in constants] + [0.0]  # a last one, to fill up sums
        self._zero = len(self.sources) + len(constants)
        self.groups = _grouped(items)
        self._sort_members()
        self.place = np.zeros(len(items.inputs), np.intp)
        self.size = 0
        for members in (self.sources, constants, *[group.members for group in self.groups]):
            self.place[members] = np.arange(self.size, self.size + len(members))
            self.size += len(members) + (members is constants)
        for group in self.groups:
            group.start = int(self.place[group.members[0]])
            group.stop = group.start + len(group.members)
            columns = self._columns(group)
            rows = np.where(columns < 0, self._zero, self.place[columns])
            group.reads = [rows] if group.operation in TOTALS else list(rows)
        self.results = self.place[items.results].tolist()

    def _order(self, source: int) -> tuple[int, int]:
        kind, which, *_ = self.items.inputs[source]
        return _ORDER.index(kind), which if kind in ("input", "place") else self.items.order[which]

    def _sort_members(self) -> None:
        """Let members stand in the order in which later calls ask for them, so that these read slices."""
        asked = {i: n for n, i in enumerate(self.items.changes.values())}
        for group in reversed(self.groups):
            group.members.sort(key=lambda i: asked.get(i, 0))
            for x in self._columns(group).ravel().tolist():  # -1, which nobody is, for what fills up a sum
                asked.setdefault(x, len(asked))

    def _columns(self, group: Group) -> np.ndarray:
        """The items that the group reads, one row for each position; -1 where a sum has fewer terms than others."""
        inputs = [self.items.inputs[i] for i in group.members]
        longest = max(map(len, inputs))
        return np.array([(*x, *[-1] * (longest - len(x))) for x in inputs], np.intp).T


def _grouped(items: Items) -> list[Group]:
    """The groups of all computed items, those farthest from the end first."""
    found: dict[Any, Group] = {}
    for i in sorted(items.computed, key=lambda i: -items.heights[i]):
        operation = items.operations[i]
        assert operation is not None
        count = len(items.inputs[i])
        if operation is TOTAL_FROM_ZERO:  # which may be filled up with zeros, to do more of them at once
            count = 1 << (count - 1).bit_length()
        key = items.heights[i], operation, count
        if key not in found:
            found[key] = Group(operation)
        found[key].members.append(i)
    return list(found.values())
