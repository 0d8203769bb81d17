"""Kernels of softmax and its kin, shifted by the greatest number of each line, and of cross-entropy."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.fused_loss import NO_EXAMPLES
from tinygrad_edu.plan.codegen.c.body import Body, Kernel
from tinygrad_edu.plan.codegen.c.reduction_kernels import Lines, dims_of, kept
from tinygrad_edu.plan.recording import Call


def _softmax_like(kind: str) -> Kernel:
    """The kernel of logsumexp, softmax or log_softmax, all shifted by the greatest number of each line."""

    def kernel(c: Body, call: Call) -> None:
        x, y = c.read(call.arguments[0]), c.target(call)
        dims = dims_of(call, len(x.shape))
        y = kept(y, x.shape, dims)
        lines, f = Lines(c, x.shape, dims), "f" if x.c_type == "float" else ""
        with lines.all() as first:
            c.writer.line(f"{x.c_type} top = -INFINITY;")
            with lines.numbers() as at:
                c.writer.line(f"if ({x.at(*at)} > top || {x.at(*at)} != {x.at(*at)})")
                c.writer.line(f"    top = {x.at(*at)};")
            if kind == "logsumexp":
                c.writer.line("if (isinf(top))")
                c.writer.line("    top = 0; /* a difference of infinities is no number */")
            c.writer.line("double total = 0.0;")
            with lines.numbers() as at:
                shifted = f"{x.at(*at)} - top"
                if kind == "softmax":
                    c.writer.line(f"{y.at(*at)} = exp{f}({shifted});")
                    c.writer.line(f"total += {y.at(*at)};")
                else:
                    c.writer.line(f"total += exp{f}({shifted});")
            if kind == "logsumexp":
                target = y.at(*(0 if d in dims else p for d, p in enumerate(first)))
                c.writer.line(f"{target} = log(total) + top;")
                return
            with lines.numbers() as at:
                c.writer.line(
                    f"{y.at(*at)} /= total;"
                    if kind == "softmax"
                    else f"{y.at(*at)} = {x.at(*at)} - top - log(total);"
                )

    return kernel


def _cross_entropy(c: Body, call: Call) -> None:
    """-(target * (shifted - log(norm))), summed up; where a target is 0, a logit of -inf counts nothing."""
    _, target, divisor, (shifted, _, norm, mass) = call.arguments
    _mean_cross_entropy(c, call, target, divisor, (shifted, norm, mass))


def _class_cross_entropy(c: Body, call: Call) -> None:
    """The same of one-hot rows, after a look at the class numbers."""
    _, numbers, (shifted, _, norm, mass, rows, count) = call.arguments
    ignored, classes = call.settings["ignore_index"], rows.example.shape[call.settings["dim"]]
    with c.writer.each(numbers.example.shape, c.read(numbers)) as (number,):
        c.writer.fail(
            f"{number} != {ignored} && ({number} < 0 || {number} >= {classes})",
            f"cross_entropy needs class numbers from 0 to {classes - 1}",
        )
    c.writer.fail(f"{c.read(count).at()} == 0", NO_EXAMPLES)
    _mean_cross_entropy(c, call, rows, count, (shifted, norm, mass))


def _mean_cross_entropy(c: Body, call: Call, target: Any, divisor: Any, parts: tuple[Any, ...]) -> None:
    y, divisor, target = c.target(call), c.read(divisor), c.read(target)
    shifted, norm, mass = map(c.read, parts)
    f = "f" if y.c_type == "float" else ""
    with c.writer.block():
        c.writer.line("double total = 0.0;")
        with c.writer.each(norm.shape, mass, norm) as (m, s):
            c.writer.line(f"total += {m} * log{f}({s});")
        with c.writer.each(target.shape, target, shifted) as (t, s):
            c.writer.line(f"if ({t} != 0)")
            c.writer.line(f"    total -= {t} * {s};")
        c.writer.line(f"{y.at(*[0] * len(y.shape))} = total / {divisor.at(*[0] * len(divisor.shape))};")


SOFTMAX: dict[Any, Kernel] = {
    OPERATIONS[name]: kernel
    for name, kernel in {
        "softmax": _softmax_like("softmax"),
        "log_softmax": _softmax_like("log_softmax"),
        "logsumexp": _softmax_like("logsumexp"),
        "cross_entropy": _cross_entropy,
        "class_cross_entropy": _class_cross_entropy,
    }.items()
}
