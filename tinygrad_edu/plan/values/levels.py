"""A tape as numbered items: what each is computed from, how deep it lies, and which way gradients flow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, repeat
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data, Operation
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.plan.values.tape import Source, Tape
from tinygrad_edu.scalar import Value


def total(rows: np.ndarray) -> np.ndarray:
    """rows[0] + rows[1] + ..., one after the other, as the scalar engine adds."""
    if len(rows) == 1:
        return rows[0]
    if len(rows) and rows.shape[1] == 1:
        return np.add.accumulate(rows[:, 0])[-1:]  # a single column would be added up in pairs
    return np.add.reduce(rows, axis=0)


def _total_rule(g: Data, _z: Data, _rows: Data) -> Data:
    return g


# A chain of additions: its terms are the rows of one matrix.
TOTAL = Operation(total, _total_rule, name="total")


class Items:
    """All that a tape speaks of: first the sources, then the results of its lines.

    Of item i: `operations[i]` (None for a source), `inputs[i]`, `levels[i]` (0 for a source, else above its inputs),
    `wanted[i]`: the positions of the inputs that it passes a gradient to, or None if backward does not visit it,
    `uses[i]`: of how many shares its gradient is the sum.
    """

    def __init__(self, tape: Tape, elements: Sequence[Value]) -> None:
        self._number(tape, elements)
        self._collapse_additions()
        self.levels = [0] * len(self.inputs)
        for i, inputs in enumerate(self.inputs):
            self.levels[i] = 1 + max([self.levels[x] for x in inputs], default=-1)
        self._find_flows(set(elements))

    def _number(self, tape: Tape, elements: Sequence[Value]) -> None:
        """Give every source a number, equal constants the same one, and every line the numbers that follow."""
        spoken_of = chain(elements, chain.from_iterable(tape.inputs), tape.results)
        self.sources: list[Any] = list(dict.fromkeys([x for x in spoken_of if not isinstance(x, int)]))
        number: dict[Source, int] = {x: i for i, x in enumerate(self.sources)}
        for i in range(len(tape.operations)):
            number[i] = len(self.sources) + i
        self.operations: list[Operation | None] = [None for _ in self.sources]
        self.operations += tape.operations
        self.inputs: list[tuple[int, ...]] = [() for _ in self.sources]
        self.inputs += [tuple([number[x] for x in inputs]) for inputs in tape.inputs]
        self.results = [number[x] for x in tape.results]

    def _collapse_additions(self) -> None:
        """Make ((a + b) + c) + d one sum of four terms, unless a sum on the way is used elsewhere too."""
        used = self._counted(chain(*self.inputs, self.results))
        terms: dict[int, list[int]] = {}

        def length(i: int) -> int:
            return len(terms[i]) if i in terms and used[i] == 1 else 0

        for i, operation in enumerate(self.operations):
            if operation is ops.add:
                longer, term = self.inputs[i]
                if length(term) > length(longer):
                    longer, term = term, longer
                if length(longer):
                    self.operations[longer], self.inputs[longer] = None, ()
                terms[i] = terms.pop(longer) if length(longer) else [longer]
                terms[i].append(term)
        for i, numbers in terms.items():
            if len(numbers) > 2:
                self.operations[i], self.inputs[i] = TOTAL, tuple(numbers)

    def _find_flows(self, elements: set[Value]) -> None:
        """Follow the gradient of the first result back to the parameters."""
        self.parameters = [
            i for i, x in enumerate(self.sources) if isinstance(x, Value) and x not in elements
        ]
        varies = self._marked(self.parameters)
        for i, inputs in enumerate(self.inputs):
            varies[i] = varies[i] or any(varies[x] for x in inputs)
        visited = self._marked(self.results[:1])
        self.wanted: list[tuple[int, ...] | None] = [None] * len(self.inputs)
        for i in reversed(range(len(self.inputs))):
            if visited[i] and varies[i]:
                self.wanted[i] = tuple([p for p in self._with_rule(i) if varies[self.inputs[i][p]]])
                for x in self.inputs[i]:
                    visited[x] = True
        shares = (self.inputs[i][p] for i, wanted in enumerate(self.wanted) for p in wanted or ())
        self.uses = self._counted(chain(self.results[:1], shares))

    def _with_rule(self, i: int) -> Iterable[int]:
        """The positions of the inputs of item i that its operation has a rule for."""
        operation = self.operations[i]
        if operation is None:
            return ()
        rules = repeat(True) if operation is TOTAL else operation.rules
        return [p for p, (_, rule) in enumerate(zip(self.inputs[i], rules)) if rule is not None]

    def _marked(self, numbers: Iterable[int]) -> list[bool]:
        marked = [False] * len(self.inputs)
        for i in numbers:
            marked[i] = True
        return marked

    def _counted(self, numbers: Iterable[int]) -> list[int]:
        counts = [0] * len(self.inputs)
        for i in numbers:
            counts[i] += 1
        return counts
