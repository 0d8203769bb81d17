"""The statements of a step: one loop nest for each call, and one for consecutive calls on each number of one shape."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.hyperparameter import Hyperparameter
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.shape import cast, cast_whole
from tinygrad_edu.ops.standardization import standardize
from tinygrad_edu.plan.codegen.c.access import (
    ATOM,
    PRODUCT,
    Access,
    binding,
    bracketed,
    dense,
    literal,
    merged,
)
from tinygrad_edu.plan.codegen.c.argument_layout import Layout, c_type_of, overwritten
from tinygrad_edu.plan.codegen.c.elementwise_kernels import element
from tinygrad_edu.plan.codegen.c.fusion import (
    grouped,
    is_each,
    kind_of,
    overlaps,
    slots_read,
    used_once,
    values_read,
)
from tinygrad_edu.plan.codegen.c.line_writer import Writer
from tinygrad_edu.plan.program import Program
from tinygrad_edu.plan.recording import Call, Slot

Kernel = Callable[["Body", Call], None]
_FLOATS = ("double", "float")
_SHORT = 60  # characters of an expression that is written in the place where it is used


class Body:
    """Writes all calls of a program. `kernels` has those that are not of each number by itself."""

    def __init__(
        self, program: Program, layout: Layout, kernels: dict[Operation, Kernel], *, blas: bool = False
    ) -> None:
        self.writer, self.layout, self.blas = Writer(), layout, blas
        self._kernels = kernels
        self._overwritten = overwritten(program)
        self._last: dict[Slot, int] = {}
        for number, call in enumerate(program.calls):
            for slot in (*call.slots(), call.result):
                self._last[slot.root] = number
        for _, slot in layout.copies:
            self._last[slot.root] = len(program.calls)
        self._handed_out = {argument.slot for argument in layout.arguments.values()}
        self._about = {
            layout.resolved(slot): f"gradient of {layout.name_of(tensor)}"
            for tensor, slot in program.recording.gradients
        }
        for self._end, calls in grouped(program.calls):
            self._write(calls)
        self._copy_out()

    # What kernels ask for.

    def read(self, x: Any, c_type: str = "double") -> Access:
        """Where an argument of a call stands; a number is a text of the type `c_type`."""
        if isinstance(x, Slot):
            return self.layout.access(x)
        if isinstance(x, Hyperparameter):
            name = self.layout.setting(x)
            return Access("", (), (), c_type, text=f"(float){name}" if c_type == "float" else name)
        return Access("", (), (), c_type, text=literal(x, c_type))

    def target(self, call: Call) -> Access:
        """Where the result of a call goes; a single number is declared."""
        if call.result.view_of is not None:  # which number it is a view of is known in the step only
            raise _missing(call, "by a number that was computed")
        self.layout.place(call)
        access = self.layout.access(call.result)
        if access.text in self.layout.undeclared:
            self.writer.line(f"{self.layout.undeclared.pop(access.text)} {access.text};")
        return access

    def constant(self, array: np.ndarray) -> Access:
        """An array that a kernel needs."""
        return self.layout.access(self.layout.constant(array))

    def is_constant(self, x: Access) -> bool:
        """True if its numbers are known while the file is written."""
        return bool(x.text) or x.name in self.layout.constants

    def copied(self, x: Access) -> Access:
        """`x` copied to stand row by row."""
        y = self.layout.scratch(x)
        with self.writer.each(x.shape, y, x) as (a, b):
            self.writer.line(f"{a} = {b};")
        return y

    def missing(self, call: Call, what: str = "") -> RuntimeError:
        """The error of a call that C has no kernel for."""
        return _missing(call, what)

    def _write(self, calls: list[Call]) -> None:
        self._comment(calls)
        if not is_each(calls[0]):
            kernel = self._kernels.get(calls[0].operation)
            if kernel is None:
                raise _missing(calls[0])
            kernel(self, calls[0])
            return
        for call in calls:
            if call.operation is ASSIGN and overlaps(call):
                raise _missing(call, "of a tensor overwritten with another view of itself")
        self._write_each(calls)

    def _comment(self, calls: list[Call]) -> None:
        layers, words = [], []
        for call in calls:
            if call.operation is ASSIGN:
                words.append(f"update of {self.layout.path(call.result)}".removesuffix(" of "))
            else:
                words.append(self._about.get(call.result, "") or call.operation.name)
            if call.operation is not ASSIGN:
                layers += [self.layout.path(x).rpartition(".")[0] for x in call.slots()]
        layer = ", ".join(dict.fromkeys(filter(None, layers)))
        said = ", ".join(dict.fromkeys(words))
        line = f"  [{calls[0].line}]" if calls[0].line else ""
        self.writer.comment(f"{f'{layer}: ' if layer else ''}{said}{line}")

    # Calls on each number by itself.

    def _write_each(self, calls: list[Call]) -> None:
        shape = calls[0].result.example.shape
        seen = {slot.root for call in calls for slot in slots_read(call) if slot.view_of is not None}
        passing = {
            call.result
            for call in calls
            if shape
            and call.operation is not ASSIGN
            and self._last[call.result.root] <= self._end
            and call.result.view_of is None
            and call.result not in seen
            and call.result not in self._handed_out
        }
        for call in calls:
            if call.operation is ASSIGN or call.result in passing:
                continue
            self.layout.place(call)
        outside = dict.fromkeys(
            slot for call in calls for slot in (*slots_read(call), call.result) if slot not in passing
        )
        stretched = [self.layout.access(slot).stretched(shape) for slot in outside]
        sizes, same = merged(shape, stretched)
        where = dict(zip(outside, same))
        inlined = used_once(calls, passing)
        with self.writer.loops(sizes) as places:
            known = {slot: access.at(*places) for slot, access in where.items()}
            for call in calls:
                value = self._value(call, known)
                if call.result in inlined and len(value) < _SHORT:
                    known[call.result] = value
                    continue
                if call.result in passing:
                    name = self.layout.local_name(call)
                    known[call.result] = name
                    self.writer.line(f"const {c_type_of(call.result.example)} {name} = {value};")
                    continue
                name = known[call.result]
                c_type = self.layout.undeclared.pop(name, "")
                if c_type and call.result.root not in self._overwritten:
                    c_type = f"const {c_type}"
                self.writer.line(f"{c_type} {name} = {value};".strip() if c_type else _assigned(name, value))

    def _value(self, call: Call, known: dict[Slot, str]) -> str:
        """The expression of one number of the result."""
        operation, result = call.operation, c_type_of(call.result.example)
        arguments = values_read(call)
        kind = kind_of(call, arguments)
        texts = []
        for position, x in enumerate(arguments):
            text = known[x] if isinstance(x, Slot) else self.read(x, kind).text
            whole = isinstance(x, Slot) and x.example.dtype.kind in "iub"
            if whole and kind in _FLOATS and not (position == 0 and operation is OPERATIONS["where"]):
                text = f"({kind}){bracketed(text)}"
            texts.append(text)
        if operation is ASSIGN or operation in (cast, cast_whole):
            same = kind == result
            if same or call.operation is ASSIGN:
                return texts[0]
            return f"{bracketed(texts[0])} != 0" if result == "bool" else f"({result}){bracketed(texts[0])}"
        if operation is standardize:
            return element(OPERATIONS["multiply"], texts, kind)
        try:
            return element(operation, texts, kind)
        except NotImplementedError as error:
            of = "" if kind in _FLOATS else f"of numbers of type {kind}"
            name = str(error) if str(error) != operation.name else ""
            raise _missing(call, of or (f"for the {name} in it" if name else "")) from None

    def _copy_out(self) -> None:
        if self.layout.copies:
            self.writer.comment("what the step leaves")
        for argument, slot in self.layout.copies:
            source = self.layout.access(slot)
            shape = slot.example.shape
            target = Access(argument.name, shape, dense(shape), argument.c_type)
            with self.writer.each(shape, target, source) as (y, x):
                self.writer.line(f"{y} = {x};")


def _assigned(name: str, value: str) -> str:
    """The statement `name = value`, or shorter: `name -= lr * g`."""
    for sign, least in (("+", PRODUCT), ("-", PRODUCT), ("*", ATOM), ("/", ATOM)):
        rest = value.removeprefix(f"{name} {sign} ")
        if rest != value and binding(rest) >= least:
            return f"{name} {sign}= {rest};"
    return f"{name} = {value};"


def _missing(call: Call, what: str = "") -> RuntimeError:
    name = f"{call.operation.name} {what}".strip()
    return RuntimeError(f"source('c') has no kernel for {name}{f', at {call.line}' if call.line else ''}")
