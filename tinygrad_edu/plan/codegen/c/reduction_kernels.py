"""Kernels of operations that combine the numbers along some dimensions: sums, extremes, running sums."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.plan.codegen.c.access import Access, Place, merged
from tinygrad_edu.plan.codegen.c.body import Body, Kernel
from tinygrad_edu.plan.recording import Call

_FLOATS = ("double", "float")
Start = Callable[[str], str]  # for a C type: the number to start from


def _number(text: str) -> Start:
    return lambda c_type: text if c_type in _FLOATS else text.removesuffix(".0")


def _limit(sign: str) -> Start:
    """Below all numbers of a type, with the sign "-"; above all, with ""."""

    def start(c_type: str) -> str:
        if c_type in _FLOATS:
            return f"{sign}INFINITY"
        if c_type == "bool":
            return "false" if sign else "true"
        name = c_type.removesuffix("_t").upper()
        return f"{name}_MAX" if not sign else "0" if name.startswith("U") else f"{name}_MIN"

    return start


def dims_of(call: Call, ndim: int) -> tuple[int, ...]:
    """The dimensions that a call reduces."""
    dims = call.settings.get("dims", call.settings.get("dim", (0,)))
    return tuple(range(ndim)) if dims is None else (dims,) if isinstance(dims, int) else tuple(dims)


def kept(y: Access, shape: Sequence[int], dims: Sequence[int]) -> Access:
    """A result with each reduced dimension in its place, of one element."""
    if len(y.shape) == len(shape):
        return y
    steps = iter(y.strides)
    strides = [0 if d in dims else next(steps) for d in range(len(shape))]
    return y.reshaped([1 if d in dims else n for d, n in enumerate(shape)], strides)


class Lines:
    """The lines of an array along some dimensions: loops over all lines, and in them over the numbers of one."""

    def __init__(self, c: Body, shape: Sequence[int], dims: Sequence[int]) -> None:
        self._c, self._shape, self._dims = c, shape, dims
        self.places: list[Place] = [0] * len(shape)

    @contextmanager
    def all(self) -> Iterator[list[Place]]:
        """Loops over the lines; the place of the first number of each."""
        others = [d for d in range(len(self._shape)) if d not in self._dims]
        with self._c.writer.loops([self._shape[d] for d in others]) as places:
            for d, place in zip(others, places):
                self.places[d] = place
            yield self.places

    @contextmanager
    def numbers(self) -> Iterator[list[Place]]:
        """Loops over the numbers of a line; the place of each."""
        with self._c.writer.loops([self._shape[d] for d in self._dims]) as places:
            found = list(self.places)
            for d, place in zip(self._dims, places):
                found[d] = place
            yield found


def _reduced(start: Start, update: str, *, divided: bool = False) -> Kernel:
    """The kernel of a reduction: the statement `update` brings `{x}` into `{y}`, which starts with `start`."""

    def kernel(c: Body, call: Call) -> None:
        x, y = c.read(call.arguments[0]), c.target(call)
        dims = dims_of(call, len(x.shape))
        count = math.prod(x.shape[d] for d in dims)
        y = kept(y, x.shape, dims)
        if len(dims) == len(x.shape) and not x.text:
            sizes, (x,) = merged(x.shape, [x])
            y, dims = y.reshaped([1] * len(sizes), [0] * len(sizes)), tuple(range(len(sizes)))
        last = max((d for d, n in enumerate(x.shape) if n > 1), default=-1)
        if last in dims or last < 0:
            _one_by_one(c, x, y, dims, (start, update, count if divided else 0))
        else:
            _row_by_row(c, x, y, (start, update, count if divided else 0))

    return kernel


Recipe = tuple[Start, str, int]  # the start, the statement, and the number to divide by or 0


def _one_by_one(c: Body, x: Access, y: Access, dims: Sequence[int], recipe: Recipe) -> None:
    """Each result in a variable, while the numbers that go into it are read."""
    start, update, count = recipe
    lines, wide = Lines(c, x.shape, dims), "double" if y.c_type == "float" else y.c_type
    with lines.all() as first:
        if y.text:  # a variable itself
            total = y.text
            c.writer.line(f"{total} = {start(y.c_type)};")
        else:
            total = "total"
            c.writer.line(f"{wide} total = {start(y.c_type)};")
        with lines.numbers() as places:
            c.writer.line(update.format(x=x.at(*places), y=total))
        target = y.at(*(0 if d in dims else p for d, p in enumerate(first)))
        if total != target or count:
            c.writer.line(f"{target} = {total}{f' / {count}' if count else ''};")


def _row_by_row(c: Body, x: Access, y: Access, recipe: Recipe) -> None:
    """All results side by side, to which one row after the other is added: the quick way through the memory."""
    start, update, count = recipe
    with c.writer.each(y.shape, y) as (total,):
        c.writer.line(f"{total} = {start(y.c_type)};")
    sizes, (totals, numbers) = merged(x.shape, [y.stretched(x.shape), x])
    with c.writer.loops(sizes) as places:
        c.writer.line(update.format(x=numbers.at(*places), y=totals.at(*places)))
    if count:
        with c.writer.each(y.shape, y) as (total,):
            c.writer.line(f"{total} /= {count};")


def _place_of(sign: str) -> Kernel:
    """The kernel that finds the place of the greatest, or with "<" the smallest number."""

    def kernel(c: Body, call: Call) -> None:
        x, y = c.read(call.arguments[0]), c.target(call)
        dims = dims_of(call, len(x.shape))
        if call.settings["dim"] is None:
            if not x.is_dense:
                raise c.missing(call, "of a view")
            x = x.reshaped([math.prod(x.shape)], [1])
            dims, y = (0,), y.reshaped([1], [0])
        y = kept(y, x.shape, dims)
        lines = Lines(c, x.shape, dims)
        with lines.all() as first:
            c.writer.line(f"{x.c_type} top = {x.at(*(0 if d in dims else p for d, p in enumerate(first)))};")
            c.writer.line("int place = 0;")
            with lines.numbers() as places:
                number, at = x.at(*places), places[dims[0]]
                c.writer.line(f"if ({number} {sign} top || ({number} != {number} && top == top)) {{")
                c.writer.line(f"    top = {number};")
                c.writer.line(f"    place = {at};")
                c.writer.line("}")
            c.writer.line(f"{y.at(*(0 if d in dims else p for d, p in enumerate(first)))} = place;")

    return kernel


def _scan(update: str) -> Kernel:
    """The kernel of a running sum or product: `{a}` is the result before `{x}`."""

    def kernel(c: Body, call: Call) -> None:
        x, y = c.read(call.arguments[-1]), c.target(call)
        dim = call.settings["dim"]
        links = c.read(call.arguments[0])
        lines, n = Lines(c, x.shape, (dim,)), x.shape[dim]
        with lines.all() as first:
            if n == 0:
                return
            start = list(first)
            c.writer.line(f"{y.at(*start)} = {x.at(*start)};")
            if n == 1:
                return
            with Lines(c, [n - 1 if d == dim else m for d, m in enumerate(x.shape)], (dim,)).numbers() as at:
                here = [f"({at[dim]} + 1)" if d == dim else p for d, p in enumerate(start)]
                before = [at[dim] if d == dim else p for d, p in enumerate(start)]
                c.writer.line(
                    update.format(y=y.at(*here), x=x.at(*here), a=y.at(*before), link=links.at(*before))
                )

    return kernel


REDUCTIONS: dict[Any, Kernel] = {
    OPERATIONS[name]: kernel
    for name, kernel in {
        "sum": _reduced(_number("0.0"), "{y} += {x};"),
        "mean": _reduced(_number("0.0"), "{y} += {x};", divided=True),
        "column_sums": _reduced(_number("0.0"), "{y} += {x};"),
        "prod": _reduced(_number("1.0"), "{y} *= {x};"),
        "amax": _reduced(_limit("-"), "if ({x} > {y} || {x} != {x})\n    {y} = {x};"),
        "amin": _reduced(_limit(""), "if ({x} < {y} || {x} != {x})\n    {y} = {x};"),
        "any": _reduced(lambda _: "false", "if ({x} != 0)\n    {y} = true;"),
        "all": _reduced(lambda _: "true", "if ({x} == 0)\n    {y} = false;"),
        "argmax": _place_of(">"),
        "argmin": _place_of("<"),
        "cumsum": _scan("{y} = {a} + {x};"),
        "cumprod": _scan("{y} = {a} * {x};"),
        "logcumsumexp": _scan("{y} = LogAddExp({a}, {x});"),
        "recurrence": _scan("{y} = {x} + {link} * {a};"),
    }.items()
}
