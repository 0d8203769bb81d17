"""A plan as a graph: all that a replay computes, the gradients and the update included."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.node import Node
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.plan import Plan
from tinygrad_edu.plan.optimize import slots_in
from tinygrad_edu.plan.recording import Call, Slot
from tinygrad_edu.reading.names import Names
from tinygrad_edu.reading.nodes import nodes_in


class Planned(Node):
    """A place for an array in a plan, after the call that wrote it. Gradients are results like others here."""

    requires_grad = False

    def __init__(self, slot: Slot, name: str = "") -> None:
        self.raw: np.ndarray = slot.example
        self.tensor = slot.tensor  # which names and modules may know
        self.learned = slot.kind == "state" and slot.tensor.requires_grad
        self.remembered = slot.kind == "state" and not self.learned
        self.name = name or slot.tensor.name
        self.operation: Operation | None = None
        self.inputs: tuple[Any, ...] = ()
        self.settings: dict[str, Any] = {}
        self.serial = 0
        self.line = ""

    def raw_grad(self) -> None:
        """None: gradients are results of a plan."""

    def follows(self, call: Call, inputs: list[Any], serial: int) -> Planned:
        """Make this the result of `call`, computed from `inputs`; returns itself."""
        count = len(inputs) - (call.operation.common is not None)  # the last one is no input
        self.operation, self.inputs, self.serial = call.operation, tuple(inputs[:count]), serial
        self.settings, self.line = call.settings, call.line
        return self


def ends_of(plan: Plan) -> list[Planned]:
    """The places that a plan returns, leaves in `.grad` or overwrites. Raises `RuntimeError` without a program."""
    program = plan.program
    now: dict[Slot, Planned] = {}
    ends: list[Planned] = []

    def at(x: Any) -> Any:
        return now.setdefault(x, Planned(x)) if isinstance(x, Slot) else x

    for serial, call in enumerate(program.calls, 1):
        inputs = [at(x) for x in call.arguments]
        written = Planned(call.result).follows(call, inputs, serial)
        if call.operation is ASSIGN:
            ends.append(written)
        now[call.result] = written
    returned = [program.stands_for.get(slot, slot) for slot in slots_in(program.recording.result)]
    kept = [program.stands_for.get(slot, slot) for _, slot in program.recording.gradients]
    for (tensor, _), slot in zip(program.recording.gradients, kept, strict=True):
        name = f"{tensor.name}.grad" if tensor.name else ""
        at(slot).name = at(slot).name or name
    return [*map(at, dict.fromkeys([*returned, *kept])), *ends]


def name_buffers(ends: Iterable[Any], names: Names) -> None:
    """Put the name of a parameter before those of its buffers in a plan: `net.0.weight.exp_avg`.

    A buffer belongs to the parameter whose update it is computed for, if there is just one.
    """
    owners: dict[Any, set[str]] = {}
    planned = [x for x in ends if isinstance(x, Planned)]
    for end in planned:
        if end.operation is ASSIGN and end.inputs[0].learned:
            for node in _behind(end):
                if node.remembered and node.name:
                    owners.setdefault(node.tensor, set()).add(names.find(end.inputs[0]))
    for node in _behind(*planned):
        owner, *others = owners.get(node.tensor, [""])
        if owner and not others:
            node.name = f"{owner}.{node.tensor.name}"


def _behind(*ends: Planned) -> set[Any]:
    """The `ends` and everything that they were computed from."""
    return {node for x in newest_first(*ends) for node in (x, *nodes_in(x))}
