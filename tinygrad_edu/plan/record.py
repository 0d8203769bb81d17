"""A step as the list of calls it makes, noted while it runs."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinygrad_edu.engine import grad_mode
from tinygrad_edu.engine.call_site import current_call_site, line_of
from tinygrad_edu.engine.graph import ACCUMULATE, CREATE, READ
from tinygrad_edu.engine.hyperparameter import Hyperparameter
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.ops.index import take
from tinygrad_edu.plan.pytree import mapped
from tinygrad_edu.tensor.creation import DRAW, Draw
from tinygrad_edu.tensor.tensor import Tensor


@dataclass(eq=False)
class Slot:
    """A place for an array: an `input`, a `state` that outlives the step, a `constant`, or the `result` of a call."""

    kind: str
    example: np.ndarray  # as it was while the step was noted
    tensor: Tensor  # keeps its identity taken
    version: int = 0  # how often it has been overwritten
    view_of: Slot | None = None

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
        return self.kind == "state" and not any(x.flags.writeable for x in _memory(self.example))


def _memory(array: np.ndarray) -> Iterator[np.ndarray]:
    """The array, what it is a view of, and so on."""
    while True:
        yield array
        if not isinstance(array.base, np.ndarray):
            return
        array = array.base


@dataclass(eq=False)
class Call:
    """`operation(*arguments, **settings)`. Arguments are slots, numbers, and tuples of slots."""

    operation: Operation
    arguments: tuple[Any, ...]
    settings: dict[str, Any]
    result: Slot
    line: str
    versions: tuple[int, ...] = ()

    def slots(self) -> list[Slot]:
        """The slots among the arguments."""
        flat = [y for x in self.arguments for y in (x if isinstance(x, tuple) else (x,))]
        return [x for x in flat if isinstance(x, Slot)]


@dataclass
class Recording:
    """What one run of a step did."""

    inputs: list[Slot] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)  # of the inputs among the arguments of the step
    calls: list[Call] = field(default_factory=list)
    result: Any = None  # what the step returned, with slots for Tensors
    gradients: list[tuple[Tensor, Slot]] = field(default_factory=list)  # what it left in `.grad`
    cleared: list[Tensor] = field(default_factory=list)  # whose gradients it forgot

    def states(self) -> list[Tensor]:
        """The tensors from before the step that it used."""
        slots = dict.fromkeys(slot for call in self.calls for slot in (*call.slots(), call.result))
        return [x.tensor for x in slots if x.kind == "state" and not x.frozen]


class Recorder:
    """A watcher that turns what it sees into a `Recording`. `gradients`: those that an earlier run left."""

    def __init__(self, inputs: Sequence[Tensor], gradients: Sequence[Tensor] = ()) -> None:
        self._gradients = {id(g): g for g in gradients}
        self.recording = Recording([Slot("input", x.raw, x) for x in inputs])
        self._slots = {id(slot.tensor): slot for slot in self.recording.inputs}
        self._created: dict[int, tuple[Tensor, Any]] = {}
        self._owners: dict[int, Slot] = {}  # the first state met in some memory: others there are views of it

    def run(self, step: Callable[..., Any], arguments: Sequence[Any]) -> tuple[Any, Recording]:
        """Run the step; returns what it returned, and what it did."""
        self.recording.positions = [i for i, x in enumerate(arguments) if isinstance(x, Tensor)]
        with grad_mode.watch(self.note):
            returned = step(*arguments)
        self.recording.result = mapped(self._argument, returned)
        for slot in list(self._slots.values()):
            g = slot.tensor._grad
            if slot.kind == "state" and isinstance(g, Tensor) and id(g) in self._slots:
                self.recording.gradients.append((slot.tensor, self._slots[id(g)]))
        return returned, self.recording

    def note(
        self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any], result: Any
    ) -> None:
        """One operation, as `modes.watch` tells it."""
        if operation is CREATE:
            self._created[id(result)] = (result, inputs[0])
        elif operation is READ:
            raise RuntimeError(
                f"capture cannot follow a number read at {line_of(current_call_site())}: it would be the same for ever "
                "(item(), bool(), numpy(), if loss > 1); return the Tensor, and read it from what the plan returns, "
                "or for a step on Values, hand over lists"
            )
        elif operation is ACCUMULATE:
            if id(inputs[0].grad) in self._slots:  # this step's own: over small batches, say
                return
            raise RuntimeError(
                f"capture needs gradients that start anew in every step, but at {line_of(current_call_site())} one is "
                "added to that of an earlier step; call zero_grad() in the step"
            )
        elif operation is ASSIGN:
            target, value = inputs
            slot = self._slot(target)
            if id(slot.root.tensor) in self._gradients:
                raise RuntimeError(
                    f"capture cannot follow a gradient overwritten at {line_of(current_call_site())}, as "
                    "zero_grad(set_to_none=False) does: backward() puts another in its place; use zero_grad()"
                )
            if slot.root.kind == "constant":
                raise RuntimeError(
                    f"capture cannot overwrite, at {line_of(current_call_site())}, a tensor that the step makes from "
                    "numbers: it would not start anew; write x = x + y"
                )
            if slot.root.kind == "input":
                raise RuntimeError(
                    f"capture cannot overwrite, at {line_of(current_call_site())}, an input: the step is given copies, "
                    "so that the caller's tensor would stay as it is; write x = x + y, or name the tensor in the step"
                )
            if isinstance(value, np.ndarray):
                raise RuntimeError(
                    f"capture cannot know where the numbers written at {line_of(current_call_site())} come from; "
                    "write x[...] = y as where(...), and overwrite with a Tensor or a number"
                )
            self._add(operation, (slot, self._argument(value)), settings, slot)
            slot.root.version += 1
        elif operation is DRAW:
            self._slots[id(result)] = Slot("result", result.raw, result)
            self._add(operation, (), settings, self._slots[id(result)])
        else:
            self._operation(operation, inputs, settings, result)

    def _operation(
        self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any], result: Any
    ) -> None:
        arguments = tuple(self._argument(x) for x in inputs)
        if operation is take and any(x.kind != "state" and x.example.dtype == bool for x in arguments[1:]):
            raise RuntimeError(
                f"capture cannot follow x[mask] at {line_of(current_call_site())}: how many numbers that takes depends "
                "on the mask; keep the shape with where(mask, x, 0), and divide sums by mask.sum()"
            )
        if operation.common is not None:
            with grad_mode.no_grad():
                parts = operation.common(*inputs, **settings)
            arguments += (tuple(map(self._slot, parts)) if isinstance(parts, tuple) else self._slot(parts),)
        slot = Slot("result", result.raw, result)
        slot.view_of = next(
            (x for x in arguments if isinstance(x, Slot) and np.may_share_memory(result.raw, x.example)), None
        )
        self._slots[id(result)] = slot
        self._add(operation, arguments, settings, slot)

    def _add(
        self, operation: Operation, arguments: tuple[Any, ...], settings: dict[str, Any], result: Slot
    ) -> None:
        call = Call(operation, arguments, settings, result, line_of(current_call_site()))
        call.versions = tuple(slot.root.version for slot in call.slots())
        self.recording.calls.append(call)

    def _argument(self, x: Any) -> Any:
        return self._slot(x) if isinstance(x, Tensor) else x

    def _slot(self, x: Tensor) -> Slot:
        if id(x) not in self._slots:
            kind = "state"
            if id(x) in self._created:
                kind = "constant"
                if isinstance(
                    self._created[id(x)][1], np.ndarray | Tensor
                ):  # not if zeros() or the like made it
                    raise RuntimeError(
                        f"capture cannot know where the array used at {line_of(current_call_site())} comes from, "
                        f"shape {x.shape}; make it a Tensor before, or hand it to the plan as an input"
                    )
            slot = self._slots[id(x)] = Slot(kind, x.raw, x)
            *_, owner = _memory(x.raw)
            if kind == "state" and self._owners.setdefault(id(owner), slot) is not slot:
                slot.view_of = self._owners[id(owner)]
        return self._slots[id(x)]


def fingerprint(recording: Recording) -> list[Any]:
    """What two runs must share to be the same program: operations, where their inputs come from, settings, numbers."""
    numbers: dict[int, Any] = {}

    def name(x: Any) -> Any:
        if isinstance(x, tuple):
            return tuple(map(name, x))
        if isinstance(x, Slot):
            known: Any = id(x.tensor) if x.kind in ("state", "input") else None
            if x.kind == "constant":
                known = x.example.tobytes()
            return numbers.setdefault(id(x), (x.kind, known, len(numbers), x.example.shape, x.example.dtype))
        return "setting" if isinstance(x, Hyperparameter) else repr(x)

    calls = [
        (call.operation, *map(name, call.arguments), exact(call.settings), name(call.result))
        for call in recording.calls
    ]
    gradients: list[Any] = [(id(tensor), name(slot)) for tensor, slot in recording.gradients]
    gradients += [(id(tensor), None) for tensor in recording.cleared]
    return [*calls, gradients, repr(mapped(name, recording.result))]


def exact(setting: Any) -> Hashable:
    """A setting as what it has in common with an equal one."""
    if isinstance(setting, dict):
        return tuple((key, exact(value)) for key, value in sorted(setting.items()))
    if isinstance(setting, tuple):
        return tuple(map(exact, setting))
    if isinstance(setting, np.ndarray):
        return setting.shape, setting.dtype, setting.tobytes()
    if isinstance(setting, Draw):
        # The generator itself, kept alive, as the id of one that is gone may be used again.
        return setting.method, setting.given, setting.sizes, setting.dtype
    return repr(setting)
