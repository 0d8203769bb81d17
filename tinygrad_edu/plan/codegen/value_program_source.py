"""A step on Values as a readable file for NumPy alone."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.plan.codegen.kernel_source import kernels
from tinygrad_edu.plan.codegen.literal import literal
from tinygrad_edu.plan.codegen.program_source import SIGNS
from tinygrad_edu.plan.codegen.rolled import loop_sizes, regular_prefix
from tinygrad_edu.plan.codegen.value_groups import Group, Rows, Run, groups_of
from tinygrad_edu.plan.values.levels import TOTAL_FROM_ZERO
from tinygrad_edu.plan.values.memory_layout import Layout

_PLACES = '''
def places(start, *loops):
    """Where nested loops come by, of (count, step) each, the last one fastest."""
    found = np.zeros(1, int)
    for count, step in loops:
        found = np.add.outer(found, step * np.arange(count)).ravel()
    return np.add.outer(found, start).ravel()
'''.strip()

_MOST_LINES = 12  # for what becomes of w; the rest stands in tables


class ValueProgramSource:
    """The text of `step(x, w)`, which returns the results, what w becomes, and what else the step sets, if anything.

    That are numbers which it does not read, or, if it does not call backward, the derivatives of the first result.
    x: the numbers of the inputs; w: what the step keeps, which are data and gradients of Values and plain numbers.
    """

    def __init__(self, layout: Layout) -> None:
        self._tables: list[str] = []
        kinds = [layout.items.inputs[i][0] for i in layout.sources]
        self._starts = 0, kinds.count("input"), len(kinds)
        called = dict.fromkeys(group.operation for group in layout.groups)
        own = [(op.name, op) for op in called if isinstance(op, Elementwise) and not _is_of_numpy(op)]
        imports, definitions = kernels(own)
        body = [f"v = np.empty({layout.size - len(kinds)})", *self._constants(layout)]
        for group in groups_of(layout, self._starts):
            body.append(f"# {group.title}")
            body += [self._line(part) for part in group.pieces()]
        body += self._end(layout)
        self.text = "\n".join(
            [
                '"""Written by tinygrad_edu: a step on single numbers as plain NumPy.',
                "",
                f"x: inputs, w: {_counted(kinds)}, v: constants and what is computed.",
                '"""',
                "",
                *imports,
                *(f"\n\n{definition}" for definition in [*definitions, _PLACES]),
                *(["\n", *self._tables] if self._tables else []),
                "\n",
                "def step(x, w):",
                *(f"    {line}" for line in body),
                "",
            ]
        )

    def _constants(self, layout: Layout) -> list[str]:
        numbers = [x for x in layout.constants if x is not None]
        return [f"v[:{len(numbers)}] = {literal(np.array(numbers))}"]

    def _line(self, group: Group) -> str:
        """The call that computes equal operations."""
        rows, operation = Rows(group, self._starts), group.operation
        target, *operands = range(len(rows.arrays))
        if not rows.runs:
            text = _called(operation, [self._element(rows, i) for i in operands])
        else:
            parts = []
            for run in rows.runs:
                factors, operands = operands[: len(run.steps)], operands[len(run.steps) :]
                parts.append(" * ".join([self._element(rows, i, run, n) for n, i in enumerate(factors)]))
            terms = parts[0] if len(parts) == 1 else f"np.concatenate(({', '.join(parts)}))"
            is_one = len(group.places) == 1  # whose terms NumPy would add up in pairs
            text = f"np.add.accumulate({terms})[-1]" if is_one else f"np.add.reduce({terms}, axis=0)"
            text += " + 0.0" if operation is TOTAL_FROM_ZERO else ""
        return f"{self._element(rows, target)} = {text}"

    def _element(self, rows: Rows, i: int, run: Run | None = None, factor: int = 0) -> str:
        """The numbers of a row; of a run of terms a matrix with a row for each term."""
        loops = [] if run is None else [(run.count, run.steps[factor])]
        row, shape = rows.tables[i], ""
        if run is None and i > 0 and len(row) > 1 and (row == row[0]).all():
            return f"{rows.arrays[i]}[{row[0]}]"
        if run is not None and len(row) > 1:
            shape = f".reshape({run.count}, {len(row)})"
        return f"{rows.arrays[i]}[{self._index(row, rows.sizes, loops)}]{shape}"

    def _index(self, row: np.ndarray, sizes: list[int] | None, loops: list[tuple[int, int]]) -> str:
        if sizes is None:
            self._tables.append(f"t{len(self._tables)} = {literal(row)}")
            start = f"t{len(self._tables) - 1}"
            return f"places({start}, {loops[0]})" if loops else start
        shaped = row.reshape(sizes)
        every = [*loops, *((n, int(np.diff(shaped, axis=d).flat[0])) for d, n in enumerate(sizes))]
        first, every = int(row[0]), [(n, step) for n, step in every if n > 1]
        if not every or (len(every) == 1 and every[0][1] == 1):
            return f"{first}:{first + (every[0][0] if every else 1)}"
        return f"places({first}, {', '.join(map(str, every))})"

    def _end(self, layout: Layout) -> list[str]:
        """What is returned."""
        inputs, start = self._starts[1:]
        kept = {layout.items.inputs[i]: n - inputs for n, i in enumerate(layout.sources)}
        became = [(name, int(layout.place[i])) for name, i in layout.items.changes.items()]
        moved = [(kept[name], place) for name, place in became if name in kept]
        lines = [f"new[{i}] = {self._number(place)}" for i, place in moved if place < start]
        computed = [(i, place - start) for i, place in moved if place >= start]
        left = np.array(computed, np.intp).reshape(-1, 2).T
        while left.size:
            count = regular_prefix(left) if len(lines) < _MOST_LINES else left.shape[1]
            targets, found = (self._index(row, loop_sizes(row[None]), []) for row in left[:, :count])
            lines.append(f"new[{targets}] = v[{found}]")
            left = left[:, count:]
        others = [(name[0], place) for name, place in became if name not in kept]
        rest = f", {self._numbers([place for _, place in others])}" if others else ""
        said = f" and {_counted([kind for kind, _ in others])}" if others else ""
        lines += [f"# results, what w becomes{said}", f"return {self._numbers(layout.results)}, new{rest}"]
        return ["new = np.array(w)", *lines]

    def _numbers(self, places: list[int]) -> str:
        """An array of these numbers."""
        start = self._starts[2]
        if min(places) >= start:
            return f"v[{[place - start for place in places]}]"
        return f"np.array([{', '.join(map(self._number, places))}])"

    def _number(self, place: int) -> str:
        n = sum(place >= start for start in self._starts[1:])
        return f"{'xwv'[n]}[{place - self._starts[n]}]"


_KINDS = (
    ("data", "data of Values"),
    ("grad", "gradients of Values"),
    ("place", "plain numbers of the step"),
    ("derivative", "derivatives by Values"),
)


def _counted(kinds: list[str]) -> str:
    """How many numbers of each kind there are."""
    return ", ".join([f"{kinds.count(kind)} {text}" for kind, text in _KINDS if kind in kinds])


def _called(operation: Any, inputs: list[str]) -> str:
    if operation.forward in SIGNS:
        return f" {SIGNS[operation.forward]} ".join(inputs)
    name = f"np.{operation.forward.__name__}" if _is_of_numpy(operation) else operation.name
    return f"{name}({', '.join(inputs)})"


def _is_of_numpy(operation: Any) -> bool:
    return isinstance(operation.forward, np.ufunc) and hasattr(np, operation.forward.__name__)
