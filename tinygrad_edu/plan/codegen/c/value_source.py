"""A step on Values in C: its single numbers rolled up into loops over equal operations of one level.

All inputs stand in x, all parameters in w, all computed numbers in v; d and dw are the derivatives of the loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.plan.codegen.c.access import Place, literal
from tinygrad_edu.plan.codegen.c.elementwise import element, formula_text
from tinygrad_edu.plan.codegen.c.rolled import loop_sizes, place_text
from tinygrad_edu.plan.codegen.c.writer import Writer
from tinygrad_edu.plan.values.levels import TOTAL, Items
from tinygrad_edu.scalar import Value
from tinygrad_edu.symbolic.expression import symbol

Operand = tuple[str, int]  # the array it stands in, and its place there; of a constant, its text


_NOTHING: Operand = ("", 0)  # in place of the second factor of a term that is no product


class _Group:
    """Equal operations of one level. Of each member: its place, its operands; of a sum, the factors of its terms.

    `wanted`: the operands that get a gradient; `flows`: which factors of each term do.
    """

    def __init__(self, operation: Operation, wanted: tuple[int, ...], flows: list[tuple[bool, bool]]) -> None:
        self.operation, self.wanted, self.flows = operation, wanted, flows
        self.places: list[int] = []
        self.operands: list[list[Operand]] = []
        self.terms: list[list[tuple[Operand, Operand]]] = []


class ValueSource:
    """The text of `forward` and `backward`; `results` says where the results stand: an array and a place."""

    def __init__(self, items: Items, inputs: int) -> None:
        self._items, self._inputs = items, inputs
        self._tables: list[str] = []
        self._within = self._summed_products()
        self._stand()
        groups = self._grouped()
        forward, backward = Writer(), Writer()
        for group in groups:
            self._write(forward, group, self._forward)
        for group in reversed(groups):
            if group.wanted or any(any(flow) for flow in group.flows):
                self._write(backward, group, self._backward)
        self.results = [self._where[i] for i in items.results]
        helpers = {**forward.helpers, **backward.helpers}
        self.text = self._file(forward.lines, backward.lines, list(helpers.values()))

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
        self._where: dict[int, Operand] = {}
        parameters = set(items.parameters)
        for i, source in enumerate(items.sources):
            if i < self._inputs:
                self._where[i] = "x", i
            elif i not in parameters:
                self._where[i] = literal(float.fromhex(str(source)), "double"), 0
        computed = [i for i, op in enumerate(items.operations) if op is not None and i not in self._within]
        self._where |= {i: ("v", place) for place, i in enumerate(computed)}
        self.size = len(computed)
        named: dict[int, None] = {}
        for i in sorted(computed, key=items.levels.__getitem__):
            within = [x for x in items.inputs[i] if self._within.get(x) == i]
            factors = [y for x in within for y in items.inputs[x]]
            named |= dict.fromkeys([x for x in (*factors, *items.inputs[i]) if x in parameters])
        named |= dict.fromkeys(items.parameters)
        self._where |= {i: ("w", place) for place, i in enumerate(named)}
        self.parameters: list[Value] = [items.sources[i] for i in named]

    def _grouped(self) -> list[_Group]:
        items = self._items
        found: dict[Any, _Group] = {}
        computed = [i for i, (array, _) in self._where.items() if array == "v"]
        for i in sorted(computed, key=items.levels.__getitem__):
            operation, inputs, wanted = items.operations[i], items.inputs[i], items.wanted[i] or ()
            assert operation is not None
            sums = operation is TOTAL
            operands = [] if sums else [self._where[x] for x in inputs]
            terms = [self._factors_of(x, i) for x in inputs] if sums else []
            flows = [self._flow(x, i, n in wanted) for n, x in enumerate(inputs)] if sums else []
            kinds = tuple(array for array, _ in operands), tuple((a[0], b[0]) for a, b in terms)
            key = items.levels[i], operation, wanted, kinds, tuple(flows)
            group = found.setdefault(key, _Group(operation, () if sums else wanted, flows))
            group.places.append(self._where[i][1])
            group.operands.append(operands)
            group.terms.append(terms)
        return list(found.values())

    def _factors_of(self, x: int, total: int) -> tuple[Operand, Operand]:
        if self._within.get(x) != total:
            return self._where[x], _NOTHING
        a, b = self._items.inputs[x]
        return self._where[a], self._where[b]

    def _flow(self, x: int, total: int, wanted: bool) -> tuple[bool, bool]:
        """Whether a gradient goes to each factor of a term."""
        if not wanted or self._within.get(x) != total:
            return wanted, False
        positions = self._items.wanted[x] or ()
        return 0 in positions, 1 in positions

    # A group as loops.

    def _write(self, writer: Writer, group: _Group, body: Any) -> None:
        columns: list[np.ndarray] = [np.array(group.places)]
        count = len(group.operands[0])
        columns += [np.array([x[n][1] for x in group.operands]) for n in range(count)]
        runs = _runs(group)
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

    def _operand(self, group: _Group, n: int, places: Sequence[str]) -> str:
        array = group.operands[0][n][0]
        return f"{array}[{places[1 + n]}]" if array in _ARRAYS else array

    def _factors(
        self, group: _Group, runs: Sequence[Any], places: Sequence[str], n: int, k: Place
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

    def _forward(self, writer: Writer, group: _Group, places: list[str], runs: Sequence[Any]) -> None:
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

    def _backward(self, writer: Writer, group: _Group, places: list[str], runs: Sequence[Any]) -> None:
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


def _runs(group: _Group) -> list[tuple[int, int, tuple[int, int]]]:
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
