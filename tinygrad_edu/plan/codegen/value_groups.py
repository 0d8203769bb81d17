"""The single numbers of a step on Values in groups, each of which one nest of loops can do."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.plan.codegen.rolled import loop_sizes, regular_prefix
from tinygrad_edu.plan.values.levels import TOTALS, Items
from tinygrad_edu.plan.values.memory_layout import Layout

_MAX_PIECES = 12
Factors = tuple[int, ...]  # the places of a term of a sum: of its two factors, or of the one number


class Run:
    """Terms of a sum that one loop can do: the first, how many, and by how much their places grow."""

    def __init__(self, start: int, count: int, steps: Factors) -> None:
        self.start, self.count, self.steps = start, count, steps


class Group:
    """Equal operations: the place of each result, and the places of its operands; of a sum the factors of its terms.

    `kinds`: for each operand the arrays of its factors.
    """

    def __init__(self, operation: Operation, kinds: tuple[tuple[int, ...], ...]) -> None:
        self.operation, self.kinds = operation, kinds
        self.places: list[int] = []
        self.operands: list[tuple[int, ...]] = []
        self.terms: list[list[Factors]] = []

    @property
    def title(self) -> str:
        """How many of which operation, as a comment says it."""
        return f"{len(self.places)} of {'sum' if self.operation in TOTALS else self.operation.name}"

    def pieces(self) -> list[Group]:
        """The group in as many parts as loops need; itself, if they would be too many."""
        columns = [[*operands, *itertools.chain(*terms)] for operands, terms in self._members()]
        tables = np.column_stack([self.places, columns]).T
        found: list[Group] = []
        start = 0
        while start < len(self.places) and len(found) < _MAX_PIECES:
            stop = start + regular_prefix(tables[:, start:])
            part = Group(self.operation, self.kinds)
            part.places, part.operands = self.places[start:stop], self.operands[start:stop]
            part.terms = self.terms[start:stop]
            found.append(part)
            start = stop
        return found if start == len(self.places) else [self]

    def _members(self) -> Iterator[tuple[tuple[int, ...], list[Factors]]]:
        return itertools.zip_longest(self.operands, self.terms, fillvalue=[])  # type: ignore[arg-type]

    def runs(self) -> list[Run]:
        """The loops over the terms, the same in all sums."""
        runs: list[Run] = []
        start = 0
        while self.terms and start < len(self.terms[0]):
            runs.append(self._run_from(start))
            start += runs[-1].count
        return runs

    def _run_from(self, start: int) -> Run:
        kinds = self.kinds
        stop = start + 1
        while stop < len(kinds) and kinds[stop] == kinds[start]:
            stop += 1
        table = np.array([terms[start:stop] for terms in self.terms])
        steps = table[:, 1:] - table[:, :-1]
        count = 1
        while count < stop - start and (steps[:, count - 1] == steps[0, 0]).all():
            count += 1
        return Run(start, count, tuple(steps[0, 0].tolist()) if count > 1 else (0,) * len(kinds[start]))


class Rows:
    """Where the numbers of a group stand: a row for the targets, for each operand, and for the first term of each run.

    `arrays`: of each row "x", "w" or "v", which begin at `starts`; `tables`: the rows, counted from the beginning of
    their array; `sizes`: of nested loops over the members, None if loops cannot do it.
    """

    def __init__(self, group: Group, starts: Sequence[int]) -> None:
        self.runs = group.runs()
        self.columns = [np.array(group.places), *np.array(group.operands).T]
        for run in self.runs:
            self.columns += list(np.array([terms[run.start] for terms in group.terms]).T)
        numbers = [sum(int(column.min()) >= start for start in starts[1:]) for column in self.columns]
        self.arrays = ["xwv"[n] for n in numbers]
        self.tables = np.stack([column - starts[n] for n, column in zip(numbers, self.columns)])
        self.sizes = loop_sizes(self.tables)


def groups_of(layout: Layout, starts: Sequence[int]) -> list[Group]:
    """Equal operations of one height, on numbers of the same arrays, which begin at `starts`.

    A product that only one sum uses is computed by the sum.
    """
    items = layout.items
    place = layout.place.tolist()
    array = np.searchsorted(starts, layout.place, "right").tolist()
    within = _summed_products(items)
    groups: list[Group] = []
    for planned in layout.groups:
        found: dict[Any, Group] = {}
        for i in planned.members:
            if i in within:
                continue
            inputs = items.inputs[i]
            sums = planned.operation in TOTALS
            terms = [items.inputs[x] if sums and x in within else (x,) for x in inputs]
            kinds = tuple([tuple([array[y] for y in term]) for term in terms])
            group = found.setdefault(kinds, Group(planned.operation, kinds))
            group.places.append(place[i])
            group.operands.append(() if sums else tuple([place[x] for x in inputs]))
            if sums:
                group.terms.append([tuple([place[y] for y in term]) for term in terms])
        groups += found.values()
    return groups


def _summed_products(items: Items) -> set[int]:
    users: dict[int, list[int]] = {}
    for i in items.computed:
        for x in items.inputs[i]:
            users.setdefault(x, []).append(i)
    kept = {*items.results, *items.changes.values()}
    return {
        i
        for i in items.computed
        if items.operations[i] is ops.multiply and i not in kept and _is_for_one_sum(items, users.get(i, ()))
    }


def _is_for_one_sum(items: Items, users: Sequence[int]) -> bool:
    return len(users) == 1 and items.operations[users[0]] in TOTALS
