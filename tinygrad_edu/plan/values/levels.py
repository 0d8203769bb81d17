"""The lines of a program that its outputs need, long sums as one item each, and how far each is from the end."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.plan.values.value_program import Program


def total(rows: np.ndarray) -> np.ndarray:
    """rows[0] + rows[1] + ..., one after the other, as the scalar engine adds."""
    if rows.shape[1] == 1:
        return np.add.accumulate(rows[:, 0])[-1:]  # a single column would be added up in pairs
    return np.add.reduce(rows, axis=0)


def total_from_zero(rows: np.ndarray) -> np.ndarray:
    """0 + rows[0] + rows[1] + ..."""
    return total(rows) + 0.0  # only where all are -0.0 the zero in front makes a difference


# Chains of additions: their terms are the rows of one matrix.
TOTAL = Operation(total, None, name="total")
TOTAL_FROM_ZERO = Operation(total_from_zero, None, name="total from zero")
TOTALS = (TOTAL, TOTAL_FROM_ZERO)


class Items:
    """Item i is `operations[i]` of the items `inputs[i]`; of a source or a constant (None) its name stands there.

    `heights[i]`: how many items at least are computed from it one after the other, before an output is done.
    Items of one height do not depend on each other. `needed`: what outputs depend on; `sources` and `computed` items.
    """

    def __init__(self, program: Program) -> None:
        self.operations = list(program.operations)
        self.inputs: list[Any] = list(program.inputs)
        self.results, self.order = program.results, program.order
        self.changes = program.changes
        self._collapse_additions()
        self._find_needed()
        self.sources = [i for i in self.needed if self.operations[i] is None]
        self.computed = [i for i in self.needed if self.operations[i] is not None]
        self.heights = [0] * len(self.operations)
        for i in reversed(self.computed):
            for x in self.inputs[i]:
                self.heights[x] = max(self.heights[x], self.heights[i] + 1)

    def constant(self, i: int) -> float | None:
        """The number that a constant is."""
        name = self.inputs[i]
        return float.fromhex(name) if self.operations[i] is None and isinstance(name, str) else None

    def _collapse_additions(self) -> None:
        """Make ((a + b) + c) + d one sum of four terms, unless a sum on the way is used elsewhere too."""
        used = [0] * len(self.operations)
        lines = [x for op, x in zip(self.operations, self.inputs) if op is not None]
        for x in chain(*lines, self.results, self.changes.values()):
            used[x] += 1
        terms: dict[int, list[int]] = {}

        def length(i: int) -> int:
            return len(terms[i]) if i in terms and used[i] == 1 else 0

        for i, operation in enumerate(self.operations):
            if operation is ops.add:
                longer, term = self.inputs[i]
                if length(term) > length(longer):
                    longer, term = term, longer
                terms[i] = terms.pop(longer) if length(longer) else [longer]
                terms[i].append(term)
        for i, numbers in terms.items():
            from_zero = len(numbers) > 2 and self.inputs[numbers[0]] == (0.0).hex()
            if len(numbers) > 2:
                self.operations[i] = TOTAL_FROM_ZERO if from_zero else TOTAL
                self.inputs[i] = tuple(numbers[1:] if from_zero else numbers)

    def _find_needed(self) -> None:
        """In the order of the program, in which each comes after its inputs."""
        found = set(chain(self.results, self.changes.values()))
        waiting = list(found)
        for i in waiting:  # grows as it goes
            if self.operations[i] is not None:
                new = set(self.inputs[i]) - found
                found |= new
                waiting += new
        self.needed = sorted(found)
