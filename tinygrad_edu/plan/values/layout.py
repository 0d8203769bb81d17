"""Where everything lies: which items one NumPy call computes, in which order their numbers stand, where shares go."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.operation import Operation, Rule
from tinygrad_edu.plan.values.items import TOTAL, Items


class Group:
    """Items that one call computes: the same operation on one level, with gradients summed from equally many shares.

    `start`, `stop`: their numbers; `share`: where the matrix of their shares begins, `uses` rows of one share each.
    `reads`: where the numbers of each input stand; `writes`: each rule, and where the shares go that it computes.
    """

    def __init__(self, operation: Operation | None, uses: int, wanted: tuple[int, ...] | None) -> None:
        self.operation = operation
        self.uses = uses
        self.wanted = wanted
        self.members: list[int] = []
        self.start = self.stop = self.share = 0
        self.reads: list[np.ndarray] = []
        self.writes: list[tuple[Any, np.ndarray]] = []


class Layout:
    """The groups in the order of computation, parameters first, and the size of what they work on."""

    def __init__(self, items: Items, inputs: int) -> None:
        self._items = items
        self.groups = _groups(items)
        self._sort_members()
        self._place_numbers(inputs)
        self._place_shares()

    def _sort_members(self) -> None:
        """Let members stand in the order in which later calls ask for them, so that those read and write slices."""
        asked: dict[int, int] = {}
        for group in reversed(self.groups):
            group.members.sort(key=lambda i: asked.get(i, 0))
            for row in zip(*[self._items.inputs[i] for i in group.members]):
                for x in row:
                    asked.setdefault(x, len(asked))

    def _place_numbers(self, inputs: int) -> None:
        """The inputs of the step come first, then the constants, then group after group."""
        grouped = set(self._items.parameters)
        constants = [i for i in range(inputs, len(self._items.sources)) if i not in grouped]
        place = np.zeros(len(self._items.inputs), np.intp)
        place[:inputs] = np.arange(inputs)
        place[constants] = np.arange(inputs, inputs + len(constants))
        self.constants = [self._items.sources[i] for i in constants]
        self.size = inputs + len(constants)
        for group in self.groups:
            group.start, group.stop = self.size, self.size + len(group.members)
            place[group.members] = np.arange(group.start, group.stop)
            self.size = group.stop
            rows = place[self._columns(group)]
            group.reads = [rows] if group.operation is TOTAL else list(rows)
        self.results = place[self._items.results].tolist()

    def _place_shares(self) -> None:
        """Every use of an item has a place of its own for the share of the gradient that comes back from it."""
        free, step = {}, {}
        self.shares = 0
        for group in self.groups:
            group.share = self.shares
            self.shares += group.uses * len(group.members)
            for k, i in enumerate(group.members):
                free[i], step[i] = group.share + k, len(group.members)

        def taken(i: int) -> int:
            free[i] += step[i]
            return free[i] - step[i]

        loss = self._items.results[0]
        self.seed = taken(loss) if loss in free and self._items.uses[loss] else None
        for group in reversed(self.groups):
            if group.operation is not None and group.wanted:
                columns = self._columns(group)[list(group.wanted)]
                places = np.array([[taken(i) for i in row] for row in columns.tolist()])
                rules: list[Rule] = [group.operation.rules[p] for p in group.wanted if p < 1 or group.operation is not TOTAL]
                group.writes = [(rules[0], places)] if group.operation is TOTAL else list(zip(rules, places))

    def _columns(self, group: Group) -> np.ndarray:
        """The items that the group reads: one row for each position."""
        return np.array([self._items.inputs[i] for i in group.members], np.intp).T
