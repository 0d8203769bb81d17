"""Kernels that pick numbers by an index, or put them there; an index that was computed is checked first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.index import ARRAY, parts_of
from tinygrad_edu.plan.codegen.c.access import Access, Place, dense
from tinygrad_edu.plan.codegen.c.body import Body, Kernel
from tinygrad_edu.plan.recording import Call, Slot


@dataclass
class _Part:
    """A part of an index: a slice `start + step * place`, a number, or an array of places; `dim` of what is indexed."""

    dim: int
    start: Any = 0
    step: int = 1
    array: Access | None = None
    is_slice: bool = False


class _Index:
    """`x[index]` as places: from those of the result to those of `x`."""

    def __init__(self, c: Body, call: Call, shape: tuple[int, ...], arrays: list[Any]) -> None:
        self._c, self._call, self._shape = c, call, shape
        self._parts: list[_Part | None] = []  # None for a new dimension
        waiting = iter(arrays)
        given = list(parts_of(call.settings["index"]))
        taken = sum(_width(part) for part in given)
        if not any(part is Ellipsis for part in given):
            given.append(Ellipsis)
        dim = 0
        for part in given:
            if part is Ellipsis:
                count = len(shape) - taken
                self._parts += [_Part(d, is_slice=True) for d in range(dim, dim + count)]
                dim += count
            elif part is None:
                self._parts.append(None)
            else:
                found = self._found(part, dim, waiting)
                self._parts += found
                dim += len(found)
        self._settle()

    def _found(self, part: Any, dim: int, waiting: Iterator[Slot]) -> list[_Part]:
        n = self._shape[dim]
        if part is ARRAY:
            slot = next(waiting)
            if slot.example.dtype.kind not in "iu":
                raise self._c.missing(self._call, "by a mask")
            return [_Part(dim, array=self._c.read(slot))]
        if isinstance(part, slice):
            start, _, step = part.indices(n)
            return [_Part(dim, start, step, is_slice=True)]
        if isinstance(part, np.ndarray | list) and np.asarray(part).ndim:
            part = np.asarray(part)
            numbers = np.nonzero(part) if part.dtype == bool else [part]
            shapes = self._shape[dim:]
            return [
                _Part(dim + i, array=self._c.constant(np.where(x < 0, x + m, x).astype(np.int64)))
                for i, (x, m) in enumerate(zip(numbers, shapes))
            ]
        if isinstance(part, bool | np.bool_):
            raise self._c.missing(self._call, "by a truth value")
        number = int(part)
        return [_Part(dim, number + n * (number < 0), 0)]

    def _settle(self) -> None:
        """Where the dimensions of the arrays stand in the result."""
        arrays = [part.array for part in self._parts if part is not None and part.array is not None]
        self._common = np.broadcast_shapes(*(x.shape for x in arrays))
        advanced = [
            i
            for i, part in enumerate(self._parts)
            if arrays and part is not None and not part.is_slice and (len(self._common) or part.array)
        ]
        together = advanced == list(range(advanced[0], advanced[-1] + 1)) if advanced else True
        before = self._parts[: advanced[0]] if advanced and together else []
        self._first = sum(part is None or part.is_slice for part in before) if advanced else 0

    @contextmanager
    def loops(self, shape: tuple[int, ...]) -> Iterator[tuple[list[Place], list[Place]]]:
        """Loops over the result, of `shape`; its places, and those in what is indexed."""
        writer, cut = self._c.writer, self._first + len(self._common)
        with writer.loops(shape[:cut]) as front:
            common = front[self._first :]
            at: list[Place] = [0] * len(self._shape)
            for part in self._parts:
                if part is not None and part.array is not None:
                    at[part.dim] = self._checked(part, common)
            with writer.loops(shape[cut:]) as back:
                waiting = iter([*front[: self._first], *back])
                for part in self._parts:
                    if part is None:
                        next(waiting)
                    elif part.array is None:
                        at[part.dim] = _stepped(part, next(waiting)) if part.is_slice else part.start
                yield [*front, *back], at

    def _checked(self, part: _Part, common: list[Place]) -> str:
        """The variable that holds a place of an array, which is one in what is indexed."""
        assert part.array is not None
        n, writer = self._shape[part.dim], self._c.writer
        number = part.array.stretched(self._common).at(*common)
        if self._c.is_constant(part.array):
            return number
        name = f"at{part.dim}"
        writer.line(f"int64_t {name} = {number};")
        writer.line(f"if ({name} < 0)")
        writer.line(f"    {name} += {n};")
        where = f", at {self._call.line}" if self._call.line else ""
        writer.fail(
            f"{name} < 0 || {name} >= {n}", f"an index is out of range for a dimension of size {n}{where}"
        )
        return name


def _width(part: Any) -> int:
    """How many dimensions a part of an index takes."""
    if part is None or part is Ellipsis:
        return 0
    return part.ndim if isinstance(part, np.ndarray) and part.dtype == bool else 1


def _stepped(part: _Part, place: Place) -> Place:
    if isinstance(place, int):
        return part.start + part.step * place
    scaled = place if part.step == 1 else f"{place} * {part.step}"
    return f"{part.start} + {scaled}" if part.start else scaled


def _take(c: Body, call: Call) -> None:
    x, *arrays = call.arguments
    source, y = c.read(x), c.target(call)
    with _Index(c, call, source.shape, arrays).loops(y.shape) as (places, at):
        c.writer.line(f"{y.at(*places)} = {source.at(*at)};")


def _put_into(start: str, statement: str) -> Kernel:
    """The kernel that fills the result with 0, or the first input, and brings the last one to its places."""

    def kernel(c: Body, call: Call) -> None:
        copies = start == "x"
        (x, v, *arrays) = call.arguments if copies else (None, *call.arguments)
        y = c.target(call)
        if copies:
            with c.writer.each(y.shape, y, c.read(x, y.c_type).stretched(y.shape)) as (a, b):
                c.writer.line(f"{a} = {b};")
        else:
            with c.writer.each(y.shape, y) as (a,):
                c.writer.line(f"{a} = 0;")
        shape = _taken(call, arrays) if copies else v.example.shape
        value = c.read(v, y.c_type).stretched(shape)
        with _Index(c, call, y.shape, arrays).loops(shape) as (places, at):
            c.writer.line(
                statement.format(
                    y=y.at(*at), v=value.at(*places), sign="<" if call.settings.get("least") else ">"
                )
            )

    return kernel


def _last_writes(c: Body, call: Call) -> None:
    """Each number of x, or 0 where a later one goes to the same place: the places remember who came last."""
    x, *arrays = call.arguments
    source, y, shape = c.read(x), c.target(call), call.settings["shape"]
    last = c.layout.scratch(Access("", shape, dense(shape), "int64_t"))
    order = Access("", y.shape, dense(y.shape), "int64_t")
    for statement in ("{last} = {order};", "{y} = {last} == {order} ? {x} : 0;"):
        with _Index(c, call, shape, arrays).loops(y.shape) as (places, at):
            number = order.at(*places).partition("[")[2].removesuffix("]")
            c.writer.line(
                statement.format(last=last.at(*at), order=number, y=y.at(*places), x=source.at(*places))
            )


def _taken(call: Call, arrays: list[Slot]) -> tuple[int, ...]:
    """The shape of what an index takes."""
    examples = tuple(x.example for x in arrays)
    take = OPERATIONS["take"].forward
    return take(np.broadcast_to(0, call.result.example.shape), *examples, index=call.settings["index"]).shape


def _within(c: Body, call: Call) -> None:
    x, y = c.read(call.arguments[0]), c.target(call)
    size, dim, name = (call.settings[key] for key in ("size", "dim", "call"))
    with c.writer.each(y.shape, x, y) as (a, b):
        c.writer.fail(
            f"{a} < 0 || {a} >= {size}",
            f"{name} needs indices from 0 to {size - 1} in dim {dim} of size {size}",
        )
        c.writer.line(f"{b} = {a};")


def _one_hot(c: Body, call: Call) -> None:
    x, y, dim = c.read(call.arguments[0]), c.target(call), call.settings["dim"]
    with c.writer.loops(y.shape) as places:
        number = x.at(*places[:dim], *places[dim + 1 :])
        c.writer.line(f"{y.at(*places)} = {number} == {places[dim]};")


INDEXING: dict[Any, Kernel] = {
    OPERATIONS[name]: kernel
    for name, kernel in {
        "take": _take,
        "scatter": _put_into("0", "{y} += {v};"),
        "unpool": _put_into("0", "{y} = {v};"),
        "put": _put_into("x", "{y} = {v};"),
        "last_writes": _last_writes,
        "extreme_at": _put_into("x", "if ({v} {sign} {y})\n    {y} = {v};"),
        "within": _within,
        "one_hot": _one_hot,
    }.items()
}
