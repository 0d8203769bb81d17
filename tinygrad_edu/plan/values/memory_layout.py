"""Where everything stands: which items one NumPy call computes, the order of their numbers, the places of shares."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.plan.values.levels import TOTAL, Items


class Group:
    """Items that one call computes: the same operation on one level, their gradients sums of equally many shares.

    Numbers stand in `start:stop`. Shares stand from `share` on, a matrix with one row for each of `uses`.
    `reads`: where the numbers of each input stand. `writes`: each rule, and where the shares go that it computes.
    """

    def __init__(self, operation: Operation | None, uses: int, wanted: tuple[int, ...]) -> None:
        self.operation = operation  # None for parameters
        self.uses = uses
        self.wanted = wanted
        self.members: list[int] = []
        self.start = self.stop = self.share = 0
        self.reads: list[np.ndarray] = []
        self.writes: list[tuple[Any, np.ndarray]] = []


class Layout:
    """The groups in the order of computation, parameters first; and how many numbers and shares there are."""

    def __init__(self, items: Items, inputs: int) -> None:
        self._items = items
        self.inputs = inputs
        self.groups = _grouped(items)
        self._sort_members()
        self._place_numbers()
        self._place_shares()

    def _sort_members(self) -> None:
        """Let members stand in the order in which later calls ask for them, so that these read and write slices."""
        asked: dict[int, int] = {}
        for group in reversed(self.groups):
            group.members.sort(key=lambda i: asked.get(i, 0))
            for x in self._columns(group).ravel().tolist():
                asked.setdefault(x, len(asked))

    def _place_numbers(self) -> None:
        """First the inputs of the step, then the constants, then group after group."""
        items = self._items
        parameters = set(items.parameters)
        constants = [i for i in range(self.inputs, len(items.sources)) if i not in parameters]
        self.constants = [float.fromhex(str(items.sources[i])) for i in constants]
        place = np.zeros(len(items.inputs), np.intp)
        self.size = 0
        for members in (range(self.inputs), constants, *[group.members for group in self.groups]):
            place[members] = np.arange(self.size, self.size + len(members))
            self.size += len(members)
        for group in self.groups:
            group.start = int(place[group.members[0]])
            group.stop = group.start + len(group.members)
            rows = place[self._columns(group)]
            group.reads = [rows] if group.operation is TOTAL else list(rows)
        self.results = place[items.results].tolist()

    def _place_shares(self) -> None:
        """Every use of an item has a place of its own for the share of the gradient that comes back from it."""
        free: dict[int, int] = {}
        step: dict[int, int] = {}
        self.shares = 0
        for group in self.groups:
            group.share = self.shares
            for k, i in enumerate(group.members):
                free[i], step[i] = group.share + k, len(group.members)
            self.shares += group.uses * len(group.members)

        def taken(i: int) -> int:
            free[i] += step[i]
            return free[i] - step[i]

        items = self._items
        self.seed = taken(items.results[0]) if items.results[0] in free else None
        places: dict[int, list[int]] = {}
        for i in reversed(range(len(items.inputs))):  # the order in which the scalar engine adds up shares
            places[i] = [taken(items.inputs[i][p]) for p in items.wanted[i] or ()]
        for group in self.groups:
            if group.operation is not None and group.wanted:
                rows = np.array([places[i] for i in group.members], np.intp).T
                if group.operation is TOTAL:
                    group.writes = [(TOTAL.rules[0], rows)]
                else:
                    group.writes = [(group.operation.rules[p], row) for p, row in zip(group.wanted, rows)]

    def _columns(self, group: Group) -> np.ndarray:
        """The items that the group reads, one row for each position."""
        return np.array([self._items.inputs[i] for i in group.members], np.intp).T


def _grouped(items: Items) -> list[Group]:
    """The groups of all parameters and computed items, lowest level first."""
    found: dict[Any, Group] = {}
    parameters = set(items.parameters)
    for i in sorted(range(len(items.inputs)), key=items.levels.__getitem__):
        operation, uses, wanted = items.operations[i], items.uses[i], items.wanted[i]
        if operation is not None or i in parameters:
            key = (items.levels[i], operation, uses, wanted, len(items.inputs[i]))
            if key not in found:
                found[key] = Group(operation, uses, wanted or ())
            found[key].members.append(i)
    return list(found.values())
