"""A step on Values in C: its single numbers rolled up into loops over equal operations.

All inputs stand in x, what the step reads of Values and plain numbers in w, constants and what is computed in v.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import NamedTuple

import numpy as np

from tinygrad_edu.plan.codegen.c.access import Place, literal
from tinygrad_edu.plan.codegen.c.elementwise_kernels import element
from tinygrad_edu.plan.codegen.c.line_writer import Writer
from tinygrad_edu.plan.codegen.rolled import place_text
from tinygrad_edu.plan.codegen.value_groups import Group, Rows, Run, groups_of
from tinygrad_edu.plan.values.memory_layout import Layout

_HEAD = """
/* A step on single numbers, written by tinygrad_edu.
 * x: inputs, w: what the step keeps, v: constants and what is computed. */
#include <math.h>
#include <stdbool.h>
"""


_SIDE_BY_SIDE = 256  # sums, whose totals stay in the quickest memory


class ValueSource:
    """The text of `step`; `starts`: where x, w and v begin among the numbers of the program."""

    def __init__(self, layout: Layout) -> None:
        names = [layout.items.inputs[i][0] for i in layout.sources]
        self.starts = 0, names.count("input"), len(names)
        self._constants = dict(enumerate(layout.constants, self.starts[2]))
        self._tables: list[str] = []
        self._writer = Writer()
        for group in groups_of(layout, self.starts):
            self._writer.comment(group.title)
            for part in group.pieces():
                self._write(part)
        self.text = "\n".join(
            [
                _HEAD.strip(),
                *["", *self._writer.helpers.values()],
                *self._tables,
                "",
                "void step(const double *restrict x, const double *restrict w, double *restrict v)",
                *["{", "    (void)x; (void)w; (void)v;", *self._writer.lines, "}", ""],
            ]
        )

    def _write(self, group: Group) -> None:
        """A group as loops over its members, and in each over the terms of a sum."""
        rows = Rows(group, self.starts)
        numbers, runs = _Numbers(rows, self._constants), rows.runs
        if runs and numbers.sizes and numbers.sizes[-1] <= _SIDE_BY_SIDE:
            self._sums_side_by_side(numbers, runs)
            return
        writer = self._writer
        outer = writer.block() if numbers.sizes == [] else nullcontext()
        with outer, writer.loops([len(group.places)] if numbers.sizes is None else numbers.sizes) as counters:
            target, *operands = numbers.elements(counters, self._looked_up)
            if not runs:
                texts = [x.text() for x in operands]
                writer.line(f"{target.text()} = {element(group.operation, texts, 'double')};")
                return
            writer.line("double total = 0.0;")
            for run in runs:
                with writer.loops([run.count]) as (k,):
                    writer.line(f"total += {_term(run, operands, k)};")
                operands = operands[len(run.steps) :]
            writer.line(f"{target.text()} = total;")

    def _sums_side_by_side(self, numbers: _Numbers, runs: Sequence[Run]) -> None:
        """As many sums at once as the innermost loop has: none waits for the addition before."""
        writer, sizes = self._writer, numbers.sizes or []
        inner, done = sizes[-1], 1
        with nullcontext() if len(sizes) > 1 else writer.block(), writer.loops(sizes[:-1]) as around:
            writer.line(f"double total[{inner}] = {{0.0}};")
            for run in runs:
                with writer.loops([run.count, inner]) as (k, j):
                    factors = numbers.elements([*around, j], self._looked_up)[done:]
                    writer.line(f"total[{j}] += {_term(run, factors, k)};")
                done += len(run.steps)
            with writer.loops([inner]) as (j,):
                writer.line(f"{numbers.elements([*around, j], self._looked_up)[0].text()} = total[{j}];")

    def _looked_up(self, row: np.ndarray, k: Place) -> str:
        if (row == row[0]).all():
            return str(row[0])
        name = f"t{len(self._tables)}"
        self._tables.append(f"static const int {name}[] = {{{', '.join(map(str, row.tolist()))}}};")
        return f"{name}[{k}]"


class _Element(NamedTuple):
    """A place in an array, and the constant that stands there, if one does."""

    array: str
    place: str
    constant: str | None

    def text(self, k: Place = 0, step: int = 0) -> str:
        """The number there, or `k` steps on."""
        if not step:
            return self.constant or f"{self.array}[{self.place}]"
        place = f"{self.place} + {k}{'' if step == 1 else f' * {step}'}".removeprefix("0 + ")
        return f"{self.array}[{place}]"


class _Numbers:
    """The elements that rows of places are; `sizes`: of the loops over them, if loops can."""

    def __init__(self, rows: Rows, constants: dict[int, float | None]) -> None:
        self._rows, self._constants = rows, constants
        self.sizes = rows.sizes

    def elements(self, counters: Sequence[Place], looked_up: Callable[..., str]) -> list[_Element]:
        """The element of each row within loops that count so."""
        found = []
        for name, column, row in zip(self._rows.arrays, self._rows.columns, self._rows.tables):
            number = self._constants.get(int(column[0]))
            constant = None if number is None or (column != column[0]).any() else literal(number, "double")
            place = (
                looked_up(row, counters[0]) if self.sizes is None else place_text(row, self.sizes, counters)
            )
            found.append(_Element(name, place, constant))
        return found


def _term(run: Run, factors: Sequence[_Element], k: Place) -> str:
    return " * ".join([x.text(k, step) for x, step in zip(factors, run.steps)])
