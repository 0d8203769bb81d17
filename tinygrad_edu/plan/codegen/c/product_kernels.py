"""Kernels of products of matrices and of convolutions, as plain loops; products also as calls of CBLAS."""

from __future__ import annotations

import math
from typing import Any

from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.plan.codegen.c.access import Access, Place, dense
from tinygrad_edu.plan.codegen.c.body import Body, Kernel
from tinygrad_edu.plan.recording import Call

_LARGE = 512  # products of numbers, from which on a matrix is transposed first, so that rows are read along


def _matmul(c: Body, call: Call) -> None:
    x, y = map(c.read, call.arguments)
    z = c.target(call)
    if len(x.shape) == 1:
        x = x.reshaped((1, *x.shape), (0, *x.strides))
        z = z.reshaped(
            (*z.shape[: len(y.shape) - 2], 1, *z.shape[len(y.shape) - 2 :]),
            (*z.strides[: len(y.shape) - 2], 0, *z.strides[len(y.shape) - 2 :]),
        )
    if len(y.shape) == 1:
        y = y.reshaped((*y.shape, 1), (*y.strides, 0))
        z = z.reshaped((*z.shape, 1), (*z.strides, 0))
    _product(c, x, y, z, None)


def _linear(c: Body, call: Call) -> None:
    x, w, b = _inputs(c, call)
    z = c.target(call)
    if len(x.shape) == 1:
        x = x.reshaped((1, *x.shape), (0, *x.strides))
        z = z.reshaped((1, *z.shape), (0, *z.strides))
    elif len(x.shape) > 2 and x.is_dense and z.is_dense:
        x, z = (
            a.reshaped(
                (math.prod(a.shape[:-1]), a.shape[-1]),
                dense((math.prod(a.shape[:-1]), a.shape[-1])),
            )
            for a in (x, z)
        )
    _product(c, x, w.permuted(1, 0), z, b)


def _inputs(c: Body, call: Call) -> tuple[Access, Access, Access | None]:
    """x, the weight, and the bias if there is one."""
    x, w, *b = (c.read(a) for a in call.arguments if a is not None)
    return x, w, b[0] if b else None


def _product(c: Body, x: Access, y: Access, z: Access, b: Access | None) -> None:
    """`z[..., i, j] = b[j] + sum over k of x[..., i, k] * y[..., k, j]`."""
    stack = z.shape[:-2]
    x, y = (a.stretched((*stack, *a.shape[-2:])) for a in (x, y))
    n, inner, m = z.shape[-2], x.shape[-1], z.shape[-1]
    if c.blas and _by_blas(c, x, y, z, b):
        return
    along = y.strides[-1] == 1 and z.strides[-1] in (1, 0)
    if not along and m > 2 and n * inner * m >= _LARGE and not stack and not y.text:
        y, along = c.copied(y), True
    if along and m > 2 and not y.text:
        _by_rows(c, (x, y, z), b, stack)
        return
    wide = "double" if z.c_type == "float" else z.c_type
    with c.writer.loops((*stack, n, m)) as (*s, i, j):
        c.writer.line(f"{wide} total = {'0' if b is None else b.at(j)};")
        with c.writer.loops([inner]) as (k,):
            c.writer.line(f"total += {x.at(*s, i, k)} * {y.at(*s, k, j)};")
        c.writer.line(f"{z.at(*s, i, j)} = total;")


def _by_rows(
    c: Body, arrays: tuple[Access, Access, Access], b: Access | None, stack: tuple[int, ...]
) -> None:
    """A row of the result at a time, to which the rows of y are added: numbers side by side are computed at once."""
    x, y, z = arrays
    n, inner, m = z.shape[-2], x.shape[-1], z.shape[-1]
    with c.writer.loops((*stack, n)) as (*s, i):
        c.writer.line(f"{z.c_type} row[{m}];")
        with c.writer.loops([m]) as (j,):
            c.writer.line(f"row[{j}] = {'0' if b is None else b.at(j)};")
        with c.writer.loops([inner]) as (k,):  # noqa: SIM117 - one after the other, as in the text
            with c.writer.loops([m]) as (j,):
                c.writer.line(f"row[{j}] += {x.at(*s, i, k)} * {y.at(*s, k, j)};")
        with c.writer.loops([m]) as (j,):
            c.writer.line(f"{z.at(*s, i, j)} = row[{j}];")


def _by_blas(c: Body, x: Access, y: Access, z: Access, b: Access | None) -> bool:
    """The product as a call of CBLAS; False if the arrays do not stand as that needs them."""
    kinds = {a.c_type for a in (x, y, z)}
    forms = [_form(a) for a in (x, y)]
    if (
        kinds not in ({"double"}, {"float"})
        or any(a.text for a in (x, y, z))
        or None in forms
        or _form(z) is None
    ):
        return False
    if _form(z)[0] != "CblasNoTrans":  # type: ignore[index]
        return False
    (first, x_row), (second, y_row) = forms  # type: ignore[misc]
    n, inner, m = z.shape[-2], x.shape[-1], z.shape[-1]
    function = "cblas_dgemm" if "double" in kinds else "cblas_sgemm"
    with c.writer.loops(z.shape[:-2]) as s:
        starts = [f"&{a.at(*s, 0, 0)}" for a in (x, y, z)]
        if b is not None:
            with c.writer.loops((n, m)) as (i, j):
                c.writer.line(f"{z.at(*s, i, j)} = {b.at(j)};")
        c.writer.line(
            f"{function}(CblasRowMajor, {first}, {second}, {n}, {m}, {inner}, 1, {starts[0]}, {x_row}, {starts[1]}, "
            f"{y_row}, {0 if b is None else 1}, {starts[2]}, {_form(z)[1]});"  # type: ignore[index]
        )
    return True


