"""A program as one readable C99 file: the step, and a `main` that trains with it from a file of numbers."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from tinygrad_edu.plan.codegen.c.argument_layout import Argument, Layout
from tinygrad_edu.plan.codegen.c.body import Body, Kernel
from tinygrad_edu.plan.codegen.c.index_kernels import INDEXING
from tinygrad_edu.plan.codegen.c.main_function import Main
from tinygrad_edu.plan.codegen.c.moving_kernels import MOVING
from tinygrad_edu.plan.codegen.c.product_kernels import PRODUCTS
from tinygrad_edu.plan.codegen.c.recurrent_kernels import LSTM
from tinygrad_edu.plan.codegen.c.reduction_kernels import REDUCTIONS
from tinygrad_edu.plan.codegen.c.softmax_kernels import SOFTMAX
from tinygrad_edu.plan.program import Program
from tinygrad_edu.tensor.draws import DRAW

KERNELS: dict[Any, Kernel] = {**LSTM, **REDUCTIONS, **SOFTMAX, **PRODUCTS, **INDEXING, **MOVING}


class CSource:
    """The text of a program in C, and what its arguments stand for.

    `step` is handed every array in order, then the settings; it returns 0, or the number of the check that failed
    (`checks`), and `run` takes the same as one struct. Random numbers are inputs: whoever calls `step` draws them.
    Without `alone` there is no `main`. With `blas` products of matrices are calls of CBLAS.
    Raises `RuntimeError` with the name of an operation that C has no kernel for.
    """

    def __init__(
        self, program: Program, step: Callable[..., Any], *, blas: bool = False, alone: bool = True
    ) -> None:
        for call in program.calls:
            if call.operation is DRAW and call.slots():
                raise RuntimeError(
                    f"source('c') has no kernel for random numbers with computed parameters, at {call.line}; draw them "
                    "outside the step and hand them to it"
                )
        self.layout = layout = Layout(program, step, _input_names(program, step))
        body = Body(program, layout, KERNELS, blas=blas)
        self.arguments = list(layout.arguments.values())
        self.settings = layout.settings
        self.checks = body.writer.checks
        main = Main(program, self.arguments, self.settings, self.checks) if alone else None
        includes = ["math.h", "stdbool.h", "stdint.h", "stdio.h", "stdlib.h", "string.h"]
        parts = [
            main.comment(getattr(step, "__name__", "step"), blas) if main else "",
            "\n".join(f"#include <{name}>" for name in includes) + ("\n#include <cblas.h>" if blas else ""),
            "\n\n".join(body.writer.helpers.values()),
            _section("What the step computes on its way.", layout.statics),
            self._function(body.writer.lines),
            self._struct(),
            main.text if main else "",
        ]
        self.text = "\n\n".join(filter(None, parts)) + "\n"

    def _function(self, lines: list[str]) -> str:
        given = [
            (f"{'' if a.written else 'const '}{a.c_type} *restrict {a.name}", f" /* {_about(a)} */")
            for a in self.arguments
        ]
        given += [(f"double {name}", "") for name in self.settings]
        signs = [","] * (len(given) - 1) + [")"]
        listed = [f"    {code}{sign}{said}" for (code, said), sign in zip(given, signs)] or ["    void)"]
        used = "\n".join(lines)
        unused = [f"    (void){a.name};" for a in self.arguments if f"{a.name}[" not in used]
        return "\n".join(["static int step(", *listed, "{", *unused, *lines, "    return 0;", "}"])

    def _struct(self) -> str:
        fields = [f"{'' if a.written else 'const '}{a.c_type} *{a.name};" for a in self.arguments]
        fields += [f"double {name};" for name in self.settings]
        names = [f"a->{name}" for name in (*(a.name for a in self.arguments), *self.settings)]
        return "\n".join(
            [
                "/* The same, of all that it is handed in one struct. */",
                "struct arrays {",
                *(f"    {x}" for x in fields or ["char none;"]),
                "};",
                "",
                "int run(const struct arrays *a)",
                "{",
                *([] if names else ["    (void)a;"]),
                f"    return step({', '.join(names)});",
                "}",
            ]
        )


def _section(title: str, lines: list[str]) -> str:
    return "\n".join([f"/* {title} */", *lines]) if lines else ""


def _about(argument: Argument) -> str:
    shape = "a number" if argument.slot.example.shape == () else str(argument.slot.example.shape)
    return f"{argument.role if argument.role != 'state' else argument.about}, {shape}"


def _input_names(program: Program, step: Callable[..., Any]) -> list[str]:
    """The names of the step's own parameters, for the inputs that are arrays."""
    parameters = list(inspect.signature(step).parameters)
    positions = program.recording.positions
    return [parameters[i] if i < len(parameters) else f"input_{i}" for i in positions]
