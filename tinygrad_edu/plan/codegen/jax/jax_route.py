"""Calls of one kind on JAX: their program, and the calls that run it without a look at what the step reaches."""

from __future__ import annotations

import warnings
from typing import Any
from weakref import WeakMethod

from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.versions import note_overwritten
from tinygrad_edu.plan.codegen.jax.device_inputs import DeviceInputs
from tinygrad_edu.plan.codegen.jax.device_program import DeviceProgram
from tinygrad_edu.plan.codegen.jax.jax_engine import JaxEngine
from tinygrad_edu.plan.codegen.jax.quick_call import Quick, Turn, never, quick_call
from tinygrad_edu.plan.codegen.jax.residents import result
from tinygrad_edu.plan.codegen.jax.xla_step import xla_step
from tinygrad_edu.plan.optimize import slots_in
from tinygrad_edu.plan.pytree import mapped
from tinygrad_edu.plan.recording import Slot
from tinygrad_edu.plan.route import Route
from tinygrad_edu.plan.verification import name_of

LOOK = 8  # each so manieth run looks at all that the step reaches


class JaxRoute(Route):
    """One kind of calls, run by XLA."""

    device: DeviceProgram | None = None
    at_once: Quick = staticmethod(never)

    def on(self, engine: JaxEngine) -> JaxRoute:
        """The same with its program compiled, if JAX can."""
        self._turn = Turn()
        step = xla_step(self.program, self._step, engine)
        if step is not None:
            self.device = DeviceProgram(step, self.program.recording, engine, self.rates)
            self.has_engine = True
            self.device.told = WeakMethod(self.looks_same)
        elif engine.processes > 1:
            raise RuntimeError(
                "jax_engine needs a step that JAX can run, as NumPy has the rows of one process only"
            )
        if engine.processes > 1:
            self._kinds = [_of_one_process(kind, engine.processes) for kind in self._kinds]
        slots = slots_in(self.returned)
        self._templates = [(slot.example, bool(self.needs_graph.get(slot))) for slot in slots]
        recording = self.program.recording
        shapes = [slot.example.shape for slot in recording.inputs]
        self.inputs = DeviceInputs(self._kinds, recording.positions, shapes, engine)
        if self.device is not None and self._is_usual():
            look = WeakMethod(self._has_looked)
            self.at_once = quick_call(look, self._turn, self.device, self.inputs, self._templates[0])
        return self

    def _is_usual(self) -> bool:
        """True for calls with arrays that return one Tensor, outside no_grad(), and draw no random numbers."""
        arrays = self._kinds and not self._nested and all(kind[2] is not None for kind in self._kinds)
        known = all(hasattr(group, "version") for _, group in self.rates)
        return bool(
            arrays and known and self._recording and self.alone and self.device and not self.device.draws
        )

    def call(self, inputs: tuple[Any, ...]) -> Any:
        """Run, mostly without a look at what the step reaches; None if something is another, or a check is due."""
        device = self.device
        if device is None or self._nested or not device.ready or not device.has_settings():
            return None
        modes = current()
        if modes.recording is not self._recording or modes.watchers or modes.follower is not None:
            return None
        arrays = self.inputs.entered(inputs)
        if arrays is None or not (self._turn.passed < self._turn.quick or self._has_looked()):
            return None
        self._turn.passed += 1
        return self._returned(device(arrays))

    def _has_looked(self) -> bool:
        """True if all that the step reaches is as it was, and no check is due."""
        self._turn.quick = self.checks.before(LOOK) if self.looks_same() else 0
        return self._turn.quick > 0

    def looks_same(self) -> bool:
        """True if all that the step reaches is as it was; a warning if calls since the last look may be wrong."""
        passed = self._turn.passed
        self._turn.quick = self._turn.passed = 0
        self.checks.skip(passed)
        same = self.reach.unchanged()
        if passed and not same:
            what = ", ".join(self.reach.changed()[:3])
            warnings.warn(
                f"capture(engine='jax') looks at what {name_of(self._step)} reaches before each eighth call only, and "
                f"{what} changed: up to {passed} calls may have been those of before; hand it in as an input",
                stacklevel=5,
            )
        return same

    def run(self, arrays: list[Any]) -> Any:
        """Run after a look."""
        device = self.device
        if device is None:
            return super().run(arrays)
        taken = not device.ready
        if not taken and not device.has_settings():
            device.read_settings()
        made = device(self.inputs.divided(arrays))
        if taken and self.overwritten:  # graphs of before; there are no new ones while nobody has the numbers
            note_overwritten(self.overwritten, self.site)
        self._turn.quick = self.checks.before(LOOK - 1)
        return self._returned(made)

    def _returned(self, made: tuple[Any, ...]) -> Any:
        if self.alone:
            return result(made[0], *self._templates[0])
        values = iter([result(x, *template) for x, template in zip(made, self._templates)])
        return mapped(lambda x: next(values) if isinstance(x, Slot) else x, self.returned)


def _of_one_process(kind: tuple[Any, ...], processes: int) -> tuple[Any, ...]:
    """The kind of an argument of which each process has equally many rows."""
    shape = kind[1]
    if kind[2] is None or not shape:
        return kind
    return (kind[0], (shape[0] // processes, *shape[1:]), *kind[2:])
