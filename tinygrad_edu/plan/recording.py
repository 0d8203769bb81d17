"""A recorded step: the list of calls it makes, on slots for arrays; and what two equal recordings have in common."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinygrad_edu.engine.call_site import CallSite, line_of
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.plan.pytree import leaves
from tinygrad_edu.tensor.draws import Draw
from tinygrad_edu.tensor.tensor import Tensor


@dataclass(eq=False)
class Slot:
    """A place for an array: an `input`, a `state` that outlives the step, a `constant`, or the `result` of a call."""

    kind: str
    example: np.ndarray  # as it was while the step was noted
    tensor: Tensor  # keeps its identity taken
    version: int = 0  # how often it has been overwritten
    view_of: Slot | None = None
    place: np.ndarray | None = None  # of an input: where its numbers are put
    made: int | None = None  # of an input that the step makes: its number among these

    @property
    def root(self) -> Slot:
        """The slot whose memory this one is a view of, or itself."""
        slot = self
        while slot.view_of is not None:
            slot = slot.view_of
        return slot

    @property
    def frozen(self) -> bool:
        """Whether it is a state that nobody can overwrite: not only read-only itself, as what is expanded is, too."""
        return self.kind == "state" and not any(x.flags.writeable for x in memory_of(self.example))


def memory_of(array: np.ndarray) -> Iterator[np.ndarray]:
    """The array, what it is a view of, and so on."""
    while True:
        yield array
        if not isinstance(array.base, np.ndarray):
            return
        array = array.base


def result_slot(x: Tensor, arguments: tuple[Any, ...]) -> Slot:
    """The slot of a result: perhaps a view of one of the arguments of its call."""
    slots = (slot for slot in arguments if isinstance(slot, Slot))
    whole = next((slot for slot in slots if np.may_share_memory(x.raw, slot.example)), None)
    return Slot("result", x.raw, x, view_of=whole)


@dataclass(eq=False)
class Call:
    """`operation(*arguments, **settings)`. Arguments are slots, numbers, and tuples of slots."""

    operation: Operation
    arguments: tuple[Any, ...]
    settings: dict[str, Any]
    result: Slot
    site: CallSite | str | None = None  # of what the user wrote, if he did; of a saved plan the line itself
    versions: tuple[int, ...] = ()

    @property
    def line(self) -> str:
        """The line of the user's program, or ""."""
        return self.site or "" if not isinstance(self.site, tuple) else line_of(self.site)

    def slots(self) -> list[Slot]:
        """The slots among the arguments."""
        found = []
        for x in self.arguments:
            if x.__class__ is Slot:
                found.append(x)
            elif x.__class__ is tuple:
                found += [y for y in x if y.__class__ is Slot]
        return found

    def takes_out(self) -> bool:
        """Whether it can write into a given array: a ufunc, or a function with `out` among inputs of one dtype."""
        if isinstance(self.operation.forward, np.ufunc):
            return True
        alike = all(slot.example.dtype == self.result.example.dtype for slot in self.slots())
        return alike and _has_out(self.operation.forward)


@functools.cache
def _has_out(function: Callable[..., Any]) -> bool:
    return "out" in inspect.signature(function).parameters


@dataclass
class Recording:
    """What one run of a step did."""

    inputs: list[Slot] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)  # of the inputs among the arguments of the step
    calls: list[Call] = field(default_factory=list)
    result: Any = None  # what the step returned, with slots for Tensors
    gradients: list[tuple[Tensor, Slot]] = field(default_factory=list)  # what it left in `.grad`
    cleared: list[Tensor] = field(default_factory=list)  # whose gradients it forgot
    promised: list[tuple[Tensor, Any, Slot]] = field(default_factory=list)  # to be left where `.grad` is this

    def results(self) -> list[Slot]:
        """What is still needed after the last call."""
        left = [slot for _, slot in self.gradients] + [slot for *_, slot in self.promised]
        return [x for x in leaves(self.result) if isinstance(x, Slot)] + left

    def states(self) -> list[Tensor]:
        """The tensors from before the step that it used."""
        slots = dict.fromkeys(slot for call in self.calls for slot in (*call.slots(), call.result))
        return [x.tensor for x in slots if x.kind == "state" and not x.frozen]


_PLAIN = (bool, int, float, complex, str, bytes, type(None), type(...), slice, range, np.generic, np.dtype)


def exact(setting: Any) -> Hashable:
    """A setting as what it has in common with an equal one; of an object that is no plain value, its identity."""
    if isinstance(setting, dict):
        return tuple((key, exact(value)) for key, value in sorted(setting.items()))
    if isinstance(setting, tuple | list):
        return tuple(map(exact, setting))
    if isinstance(setting, np.ndarray):
        return setting.shape, setting.dtype, setting.tobytes()
    if isinstance(setting, Draw):
        # The generator itself, kept alive, as the id of one that is gone may be used again.
        return setting.sampler, setting.given, exact(setting.settings)
    return repr(setting) if isinstance(setting, _PLAIN) else id(setting)


_NEVER_RAISE = frozenset({
    "linear", "matmul", "column_sums", "sum", "amax", "amin", "reshape", "permute", "expand", "cross_entropy", "cast",
    "assign", "detach", "one_hot", "mean",
})  # fmt: skip


def may_raise(call: Call) -> bool:
    """True if numbers may be such that a call raises an error where it did not when it was recorded."""
    return not isinstance(call.operation, Elementwise) and call.operation.name not in _NEVER_RAISE
