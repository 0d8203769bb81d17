"""Kernels that only move numbers, and those that find their order."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import numpy as np

from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.plan.codegen.c.access import Access, dense
from tinygrad_edu.plan.codegen.c.body import Body, Kernel
from tinygrad_edu.plan.codegen.c.reduction_kernels import Lines
from tinygrad_edu.plan.recording import Call


def _copied(c: Body, y: Access, x: Access) -> None:
    with c.writer.each(x.shape, y, x) as (a, b):
        c.writer.line(f"{a} = {b};")


def _reshape(c: Body, call: Call) -> None:
    x, y = c.read(call.arguments[0]), c.target(call)
    _copied(c, y if y.text else y.reshaped(x.shape, dense(x.shape)), x)


def _expand(c: Body, call: Call) -> None:
    y = c.target(call)
    _copied(c, y, c.read(call.arguments[0]).stretched(y.shape))


def _permute(c: Body, call: Call) -> None:
    _copied(c, c.target(call), c.read(call.arguments[0]).permuted(*call.settings["dims"]))


def _cat(c: Body, call: Call) -> None:
    y, dim, start = c.target(call), call.settings["dim"], 0
    for x in map(c.read, call.arguments):
        _copied(c, replace(y, shape=x.shape, offset=y.offset + start * y.strides[dim]), x)
        start += x.shape[dim]


def _lower(c: Body, call: Call) -> None:
    x, y, diagonal = c.read(call.arguments[0]), c.target(call), call.settings["diagonal"]
    with c.writer.loops(y.shape) as places:
        *_, i, j = places
        c.writer.line(
            f"{y.at(*places)} = {j} <= {i} + {diagonal} ? {x.at(*places)} : 0;".replace("+ -", "- ")
        )


def _argsort(c: Body, call: Call) -> None:
    """By insertion, so that equal numbers stay in order; nan is the greatest."""
    x, y, dim = c.read(call.arguments[0]), c.target(call), call.settings["dim"]
    lines = Lines(c, x.shape, (dim,))
    with lines.all(), lines.numbers() as at:
        n = at[dim]

        def of(array: Access, place: Any) -> str:
            return array.at(*(place if d == dim else p for d, p in enumerate(at)))

        before = of(x, of(y, "(place - 1)"))
        c.writer.line(f"int place = {n};")
        c.writer.line(
            f"while (place > 0 && ({before} > {of(x, n)} || ({before} != {before} && {of(x, n)} == {of(x, n)}))) {{"
        )
        c.writer.line(f"    {of(y, 'place')} = {of(y, '(place - 1)')};")
        c.writer.line("    place--;")
        c.writer.line("}")
        c.writer.line(f"{of(y, 'place')} = {n};")


def _searchsorted(c: Body, call: Call) -> None:
    x, y = map(c.read, call.arguments)
    z = c.target(call)
    sign = "<" if call.settings["side"] == "left" else "<="
    with c.writer.loops(x.shape) as places:
        c.writer.line("int64_t total = 0;")
        with c.writer.loops(y.shape[-1:]) as (k,):
            row = y.at(k) if len(y.shape) == 1 else y.at(*places[:-1], k)
            c.writer.line(f"total += {row} {sign} {x.at(*places)};")
        c.writer.line(f"{z.at(*places)} = total;")


def _window_argmax(c: Body, call: Call) -> None:
    """The place of the greatest number of each window, the first of equals; nan counts as the greatest."""
    x, y, rows = c.read(call.arguments[0]), c.target(call), call.settings["rows"]
    first = len(x.shape) - len(rows)
    shape = x.shape[first:]
    numbered = np.arange(math.prod(shape)).reshape(shape)
    table = np.stack([numbered[np.ix_(*lines)].reshape(-1) for lines in itertools.product(*rows)])
    inside, count = table.shape
    places_of = c.constant(table)
    if not x.is_dense:
        x = c.copied(x)
    lead, plane = math.prod(x.shape[:first]), math.prod(shape)
    x = x.reshaped((lead, plane), (plane, 1))
    y = y.reshaped((lead, count), (count, 1))
    with c.writer.loops((lead, count)) as (i, j):
        c.writer.line(f"int64_t place = {places_of.at(0, j)};")
        with c.writer.loops([inside]) as (k,):
            c.writer.line(f"const int64_t next = {places_of.at(k, j)};")
            number, top = x.at(i, "next"), x.at(i, "place")
            c.writer.line(f"if ({number} > {top} || ({number} != {number} && {top} == {top}))")
            c.writer.line("    place = next;")
        c.writer.line(f"{y.at(i, j)} = {i} * {plane} + place;")


MOVING: dict[Any, Kernel] = {
    OPERATIONS[name]: kernel
    for name, kernel in {
        "reshape": _reshape,
        "expand": _expand,
        "permute": _permute,
        "cat": _cat,
        "lower": _lower,
        "argsort": _argsort,
        "searchsorted": _searchsorted,
        "window_argmax": _window_argmax,
    }.items()
}
