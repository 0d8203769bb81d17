"""The recorder: notes the calls that a step makes while it runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine import grad_mode
from tinygrad_edu.engine.call_site import current_call_site, line_of
from tinygrad_edu.engine.graph import ACCUMULATE, CREATE, READ
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.ops.index import take
from tinygrad_edu.ops.shape import cast
from tinygrad_edu.plan.pytree import mapped
from tinygrad_edu.plan.recording import Call, Recording, Slot, memory_of
from tinygrad_edu.tensor.draws import DRAW, SEED
from tinygrad_edu.tensor.tensor import Tensor, around


class Recorder:
    """A watcher that turns what it sees into a `Recording`. `gradients`: those that an earlier run left."""

    def __init__(self, inputs: Sequence[Tensor], gradients: Sequence[Tensor] = ()) -> None:
        self._gradients = {id(g): g for g in gradients}
        self.recording = Recording([Slot("input", x.raw, x) for x in inputs])
        self._slots = {id(slot.tensor): slot for slot in self.recording.inputs}
        self._created: dict[int, tuple[Tensor, Any, np.ndarray]] = {}
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
        """One operation, as `grad_mode.watch` tells it."""
        if operation is CREATE:
            self._created[id(result)] = (result, inputs[0], result.raw.copy())
        elif operation is READ:
            raise _refused(
                "follow a number read {}: it would be the same for ever (item(), bool(), numpy(), if loss > 1); return "
                "the Tensor, and read it from what the plan returns, or for a step on Values, hand over lists"
            )
        elif operation is ACCUMULATE:
            if id(inputs[0].grad) in self._slots:  # this step's own: over small batches, say
                return
            raise RuntimeError(
                f"capture needs gradients that start anew in every step, but at {line_of(current_call_site())} one is "
                "added to that of an earlier step; call zero_grad() in the step"
            )
        elif operation is ASSIGN:
            self._assign(inputs[0], inputs[1], settings)
        elif operation is DRAW:
            self._slots[id(result)] = Slot("result", result.raw, result)
            self._add(operation, tuple(map(self._argument, inputs)), settings, self._slots[id(result)])
        elif operation is SEED:
            raise _refused(
                "follow manual_seed in the step, {}, which would draw the same in every run; call it before"
            )
        else:
            self._operation(operation, inputs, settings, result)

    def _assign(self, target: Tensor, value: Any, settings: dict[str, Any]) -> None:
        slot = self._slot(target)
        if id(slot.root.tensor) in self._gradients:
            raise _refused(
                "follow a gradient overwritten {}, as zero_grad(set_to_none=False) does: backward() puts another in "
                "its place; use zero_grad()"
            )
        if slot.root.kind == "constant":
            self._start_anew(slot.root)
        if slot.root.kind == "input":
            raise _refused(
                "overwrite, {}, an input: the step is given copies, so that the caller's tensor would stay as it is; "
                "write x = x + y, or name the tensor in the step"
            )
        if isinstance(value, np.ndarray):
            raise _refused(
                "know where the numbers written {} come from; write x[...] = y as where(...), and overwrite with a "
                "Tensor or a number"
            )
        self._add(ASSIGN, (slot, self._argument(value)), settings, slot)
        slot.root.version += 1

    def _start_anew(self, slot: Slot) -> None:
        """Let every run work on a copy of what the step makes from numbers, and then overwrites."""
        numbers = self._created[id(slot.tensor)][2]
        slot.kind = "result"
        copy = Call(
            cast, (Slot("constant", numbers, around(numbers)),), {"dtype": numbers.dtype}, slot, "", (0,)
        )
        calls = self.recording.calls
        first = next(
            (i for i, call in enumerate(calls) if any(x.root is slot for x in (*call.slots(), call.result))),
            len(calls),
        )
        calls.insert(first, copy)

    def _operation(
        self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any], result: Any
    ) -> None:
        arguments = tuple(self._argument(x) for x in inputs)
        if operation is take and any(x.kind != "state" and x.example.dtype == bool for x in arguments[1:]):
            raise _refused(
                "follow x[mask] {}: how many numbers that takes depends on the mask; keep the shape with "
                "where(mask, x, 0), and divide sums by mask.sum()"
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
            *_, owner = memory_of(x.raw)
            if kind == "state" and self._owners.setdefault(id(owner), slot) is not slot:
                slot.view_of = self._owners[id(owner)]
        return self._slots[id(x)]


def _refused(what: str) -> RuntimeError:
    """The error of a step that no plan can follow, with the line that is running in place of `{}`."""
    return RuntimeError(f"capture cannot {what.format(f'at {line_of(current_call_site())}')}")
