"""The single numbers of a step on Values in groups, each of which loops can do; and where every number stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.plan.codegen.c.access import literal
from tinygrad_edu.plan.values.levels import TOTAL, Items
from tinygrad_edu.scalar import Value

Operand = tuple[str, int]  # the array it stands in, and its place there; of a constant, its text


_NOTHING: Operand = ("", 0)  # in place of the second factor of a term that is no product


class Group:
    """Equal operations of one level. Of each member: its place, its operands; of a sum, the factors of its terms.

    `wanted`: the operands that get a gradient; `flows`: which factors of each term do.
    """

    def __init__(self, operation: Operation, wanted: tuple[int, ...], flows: list[tuple[bool, bool]]) -> None:
        self.operation, self.wanted, self.flows = operation, wanted, flows
        self.places: list[int] = []
        self.operands: list[list[Operand]] = []
        self.terms: list[list[tuple[Operand, Operand]]] = []


class ValueGroups:
    """Equal operations of one level are one group. `where`: the array and the place of each item.

    A product that only one sum uses has no place: the sum multiplies.
    """

    def __init__(self, items: Items, inputs: int) -> None:
        self._items, self._inputs = items, inputs
        self._within = self._summed_products()
        self._stand()
        self.groups = self._grouped()

    def _summed_products(self) -> dict[int, int]:
        """The products that only one sum uses: it computes them itself."""
        items = self._items
        uses: dict[int, list[int]] = {}
        for i, inputs in enumerate(items.inputs):
            for x in inputs:
                uses.setdefault(x, []).append(i)
        kept = set(items.results)
        return {
            i: uses[i][0]
            for i, operation in enumerate(items.operations)
            if operation is ops.multiply
            and i not in kept
            and len(uses.get(i, ())) == 1
            and items.operations[uses[i][0]] is TOTAL
        }

    def _stand(self) -> None:
        """Where every item stands; parameters in the order in which products and then sums name them."""
        items = self._items
        self.where: dict[int, Operand] = {}
        parameters = set(items.parameters)
        for i, source in enumerate(items.sources):
            if i < self._inputs:
                self.where[i] = "x", i
            elif i not in parameters:
                self.where[i] = literal(float.fromhex(str(source)), "double"), 0
        computed = [i for i, op in enumerate(items.operations) if op is not None and i not in self._within]
        self.where |= {i: ("v", place) for place, i in enumerate(computed)}
        self.size = len(computed)
        named: dict[int, None] = {}
        for i in sorted(computed, key=items.levels.__getitem__):
            within = [x for x in items.inputs[i] if self._within.get(x) == i]
            factors = [y for x in within for y in items.inputs[x]]
            named |= dict.fromkeys([x for x in (*factors, *items.inputs[i]) if x in parameters])
        named |= dict.fromkeys(items.parameters)
        self.where |= {i: ("w", place) for place, i in enumerate(named)}
        self.parameters: list[Value] = [items.sources[i] for i in named]

    def _grouped(self) -> list[Group]:
        items = self._items
        found: dict[Any, Group] = {}
        computed = [i for i, (array, _) in self.where.items() if array == "v"]
        for i in sorted(computed, key=items.levels.__getitem__):
            operation, inputs, wanted = items.operations[i], items.inputs[i], items.wanted[i] or ()
            assert operation is not None
            sums = operation is TOTAL
            operands = [] if sums else [self.where[x] for x in inputs]
            terms = [self._factors_of(x, i) for x in inputs] if sums else []
            flows = [self._flow(x, i, n in wanted) for n, x in enumerate(inputs)] if sums else []
            kinds = tuple(array for array, _ in operands), tuple((a[0], b[0]) for a, b in terms)
            key = items.levels[i], operation, wanted, kinds, tuple(flows)
            group = found.setdefault(key, Group(operation, () if sums else wanted, flows))
            group.places.append(self.where[i][1])
            group.operands.append(operands)
            group.terms.append(terms)
        return list(found.values())

    def _factors_of(self, x: int, total: int) -> tuple[Operand, Operand]:
        if self._within.get(x) != total:
            return self.where[x], _NOTHING
        a, b = self._items.inputs[x]
        return self.where[a], self.where[b]

    def _flow(self, x: int, total: int, wanted: bool) -> tuple[bool, bool]:
        """Whether a gradient goes to each factor of a term."""
        if not wanted or self._within.get(x) != total:
            return wanted, False
        positions = self._items.wanted[x] or ()
        return 0 in positions, 1 in positions


def runs_of(group: Group) -> list[tuple[int, int, tuple[int, int]]]:
    """Products of a sum that one loop can do: the first, how many, and the steps of both factors; alike in all sums."""
    sums = [[(a[1], b[1]) for a, b in pairs] for pairs in group.terms]
    kinds = [(a[0], b[0]) for a, b in group.terms[0]]
    runs: list[tuple[int, int, tuple[int, int]]] = []
    start, count = 0, len(kinds)
    table = np.array(sums).reshape(len(sums), count, 2)
    while start < count:
        length, steps = 1, (0, 0)
        if start + 1 < count:
            found = table[:, start + 1] - table[:, start]
            if (found == found[0]).all() and _same(kinds, group.flows, start, start + 1):
                steps = int(found[0][0]), int(found[0][1])
                length = 2
                while start + length < count and _same(kinds, group.flows, start, start + length):
                    if not (table[:, start + length] - table[:, start + length - 1] == steps).all():
                        break
                    length += 1
        runs.append((start, length, steps))
        start += length
    return runs


def _same(kinds: Sequence[Any], flows: Sequence[Any], a: int, b: int) -> bool:
    return kinds[a] == kinds[b] and flows[a] == flows[b]
