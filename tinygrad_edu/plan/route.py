"""A kind of calls of a pure plan: their program, and what must be the same for it to be run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.interrupts import uninterrupted
from tinygrad_edu.engine.versions import note_overwritten
from tinygrad_edu.plan.codegen.c.engine import c_run
from tinygrad_edu.plan.follow.ending import Ending
from tinygrad_edu.plan.follow.graphless import GONE, LEAF, Walked
from tinygrad_edu.plan.optimize import slots_in
from tinygrad_edu.plan.program import Program
from tinygrad_edu.plan.pure_recording import pure_recording
from tinygrad_edu.plan.pytree import flat, leaves, mapped, structure
from tinygrad_edu.plan.reach import Reach
from tinygrad_edu.plan.recording import Slot
from tinygrad_edu.plan.verification import Schedule
from tinygrad_edu.plan.watched_places import same
from tinygrad_edu.tensor.tensor import Tensor, around


class Route:
    """One kind of calls: their program, and what must be the same for it to be run."""

    def __init__(
        self,
        step: Callable[..., Any],
        ending: Ending,
        inputs: tuple[Any, ...],
        named: dict[str, Any],
        returned: Any,
        engine: str,
        check: str,
    ) -> None:
        self.ending = ending
        self.program = Program(pure_recording(ending), copies=True)
        compiled = c_run(self.program, step) if engine == "c" else None
        self.has_engine = compiled is not None
        self._run = compiled or self.program.run
        self._structure = structure(inputs, named)
        self._nested = not isinstance(self._structure, int)
        self._recording = current().recording
        self._kinds = [_kind(x) for x in flat(inputs, named)]
        self._step = step
        self._objects = [x for x in flat(inputs, named) if not isinstance(x, Tensor | np.ndarray)]
        self.returned = _handed_back(self.program.recording.result, returned)
        self.needs_graph = {
            slot: ending.infos[old].requires_grad
            for old, slot in zip(slots_in(ending.returned), slots_in(self.returned), strict=True)
            if old in ending.infos
        }
        self.reach = self._reached()
        self.alone = isinstance(self.returned, Slot)  # the loss, as nearly always
        self.overwritten, self.site = ending.overwritten, ending.site
        self.checks = Schedule(check)
        self.rates = [
            (shadow, group) for e in ending.updates for group in e.groups for shadow in [e.shadows[id(group)]]
        ]

    def _reached(self) -> Reach:
        reach = Reach(self._step, *self._objects)
        for x, _ in self.ending.memory:
            reach.attribute(x, "raw", "requires_grad", "hooks", "grad_hooks")
        for e in self.ending.updates:
            reach.attribute(e.optimizer, "param_groups", "_hooks")
            reach.contents(e.optimizer.param_groups)
            for group in e.groups:
                reach.also(group, [key for key in group if key != "lr" or isinstance(group[key], Tensor)])
                reach.contents(group["params"])
            for p, memory in e.memories.items():
                reach.also(e.optimizer.state, [p])
                reach.contents(memory)
        updated = [e.optimizer for e in self.ending.updates]
        for optimizer in reach.optimizers:
            if optimizer not in updated:  # the step's own Python reads what it reads of it
                for group in optimizer.param_groups:
                    reach.contents(group)
        for leaf in self.ending.uncleared():
            reach.attribute(leaf, "_grad")
        return reach

    def renew(self) -> None:
        """Take what the step reaches now for what it shall be."""
        self.reach = self._reached()

    def arrays(self, inputs: tuple[Any, ...], named: dict[str, Any]) -> list[Any] | None:
        """The arguments as arrays, if the call is of this kind."""
        modes = current()
        if modes.recording is not self._recording or modes.watchers:
            return None
        if self._nested:
            if structure(inputs, named) != self._structure:
                return None
            inputs = tuple(flat(inputs, named))
        elif named or len(inputs) != len(self._kinds):
            return None
        found = []
        for x, (kind, shape, dtype, strides, required) in zip(inputs, self._kinds):
            if x.__class__ is not kind:
                return None
            array: Any = x
            if required is not None:
                array = x.raw
                if x.requires_grad is not required:
                    return None
            elif dtype is None:  # no array: `shape` is what it was
                if not same(x, shape):
                    return None
                found.append(x)
                continue
            if array.shape != shape or array.dtype != dtype or array.strides != strides:
                return None
            found.append(array)
        return found

    def run(self, arrays: list[Any]) -> Any:
        """Replay."""
        return self._replayed(self._run, arrays)

    def run_on_numpy(self, arrays: list[Any]) -> Any:
        """Replay without the engine."""
        return self._replayed(self.program.run, arrays)

    def _replayed(self, run: Callable[[list[Any]], Any], arrays: list[Any]) -> Any:
        for shadow, group in self.rates:
            shadow["lr"] = group["lr"]
        if self.overwritten:
            with uninterrupted():
                results = run(arrays)
                note_overwritten(self.overwritten, self.site)
        else:
            results = run(arrays)
        if self.alone:
            return self._result(self.returned, results[0])
        values = iter(results)
        return mapped(lambda x: self._result(x, next(values)) if isinstance(x, Slot) else x, self.returned)

    def _result(self, slot: Slot, array: Any) -> Tensor:
        x = around(array)
        if self.needs_graph.get(slot):
            x.__dict__.update(requires_grad=True, operation=GONE, _first=LEAF)
            x.__class__ = Walked
        return x


def _kind(x: Any) -> tuple[Any, ...]:
    if isinstance(x, Tensor):
        return (x.__class__, x.raw.shape, x.raw.dtype, x.raw.strides, x.requires_grad)
    if isinstance(x, np.ndarray):
        return (x.__class__, x.shape, x.dtype, x.strides, None)
    return (x.__class__, x, None, None, None)


def _handed_back(tree: Any, returned: Any) -> Any:
    """`tree`, slots among what was returned once, with what else another call of the same kind returned."""
    now = iter(leaves(returned))
    return mapped(lambda x: (x, next(now))[not isinstance(x, Slot)], tree)
