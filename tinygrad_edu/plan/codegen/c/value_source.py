"""A step on Values in C: its single numbers rolled up into loops over equal operations of one level.

All inputs stand in x, all parameters in w, all computed numbers in v; d and dw are the derivatives of the loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.plan.codegen.c.access import Place
from tinygrad_edu.plan.codegen.c.elementwise_kernels import element, formula_text
from tinygrad_edu.plan.codegen.c.line_writer import Writer
from tinygrad_edu.plan.codegen.c.rolled import loop_sizes, place_text
from tinygrad_edu.plan.codegen.c.value_groups import Group, ValueGroups, runs_of
from tinygrad_edu.plan.values.levels import TOTAL, Items
from tinygrad_edu.symbolic.expression import symbol


class ValueSource:
    """The text of `forward` and `backward`; `results` says where the results stand: an array and a place."""

    def __init__(self, items: Items, inputs: int) -> None:
        self._tables: list[str] = []
        found = ValueGroups(items, inputs)
        groups, self.size, self.parameters = found.groups, found.size, found.parameters
        forward, backward = Writer(), Writer()
        for group in groups:
            self._write(forward, group, self._forward)
        for group in reversed(groups):
            if group.wanted or any(any(flow) for flow in group.flows):
                self._write(backward, group, self._backward)
        self.results = [found.where[i] for i in items.results]
        helpers = {**forward.helpers, **backward.helpers}
        self.text = self._file(forward.lines, backward.lines, list(helpers.values()))

    # A group as loops.

    def _write(self, writer: Writer, group: Group, body: Any) -> None:
        columns: list[np.ndarray] = [np.array(group.places)]
        count = len(group.operands[0])
        columns += [np.array([x[n][1] for x in group.operands]) for n in range(count)]
        runs = runs_of(group)
        starts = [[terms[start] for start, *_ in runs] for terms in group.terms]
        for n in range(len(runs)):
            columns += [np.array([x[n][side][1] for x in starts]) for side in (0, 1)]
        tables = np.stack(columns)
        sizes = loop_sizes(tables)
        writer.comment(f"{len(group.places)} of {_name(group.operation)}")
        if sizes is not None:
            with writer.block() if not sizes else nullcontext(), writer.loops(sizes) as counters:
                body(writer, group, [place_text(row, sizes, counters) for row in tables], runs)
            return
        with writer.loops([tables.shape[1]]) as (k,):
            body(writer, group, [self._looked_up(row, k) for row in tables], runs)

    def _looked_up(self, row: np.ndarray, k: Place) -> str:
        if (row == row[0]).all():
            return str(row[0])
        name = f"t{len(self._tables)}"
        self._tables.append(f"static const int {name}[] = {{{', '.join(map(str, row.tolist()))}}};")
        return f"{name}[{k}]"

    def _operand(self, group: Group, n: int, places: Sequence[str]) -> str:
        array = group.operands[0][n][0]
        return f"{array}[{places[1 + n]}]" if array in _ARRAYS else array

    def _factors(
        self, group: Group, runs: Sequence[Any], places: Sequence[str], n: int, k: Place
    ) -> list[str]:
        first = 1 + len(group.operands[0]) + 2 * n
        start, _, steps = runs[n]
        texts = []
        for side in (0, 1):
            array = group.terms[0][start][side][0]
            place = places[first + side]
            moved = (
                ""
                if k == 0 or not steps[side]
                else f" + {k}{'' if steps[side] == 1 else f' * {steps[side]}'}"
            )
            texts.append(f"{array}[{place}{moved}]".replace("[0 + ", "[") if array in _ARRAYS else array)
        return texts

    def _forward(self, writer: Writer, group: Group, places: list[str], runs: Sequence[Any]) -> None:
        operands = [self._operand(group, n, places) for n in range(len(group.operands[0]))]
        if group.operation is not TOTAL:
            writer.line(f"v[{places[0]}] = {element(group.operation, operands, 'double')};")
            return
        writer.line("double total = 0.0;")
        for n, (_, length, _) in enumerate(runs):
            with writer.loops([length]) as (k,):
                a, b = self._factors(group, runs, places, n, k)
                writer.line(f"total += {a} * {b};" if b else f"total += {a};")
        writer.line(f"v[{places[0]}] = total;")

    def _backward(self, writer: Writer, group: Group, places: list[str], runs: Sequence[Any]) -> None:
        operands = [self._operand(group, n, places) for n in range(len(group.operands[0]))]
        writer.line(f"const double g = d[{places[0]}];")
        names = [symbol(f"x{n}") for n in range(len(operands))]
        g, z = symbol("g"), symbol("z")
        given = {g: "g", z: f"v[{places[0]}]", **dict(zip(names, operands))}
        for n in group.wanted:
            rule: Any = group.operation.rules[n]
            share = formula_text(rule(g, z, *names), given)
            writer.line(f"d{_suffix(operands[n])} += {share};")
        for n, (start, length, _) in enumerate(runs):
            flow = group.flows[start]
            if not any(flow):
                continue
            with writer.loops([length]) as (k,):
                a, b = self._factors(group, runs, places, n, k)
                if flow[0]:
                    writer.line(f"d{_suffix(a)} += g * {b};" if b else f"d{_suffix(a)} += g;")
                if flow[1]:
                    writer.line(f"d{_suffix(b)} += g * {a};")

    def _file(self, forward: list[str], backward: list[str], helpers: list[str]) -> str:
        kind, place = self.results[0] if self.results else ("v", 0)
        seed = f"    d{'' if kind == 'v' else kind}[{place}] += 1;" if kind in ("v", "w") else ""
        return "\n".join(
            [
                "/* A step on single numbers, written by tinygrad_edu.",
                " * x: inputs, w: parameters, v: what is computed; d, dw: the derivatives by v and w. */",
                "#include <math.h>",
                "#include <stdbool.h>",
                "#include <string.h>",
                "",
                *helpers,
                *self._tables,
                "",
                "void forward(const double *restrict x, const double *restrict w, double *restrict v)",
                "{",
                "    (void)x; (void)w; (void)v;",
                *forward,
                "}",
                "",
                "void backward(const double *restrict x, const double *restrict w, const double *restrict v,",
                "              double *restrict d, double *restrict dw)",
                "{",
                "    (void)x; (void)w; (void)v;",
                f"    memset(d, 0, {max(1, self.size)} * sizeof *d);",
                f"    memset(dw, 0, {max(1, len(self.parameters))} * sizeof *dw);",
                seed,
                *backward,
                "}",
                "",
            ]
        )


_ARRAYS = ("x", "w", "v")


def _suffix(element_text: str) -> str:
    """What follows d: `[3]` for v[3], `w[3]` for w[3]."""
    return element_text.removeprefix("v")


def _name(operation: Operation) -> str:
    return "sum" if operation is TOTAL else operation.name
