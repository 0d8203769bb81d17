"""A step on Values in C: its single numbers rolled up into loops over equal operations.

All inputs stand in x, what the step reads of Values and plain numbers in w, constants and what is computed in v.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.plan.codegen.c.access import Place, literal
from tinygrad_edu.plan.codegen.c.elementwise_kernels import element
from tinygrad_edu.plan.codegen.c.line_writer import Writer
from tinygrad_edu.plan.codegen.c.rolled import loop_sizes, place_text
from tinygrad_edu.plan.codegen.c.value_groups import Group, Run, groups_of
from tinygrad_edu.plan.values.levels import TOTALS
from tinygrad_edu.plan.values.memory_layout import Layout

_HEAD = """
/* A step on single numbers, written by tinygrad_edu.
 * x: inputs, w: what the step keeps, v: constants and what is computed. */
#include <math.h>
#include <stdbool.h>
"""


class ValueSource:
    """The text of `step`; `starts`: where x, w and v begin among the numbers of the program."""

    def __init__(self, layout: Layout) -> None:
        names = [layout.items.inputs[i][0] for i in layout.sources]
        self.starts = 0, names.count("input"), len(names)
        self._constants = dict(enumerate(layout.constants, self.starts[2]))
        self._tables: list[str] = []
        self._writer = Writer()
        for group in groups_of(layout, self.starts):
            self._writer.comment(f"{len(group.places)} of {_name(group.operation)}")
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
        """A group as loops: over its members, and in each over the terms of a sum."""
        runs = group.runs()
        columns = [np.array(group.places), *np.array(group.operands).T]
        for run in runs:
            columns += list(np.array([terms[run.start] for terms in group.terms]).T)
        arrays = [self._array(column) for column in columns]
        tables = np.stack([column - start for column, (_, start) in zip(columns, arrays)])
        sizes = loop_sizes(tables)
        writer = self._writer
        outer = writer.block() if sizes == [] else nullcontext()
        with outer, writer.loops([len(group.places)] if sizes is None else sizes) as counters:
            places = [
                self._looked_up(row, counters[0]) if sizes is None else place_text(row, sizes, counters)
                for row in tables
            ]
            elements = [
                ("", constant) if (constant := self._constant(column)) else (name, place)
                for (name, _), column, place in zip(arrays, columns, places)
            ]
            self._body(group, runs, elements)

    def _body(self, group: Group, runs: Sequence[Run], elements: list[tuple[str, str]]) -> None:
        (_, target), *rest = elements
        writer = self._writer
        if not runs:
            operands = [_element(name, place) for name, place in rest]
            writer.line(f"v[{target}] = {element(group.operation, operands, 'double')};")
            return
        writer.line("double total = 0.0;")
        for run in runs:
            with writer.loops([run.count]) as (k,):
                factors = [
                    _element(name, _moved(place, k, step)) for (name, place), step in zip(rest, run.steps)
                ]
                writer.line(f"total += {' * '.join(factors)};")
            rest = rest[len(run.steps) :]
        writer.line(f"v[{target}] = total;")

    def _array(self, column: np.ndarray) -> tuple[str, int]:
        """The array that all these places are in, and where it starts."""
        first = int(column.min())
        n = sum(first >= start for start in self.starts[1:])
        return "xwv"[n], self.starts[n]

    def _constant(self, column: np.ndarray) -> str:
        """The number at these places, if it is one constant."""
        number = self._constants.get(int(column[0]))
        return literal(number, "double") if number is not None and (column == column[0]).all() else ""

    def _looked_up(self, row: np.ndarray, k: Place) -> str:
        if (row == row[0]).all():
            return str(row[0])
        name = f"t{len(self._tables)}"
        self._tables.append(f"static const int {name}[] = {{{', '.join(map(str, row.tolist()))}}};")
        return f"{name}[{k}]"


def _element(array: str, place: str) -> str:
    return f"{array}[{place}]" if array else place


def _moved(place: str, k: Place, step: int) -> str:
    if k == 0 or not step:
        return place
    return f"{place} + {k}{'' if step == 1 else f' * {step}'}".removeprefix("0 + ")


def _name(operation: Operation) -> str:
    return "sum" if operation in TOTALS else operation.name