def _form(a: Access) -> tuple[str, int] | None:
    """Whether BLAS reads a matrix as it is or transposed, and the distance of its rows; None if it cannot."""
    (n, m), (row, column) = a.shape[-2:], a.strides[-2:]
    if (column == 1 or m == 1) and row >= m:
        return "CblasNoTrans", row
    if (row == 1 or n == 1) and column >= n:
        return "CblasTrans", column
    return None


# Convolutions, over n samples, o kernels in groups, the places p of the result, c channels and i numbers of a kernel.


def _steps(call: Call, places: tuple[Any, ...], inside: tuple[Any, ...]) -> list[Place]:
    """Where the number `inside` a window at `places` stands in the picture."""
    terms: list[Place] = []
    for p, s, i, d in zip(places, call.settings["stride"], inside, call.settings["dilation"]):
        parts = [
            str(x if step == 1 else x * step if isinstance(x, int) else f"{x} * {step}")
            for x, step in ((p, s), (i, d))
            if x != 0
        ]
        terms.append(" + ".join(parts) or 0)
    return terms


def _channel(o: Place, channel: Place, kernels: int, channels: int, groups: int) -> Place:
    """The channel of the picture that the number of a kernel belongs to."""
    if groups == 1:
        return channel
    return f"({o} / {kernels // groups} * {channels} + {channel})"


def _convolve(c: Body, call: Call) -> None:
    x, w, b = _inputs(c, call)
    y = c.target(call)
    (kernels, channels, *size), groups = w.shape, call.settings["groups"]
    length = y.shape[-1]
    with c.writer.loops(y.shape[:-1]) as (n, o, *places):
        c.writer.line(f"{y.c_type} row[{max(1, length)}];")
        with c.writer.loops([length]) as (q,):
            c.writer.line(f"row[{q}] = {'0' if b is None else b.at(o)};")
        with c.writer.loops((channels, *size)) as (k, *inside), c.writer.loops([length]) as (q,):
            at = _steps(call, (*places, q), tuple(inside))
            picture = x.at(n, _channel(o, k, kernels, channels, groups), *at)
            c.writer.line(f"row[{q}] += {w.at(o, k, *inside)} * {picture};")
        with c.writer.loops([length]) as (q,):
            c.writer.line(f"{y.at(n, o, *places, q)} = row[{q}];")


def _convolve_back(c: Body, call: Call) -> None:
    x, w = map(c.read, call.arguments)
    y = c.target(call)
    (kernels, channels, *size), groups = w.shape, call.settings["groups"]
    with c.writer.each(y.shape, y) as (number,):
        c.writer.line(f"{number} = 0;")
    rows, windows, row = x.shape[:-1], (channels, *size), x.shape[-1:]
    with c.writer.loops((*rows, *windows, *row)) as at:
        n, o, *places = at[: len(rows)]
        k, *inside = at[len(rows) : -1]
        channel = _channel(o, k, kernels, channels, groups)
        picture = y.at(n, channel, *_steps(call, (*places, at[-1]), tuple(inside)))
        c.writer.line(f"{picture} += {w.at(o, k, *inside)} * {x.at(n, o, *places, at[-1])};")


def _convolve_kernels(c: Body, call: Call) -> None:
    z, x = map(c.read, call.arguments)
    y = c.target(call)
    (kernels, channels, *_), groups = y.shape, call.settings["groups"]
    samples, _, *places = z.shape
    with c.writer.loops(y.shape) as (o, k, *inside):
        c.writer.line("double total = 0.0;")
        with c.writer.loops((samples, *places)) as (n, *at):
            picture = x.at(
                n, _channel(o, k, kernels, channels, groups), *_steps(call, tuple(at), tuple(inside))
            )
            c.writer.line(f"total += {z.at(n, o, *at)} * {picture};")
        c.writer.line(f"{y.at(o, k, *inside)} = total;")


def _overlap_add(c: Body, call: Call) -> None:
    x, y = c.read(call.arguments[0]), c.target(call)
    n = len(call.settings["size"])
    with c.writer.each(y.shape, y) as (number,):
        c.writer.line(f"{number} = 0;")
    with c.writer.loops(x.shape) as places:
        first, inside, at = places[: -2 * n], places[-2 * n : -n], places[-n:]
        c.writer.line(f"{y.at(*first, *_steps(call, tuple(at), tuple(inside)))} += {x.at(*places)};")


PRODUCTS: dict[Any, Kernel] = {
    OPERATIONS[name]: kernel
    for name, kernel in {
        "matmul": _matmul,
        "linear": _linear,
        "convolve": _convolve,
        "convolve_back": _convolve_back,
        "convolve_kernels": _convolve_kernels,
        "overlap_add": _overlap_add,
    }.items()
}
