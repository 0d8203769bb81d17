"""The memory of a program in C: what `step` is handed, what it keeps to itself, and where each slot stands in it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinygrad_edu.engine.hyperparameter import Hyperparameter
from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.plan.codegen.c.access import C_TYPES, Access, dense, literal
from tinygrad_edu.plan.codegen.c.elementwise_kernels import HELPERS, MATH
from tinygrad_edu.plan.codegen.c.line_writer import COUNTERS, RESERVED
from tinygrad_edu.plan.codegen.state_names import state_names
from tinygrad_edu.plan.optimize import resolved, slots_in
from tinygrad_edu.plan.program import Program
from tinygrad_edu.plan.recording import Call, Slot
from tinygrad_edu.tensor.draws import DRAW
from tinygrad_edu.tensor.tensor import around
from tinygrad_edu.text.identifiers import free_name

_SHORT = 32  # numbers of a constant that is written into the file; longer ones are handed over


@dataclass(frozen=True)
class Argument:
    """An array that `step` is handed: an `input`, a `state`, a `constant`, a `draw`, a `gradient` or a `result`."""

    role: str
    name: str
    slot: Slot
    about: str = ""  # the path of a state
    written: bool = False  # by the step
    copied: bool = False  # whether it is filled at the end, row by row

    @property
    def c_type(self) -> str:
        """The type of its numbers."""
        return C_TYPES[self.slot.example.dtype.name]

    @property
    def size(self) -> int:
        """How many numbers it has."""
        return int(self.slot.example.size)


class Layout:
    """Where everything stands. `arguments` and `settings` are what `step` is handed, in order."""

    def __init__(self, program: Program, step: Callable[..., Any], inputs: list[str]) -> None:
        self._program = program
        self._overwritten = overwritten(program)
        self._paths = state_names(step)
        self._taken = {*RESERVED, *COUNTERS, *HELPERS, *MATH, *(f"{name}f" for name in MATH)}
        self.arguments: dict[Any, Argument] = {}
        self.settings: dict[str, Hyperparameter] = {}
        self.constants: set[str] = (
            set()
        )  # the names of arrays whose numbers are known while the file is written
        self.statics: list[str] = []  # declarations of the step's own memory
        self.copies: list[tuple[Argument, Slot]] = []  # what is copied out at the end
        self._places: dict[
            Slot, tuple[str, str]
        ] = {}  # of each root: its name, or the text of its only number
        self.undeclared: dict[str, str] = {}  # single numbers, which are declared where they are computed
        recording = program.recording
        for name, slot in zip(inputs, recording.inputs):
            self._hand_over("input", slot, name)
        for call in program.calls:
            if call.operation is DRAW:
                self._hand_over("draw", call.result, "draw")
                continue
            for slot in (*call.slots(), call.result):
                self._find(slot.root)
        for tensor, slot in recording.gradients:
            self._hand_out("gradient", slot, f"grad_{self.name_of(tensor)}")
        for slot in slots_in(recording.result):
            self._hand_out("result", slot, slot.tensor.name or "loss")

    def resolved(self, slot: Slot) -> Slot:
        """The slot that stands for `slot`."""
        return resolved(slot, self._program.stands_for)

    def path(self, slot: Slot) -> str:
        """The path of a parameter, "" of what is none."""
        return self._paths.get(id(slot.root.tensor), "")

    def name_of(self, tensor: Any) -> str:
        """The path of a parameter, or what a tensor calls itself."""
        return self._paths.get(id(tensor)) or tensor.name or "state"

    def _free(self, wish: str) -> str:
        return free_name(wish.encode("ascii", "ignore").decode() or "v", self._taken)

    def _find(self, root: Slot) -> None:
        """A place for what is no result of a call."""
        if root in self._places or root.kind == "result":
            return
        example = root.example
        if root.kind == "state" and not root.frozen:
            path = self.name_of(root.tensor)
            self._hand_over("state", root, path, path)
        elif example.size and (example == example.flat[0]).all() and len(set(np.signbit(example).flat)) == 1:
            self._places[root] = "", literal(example.flat[0], c_type_of(example))
        elif 0 < example.size <= _SHORT:
            name = self._free("constant")
            numbers = ", ".join(literal(x, c_type_of(example)) for x in example.ravel(order="K"))
            self.statics.append(f"static const {c_type_of(example)} {name}[] = {{{numbers}}};")
            self._places[root] = name, ""
            self.constants.add(name)
        else:
            self.constants.add(self._hand_over("constant", root, "constant").name)

    def constant(self, array: np.ndarray) -> Slot:
        """A slot for numbers that a kernel needs."""
        slot = Slot("constant", array, around(array))
        self._find(slot)
        return slot

    def scratch(self, x: Access) -> Access:
        """Memory for a copy of `x`, row by row."""
        name = self._free("copy")
        self.statics.append(f"static {x.c_type} {name}[{max(1, math.prod(x.shape))}]; /* {x.shape} */")
        return Access(name, x.shape, dense(x.shape), x.c_type)

    def _hand_over(self, role: str, slot: Slot, wish: str, about: str = "") -> Argument:
        c_type_of(slot.example)
        written = role in ("gradient", "result") or slot in self._overwritten
        argument = Argument(role, self._free(wish), slot, about, written)
        self.arguments[role, slot] = argument
        self._places[slot] = argument.name, ""
        return argument

    def _hand_out(self, role: str, slot: Slot, wish: str) -> None:
        """Let the caller have what stands in `slot` at the end: right where it is computed, or copied there."""
        whole = self.resolved(slot)
        direct = whole.kind == "result" and whole.view_of is None and whole not in self._places
        if direct and whole.example.size > 1 and is_compact(whole.example):
            self._hand_over(role, whole, wish)
            return
        c_type_of(whole.example)
        argument = Argument(role, self._free(wish), whole, written=True, copied=True)
        number = len(self.arguments)
        self.arguments[role, whole, number] = argument
        self.copies.append((argument, whole))

    def place(self, call: Call) -> None:
        """Memory for the result of `call`, if there is none yet."""
        slot = call.result
        if slot in self._places or slot.view_of is not None:
            return
        example, name = slot.example, self._free(slot.tensor.name or call.operation.name)
        c_type = c_type_of(example)
        if example.size == 1:
            self._places[slot] = "", name
            self.undeclared[name] = c_type
        else:
            self._places[slot] = name, ""
            self.statics.append(f"static {c_type} {name}[{max(1, example.size)}]; /* {example.shape} */")

    def local(self, slot: Slot, name: str) -> None:
        """Let a variable of a loop hold the number of `slot`."""
        self._places[slot] = "", name

    def local_name(self, call: Call) -> str:
        """A free name for such a variable."""
        return self._free(call.result.tensor.name or call.operation.name)

    def access(self, slot: Slot) -> Access:
        """Where the numbers of `slot` stand."""
        root, array = slot.root, slot.example
        name, text = self._places[root]
        c_type = c_type_of(array)
        if text:
            return Access("", array.shape, (0,) * array.ndim, c_type, text=text)
        if slot is root and not is_compact(array) and root.kind != "state":
            return Access(name, array.shape, dense(array.shape), c_type)
        size = array.itemsize
        distance = _distance(array, root.example) if array.size else 0
        if (
            array.dtype != root.example.dtype
            or distance % size
            or (slot is not root and not self._has_views(root))
        ):
            raise RuntimeError(f"source('c') cannot read a view of {root.example.dtype} as {array.dtype}")
        return Access(
            name, array.shape, tuple(step // size for step in array.strides), c_type, distance // size
        )

    def _has_views(self, root: Slot) -> bool:
        return root.kind == "state" or is_compact(root.example)

    def setting(self, x: Hyperparameter) -> str:
        """The name of a setting: `lr`, and `lr_1` of the next parameter group."""
        for name, known in self.settings.items():
            if known.owner is x.owner and known.place == x.place:
                return name
        name = self._free(x.name)
        self.settings[name] = x
        return name


def c_type_of(array: np.ndarray) -> str:
    """The C type of its numbers."""
    if array.dtype.name not in C_TYPES:
        raise RuntimeError(f"source('c') has no type for {array.dtype}; use x.double() or x.float()")
    if array.size >= 2**31:
        raise RuntimeError(f"source('c') counts with int, but an array has {array.size} numbers")
    return C_TYPES[array.dtype.name]


def is_compact(array: np.ndarray) -> bool:
    """True if its numbers stand without gaps, in whichever order of dimensions."""
    order = sorted(range(array.ndim), key=lambda d: -array.strides[d])
    return array.transpose(order).flags.c_contiguous


def _distance(part: np.ndarray, whole: np.ndarray) -> int:
    """How many bytes behind `whole` its view begins, or that of an array like `whole`, for which it stands."""
    if not np.may_share_memory(part, whole):
        return (_address(part) - _address(_owner(part))) - (_address(whole) - _address(_owner(whole)))
    return _address(part) - _address(whole)


def _owner(array: Any) -> np.ndarray:
    """The array whose memory it is."""
    owner, base = array, array.base
    while base is not None:  # also through what as_strided has put between
        owner, base = base if isinstance(base, np.ndarray) else owner, getattr(base, "base", None)
    return owner


def _address(array: np.ndarray) -> int:
    return int(array.__array_interface__["data"][0])


def overwritten(program: Program) -> set[Slot]:
    """The memory that an assignment writes to."""
    return {call.result.root for call in program.calls if call.operation is ASSIGN}
