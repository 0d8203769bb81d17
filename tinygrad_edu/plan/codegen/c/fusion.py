"""Calls on each number by itself: which of them one loop nest can do, and in which type they compute."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.shape import cast, cast_whole
from tinygrad_edu.ops.standardization import standardize
from tinygrad_edu.plan.codegen.c.access import C_TYPES
from tinygrad_edu.plan.codegen.c.argument_layout import c_type_of
from tinygrad_edu.plan.codegen.c.elementwise_kernels import c_line
from tinygrad_edu.plan.recording import Call, Slot
from tinygrad_edu.tensor.draws import DRAW


def grouped(calls: Sequence[Call]) -> Iterator[tuple[int, list[Call]]]:
    """Consecutive calls that one loop nest can do, or a single one, and the number of the last."""
    group: list[Call] = []
    end, touched = 0, Touched()
    for number, call in enumerate(calls):
        if not _needs_code(call):
            continue
        if group and not (is_each(call) and _alike(call, group[0]) and touched.allows(call)):
            yield end, group
            group = []
        if not group:
            touched = Touched()
        group.append(call)
        end = number
        if is_each(call):
            touched.add(call)
        else:
            yield end, group
            group = []
    if group:
        yield end, group


def _needs_code(call: Call) -> bool:
    """False for a draw, which is handed over, and for a view, which is index arithmetic."""
    slots = [x for x in call.arguments if isinstance(x, Slot)]
    is_view = call.operation is not ASSIGN and call.result.view_of is not None
    return call.operation is not DRAW and not (is_view and len(slots) == 1)


def _alike(call: Call, first: Call) -> bool:
    return call.result.example.shape == first.result.example.shape


class Touched:
    """What calls of one loop nest read and write, and where: a call joins if it sees the same as after all of them."""

    def __init__(self) -> None:
        self._read: dict[Slot, set[Any]] = {}
        self._written: dict[Slot, set[Any]] = {}

    def add(self, call: Call) -> None:
        shape = call.result.example.shape
        for slot in slots_read(call):
            self._read.setdefault(slot.root, set()).add(_map(slot, shape))
        self._written.setdefault(call.result.root, set()).add(_map(call.result, shape))

    def allows(self, call: Call) -> bool:
        shape, root = call.result.example.shape, call.result.root
        for slot in slots_read(call):
            if self._written.get(slot.root, {_map(slot, shape)}) != {_map(slot, shape)}:
                return False
        own = {_map(call.result, shape)}
        return self._written.get(root, own) == own and self._read.get(root, own) == own


def _map(slot: Slot, shape: tuple[int, ...]) -> Any:
    """Which number of its memory stands where, for one of `shape`."""
    seen = np.broadcast_to(slot.example, shape)
    return slot.example.__array_interface__["data"][0], seen.strides


def is_each(call: Call) -> bool:
    """True if each number of the result is computed by itself."""
    operation = call.operation
    return operation in (ASSIGN, cast, cast_whole, standardize) or isinstance(operation, Elementwise)


def values_read(call: Call) -> list[Any]:
    """The arguments that its value is computed from."""
    if call.operation is ASSIGN:
        return [call.arguments[1]]
    if call.operation is standardize:
        return list(call.arguments[1])
    return list(call.arguments)


def slots_read(call: Call) -> list[Slot]:
    """The arrays that its value is computed from."""
    return [x for x in values_read(call) if isinstance(x, Slot)]


def kind_of(call: Call, arguments: list[Any]) -> str:
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


def overlaps(call: Call) -> bool:
    """True for an assignment of another view of the same memory."""
    target, value = call.arguments
    shape = target.example.shape
    return isinstance(value, Slot) and value.root is target.root and _map(value, shape) != _map(target, shape)


def used_once(calls: list[Call], passing: set[Slot]) -> set[Slot]:
    """What is read once, by an expression that names it once, before anything is overwritten: it can be written there.

    Short integers cannot, as C widens them in an expression.
    """
    uses: dict[Slot, int] = {}
    writes = 0
    written: dict[Slot, int] = {}  # how much had been overwritten when it was computed
    for call in calls:
        line = c_line(call.operation, kind_of(call, values_read(call))) if is_elementwise(call) else ""
        names = re.findall(r"[a-z]\w*", line)
        for position, x in enumerate(values_read(call)):
            if isinstance(x, Slot):
                once = (
                    names.count(call.operation.input_names[position]) == 1
                    if line
                    else call.operation is ASSIGN
                )
                uses[x] = uses.get(x, 0) + (1 if once and written.get(x) == writes else 2)
        writes += call.operation is ASSIGN
        written[call.result] = writes
    return {slot for slot in passing if uses.get(slot) == 1 and slot.example.dtype.char not in "bBhH"}


def is_elementwise(call: Call) -> bool:
    """True for an operation of the tables that works on each number by itself."""
    return isinstance(call.operation, Elementwise)
