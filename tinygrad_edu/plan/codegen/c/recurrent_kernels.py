"""Kernels of a long short-term memory: all steps, and all steps of the way back, as loops over time.

Blocks are rows of numbers for each step, n rows each: h and c before it, g, f, i, o and tanh of the new c; behind all
steps the last h and c.
"""

from __future__ import annotations

from typing import Any

from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.plan.codegen.c.access import Access, Place, dense
from tinygrad_edu.plan.codegen.c.body import Body, Kernel
from tinygrad_edu.plan.recording import Call


def _row(t: Place, part: int, n: int, j: Place) -> str:
    """The row of the blocks that holds number j of a part of step t."""
    return f"({t} * 7 + {part}) * {n} + {j}"


def _lstm_steps(c: Body, call: Call) -> None:
    x, w, h, first_c = map(c.read, call.arguments)
    y = c.target(call)
    steps, batch, _ = x.shape
    n, f = h.shape[1], "f" if y.c_type == "float" else ""
    with c.writer.loops((batch, n)) as (b, j):
        c.writer.line(f"{y.at(_row(0, 0, n, j), b)} = {h.at(b, j)};")
        c.writer.line(f"{y.at(_row(0, 1, n, j), b)} = {first_c.at(b, j)};")
    with c.writer.block(f"for (int step = 0; step < {steps}; step++)"), c.writer.loops((batch, n)) as (b, j):
        gates = [
            x.reshaped((steps, batch, 4 * n), x.strides).at("step", b, f"{k * n} + {j}") for k in range(4)
        ]
        names = ("in", "keep", "fresh", "out")
        for name, gate in zip(names, gates):
            c.writer.line(f"double {name} = {gate};")
        with c.writer.loops([n]) as (k,):
            before = y.at(_row("step", 0, n, k), b)
            for number, name in enumerate(names):
                c.writer.line(f"{name} += {w.at(f'{number * n} + {j}', k)} * {before};")
        for name in ("in", "keep", "out"):
            c.writer.line(f"{name} = Sigmoid({name});")
        c.writer.line("fresh = tanh(fresh);")
        c.writer.line(f"const double now = keep * {y.at(_row('step', 1, n, j), b)} + in * fresh;")
        for part, value in enumerate(("fresh", "keep", "in", "out", f"tanh{f}(now)"), 2):
            c.writer.line(f"{y.at(_row('step', part, n, j), b)} = {value};")
        size = y.at(_row("step", 6, n, j), b)
        c.writer.line(f"{y.at(_row('(step + 1)', 0, n, j), b)} = out * {size};")
        c.writer.line(f"{y.at(_row('(step + 1)', 1, n, j), b)} = now;")


def _lstm(c: Body, call: Call) -> None:
    """h after every step, then c after every step, as the blocks have them."""
    blocks, y = c.read(call.arguments[-1]), c.target(call)
    _, steps, batch, n = y.shape
    with c.writer.block(f"for (int step = 0; step < {steps}; step++)"), c.writer.loops((batch, n)) as (b, j):
        for part in (0, 1):
            source = blocks.at(_row("(step + 1)", part, n, j), b)
            c.writer.line(f"{y.at(part, 'step', b, j)} = {source};")


def _lstm_back(c: Body, call: Call) -> None:
    g, w, blocks = map(c.read, call.arguments)
    y = c.target(call)
    _, steps, batch, n = g.shape
    of_h, of_c = (c.layout.scratch(Access("", (batch, n), dense((batch, n)), y.c_type)) for _ in range(2))
    gates = (steps, batch, 4 * n)
    of_x = y.reshaped(gates, dense(gates))
    with c.writer.loops((batch, n)) as (b, j):
        c.writer.line(f"{of_h.at(b, j)} = {of_c.at(b, j)} = 0;")
    with c.writer.block(f"for (int step = {steps - 1}; step >= 0; step--)"):
        with c.writer.loops((batch, n)) as (b, j):
            before, fresh, keep, into, out, size = (
                blocks.at(_row("step", part, n, j), b) for part in range(1, 7)
            )
            h, now = of_h.at(b, j), of_c.at(b, j)
            c.writer.line(f"{h} += {g.at(0, 'step', b, j)};")
            c.writer.line(f"{now} += {g.at(1, 'step', b, j)} + {h} * {out} * (1 - {size} * {size});")
            slopes = (
                f"{now} * {fresh} * {into} * (1 - {into})",
                f"{now} * {before} * {keep} * (1 - {keep})",
                f"{now} * {into} * (1 - {fresh} * {fresh})",
                f"{h} * {size} * {out} * (1 - {out})",
            )
            for number, slope in enumerate(slopes):
                c.writer.line(f"{of_x.at('step', b, f'{number * n} + {j}')} = {slope};")
            c.writer.line(f"{now} *= {keep};")
        with c.writer.loops((batch, n)) as (b, j):
            c.writer.line("double total = 0.0;")
            with c.writer.loops([4 * n]) as (k,):
                c.writer.line(f"total += {w.at(k, j)} * {of_x.at('step', b, k)};")
            c.writer.line(f"{of_h.at(b, j)} = total;")
    behind = y.reshaped((batch, n), dense((batch, n)))
    start = steps * batch * 4 * n
    for number, array in enumerate((of_h, of_c)):
        with c.writer.loops((batch, n)) as (b, j):
            target = Access(
                y.name, behind.shape, behind.strides, y.c_type, y.offset + start + number * batch * n
            )
            c.writer.line(f"{target.at(b, j)} = {array.at(b, j)};")


LSTM: dict[Any, Kernel] = {
    OPERATIONS["lstm_steps"]: _lstm_steps,
    OPERATIONS["lstm_back"]: _lstm_back,
    OPERATIONS["lstm"]: _lstm,
}
