"""The statements of a step: one loop nest for each call, and one for consecutive calls on each number of one shape."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.hyperparameter import Hyperparameter
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.shape import cast, cast_whole
from tinygrad_edu.ops.standardization import standardize
from tinygrad_edu.plan.codegen.c.access import C_TYPES, Access, bracketed, dense, literal, merged
from tinygrad_edu.plan.codegen.c.elementwise import c_line, element
from tinygrad_edu.plan.codegen.c.layout import Layout, c_type_of, overwritten
from tinygrad_edu.plan.codegen.c.writer import Writer
from tinygrad_edu.plan.program import Program
from tinygrad_edu.plan.recording import Call, Slot
from tinygrad_edu.tensor.draws import DRAW

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
        for calls in self._groups(program.calls):
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
        return bool(x.text) or x.name.startswith("constant")

    def copied(self, x: Access) -> Access:
        """`x` copied to stand row by row."""
        y = self.layout.scratch(x)
        with self.writer.each(x.shape, y, x) as (a, b):
            self.writer.line(f"{a} = {b};")
        return y

    def missing(self, call: Call, what: str = "") -> RuntimeError:
        """The error of a call that C has no kernel for."""
        return _missing(call, what)

    # Calls in groups.

    def _groups(self, calls: Sequence[Call]) -> Iterator[list[Call]]:
        """Consecutive calls that one loop nest can do."""
        group: list[Call] = []
        touched = _Touched()
        for number, call in enumerate(calls):
            if not self._needs_code(call):
                continue
            if group and not (_is_each(call) and self._joins(call, group[0], touched)):
                yield group
                group = []
            if not group:
                touched = _Touched()
            group.append(call)
            self._end = number
            if _is_each(call):
                touched.add(call)
            else:
                yield group
                group = []
        if group:
            yield group

    @staticmethod
    def _needs_code(call: Call) -> bool:
        """False for a draw, which is handed over, and for a view, which is index arithmetic."""
        slots = [x for x in call.arguments if isinstance(x, Slot)]
        is_view = call.operation is not ASSIGN and call.result.view_of is not None
        return call.operation is not DRAW and not (is_view and len(slots) == 1)

    @staticmethod
    def _joins(call: Call, first: Call, touched: _Touched) -> bool:
        return call.result.example.shape == first.result.example.shape and touched.allows(call)

    def _write(self, calls: list[Call]) -> None:
        self._comment(calls)
        if not _is_each(calls[0]):
            kernel = self._kernels.get(calls[0].operation)
            if kernel is None:
                raise _missing(calls[0])
            kernel(self, calls[0])
            return
        if calls[0].operation is ASSIGN and _overlaps(calls[0]):
            raise _missing(calls[0], "of a tensor overwritten with another view of itself")
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
        seen = {slot.root for call in calls for slot in _read(call) if slot.view_of is not None}
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
            slot for call in calls for slot in (*_read(call), call.result) if slot not in passing
        )
        stretched = [self.layout.access(slot).stretched(shape) for slot in outside]
        sizes, same = merged(shape, stretched)
        where = dict(zip(outside, same))
        inlined = _used_once(calls, passing)
        with self.writer.loops(sizes) as places:
            known = {slot: access.at(*places) for slot, access in where.items()}
            for call in calls:
                value = self._value(call, known)
                if call.result in inlined and len(value) < _SHORT:
                    known[call.result] = bracketed(value)
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
                self.writer.line(f"{c_type} {name} = {value};".strip() if c_type else assigned(name, value))

    def _value(self, call: Call, known: dict[Slot, str]) -> str:
        """The expression of one number of the result."""
        operation, result = call.operation, c_type_of(call.result.example)
        arguments = _read_values(call)
        kind = _kind(call, arguments)
        texts = []
        for position, x in enumerate(arguments):
            text = known[x] if isinstance(x, Slot) else self.read(x, kind).text
            whole = isinstance(x, Slot) and x.example.dtype.kind in "iub"
            if whole and kind in _FLOATS and not (position == 0 and operation is OPERATIONS["where"]):
                text = f"({kind}){text}"
            texts.append(text)
        if operation is ASSIGN or operation in (cast, cast_whole):
            same = kind == result
            return texts[0] if same else f"{texts[0]} != 0" if result == "bool" else f"({result}){texts[0]}"
        if operation is standardize:
            return f"{texts[0]} * {texts[1]}"
        try:
            return element(operation, texts, kind, result)
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


class _Touched:
    """What calls of one loop nest read and write, and where: a call joins if it sees the same as after all of them."""

    def __init__(self) -> None:
        self._read: dict[Slot, set[Any]] = {}
        self._written: dict[Slot, set[Any]] = {}

    def add(self, call: Call) -> None:
        shape = call.result.example.shape
        for slot in _read(call):
            self._read.setdefault(slot.root, set()).add(_map(slot, shape))
        self._written.setdefault(call.result.root, set()).add(_map(call.result, shape))

    def allows(self, call: Call) -> bool:
        shape, root = call.result.example.shape, call.result.root
        for slot in _read(call):
            if self._written.get(slot.root, {_map(slot, shape)}) != {_map(slot, shape)}:
                return False
        own = {_map(call.result, shape)}
        return self._written.get(root, own) == own and self._read.get(root, own) == own


def _map(slot: Slot, shape: tuple[int, ...]) -> Any:
    """Which number of its memory stands where, for one of `shape`."""
    seen = np.broadcast_to(slot.example, shape)
    return slot.example.__array_interface__["data"][0], seen.strides


def _is_each(call: Call) -> bool:
    operation = call.operation
    return operation in (ASSIGN, cast, cast_whole, standardize) or isinstance(operation, Elementwise)


def _read_values(call: Call) -> list[Any]:
    """The arguments that its value is computed from."""
    if call.operation is ASSIGN:
        return [call.arguments[1]]
    if call.operation is standardize:
        return list(call.arguments[1])
    return list(call.arguments)


def _read(call: Call) -> list[Slot]:
    return [x for x in _read_values(call) if isinstance(x, Slot)]


def _kind(call: Call, arguments: list[Any]) -> str:
    """The C type in which it computes: that of its result, or of its inputs, if the result is only true or false."""
    result = call.result.example.dtype
    examples = [x.example.dtype if isinstance(x, Slot) else x for x in arguments]
    dtypes = [x for x in examples if isinstance(x, np.dtype)]
    if call.operation is ASSIGN or call.operation in (cast, cast_whole):
        return C_TYPES.get(dtypes[0].name, "") if dtypes else c_type_of(call.result.example)
    if result.kind == "f" or not dtypes or call.operation is OPERATIONS["where"]:
        return c_type_of(call.result.example)
    numbers = [float(x) if isinstance(x, float) else x for x in examples if not isinstance(x, np.dtype)]
    common = np.result_type(*dtypes, *numbers)
    return C_TYPES.get(common.name, "double")


def _overlaps(call: Call) -> bool:
    target, value = call.arguments
    shape = target.example.shape
    return isinstance(value, Slot) and value.root is target.root and _map(value, shape) != _map(target, shape)


def _missing(call: Call, what: str = "") -> RuntimeError:
    name = f"{call.operation.name} {what}".strip()
    return RuntimeError(f"source('c') has no kernel for {name}{f', at {call.line}' if call.line else ''}")
