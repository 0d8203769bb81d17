"""The shortest way to a run: one function written for calls of one kind, as each Python call costs a tenth of a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakMethod

from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.plan.codegen.jax.device_inputs import DeviceInputs
from tinygrad_edu.plan.codegen.jax.device_program import DeviceProgram
from tinygrad_edu.plan.codegen.jax.residents import Result
from tinygrad_edu.plan.compiled import compiled
from tinygrad_edu.plan.follow.graphless import GONE, LEAF

Quick = Callable[[tuple[Any, ...]], Any]


def never(_inputs: tuple[Any, ...]) -> None:
    """Leave every call to the long way."""


class Turn:
    """Runs between two looks at what the step reaches: how many there may be, and how many there were."""

    __slots__ = ("passed", "quick")

    def __init__(self) -> None:
        self.quick = self.passed = 0


def quick_call(
    look: WeakMethod[Any], turn: Turn, device: DeviceProgram, inputs: DeviceInputs, template: tuple[Any, bool]
) -> Quick:
    """A function of the arguments that runs the program and returns its one result; None where more has to be asked.

    For calls whose Tensors are all on the device already; `look` is asked from time to time.
    """
    count = len(inputs.kept)
    names = [f"x{i}" for i in range(count)]
    groups = [group for _, group in device.rates]
    same = [f"{name} is not kept[{i}]" for i, name in enumerate(names)]
    same += [f"g{i}.version != device.versions[{i}]" for i in range(len(groups))]
    given = "".join(f", arrays[{i}]" for i in inputs.positions)
    graph = ', "requires_grad": True, "operation": GONE, "_first": LEAF' if template[1] else ""
    # current()[0]: blocks such as no_grad(), or a plan around this one
    text = f"""
def quick(inputs):
    if not device.ready or len(inputs) != {count} or current()[0]:
        return None
    {", ".join(names)}, = inputs
    if {" or ".join(same)}:
        return None
    if turn.passed == turn.quick and not look()():
        return None
    turn.passed += 1
    made = run(*device.moving, *device.still{given})
    device.moving = made[1:]
    x = new(Result)
    x.__dict__ = {{"device": made[0], "example": example{graph}}}
    return x
"""
    scope = {
        "look": look, "turn": turn, "device": device, "kept": inputs.kept, "arrays": inputs.arrays, "current": current,
        "run": device.compiled, "Result": Result, "new": object.__new__, "example": template[0],
        "GONE": GONE, "LEAF": LEAF,
    }  # fmt: skip
    return compiled("quick", text, {**scope, **{f"g{i}": group for i, group in enumerate(groups)}})
