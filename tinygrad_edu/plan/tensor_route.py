"""One kind of inputs of a step on Tensors: their fixed places, and the program once it is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.versions import ASSIGN, note_overwritten
from tinygrad_edu.nn import Module
from tinygrad_edu.optim import Optimizer
from tinygrad_edu.optim.settings import fixed_part, may_change
from tinygrad_edu.plan.codegen.c.engine import c_run
from tinygrad_edu.plan.guards.call_profile import FirstLook, OnValues
from tinygrad_edu.plan.guards.compiled_guards import quickly
from tinygrad_edu.plan.guards.identity import is_plain
from tinygrad_edu.plan.guards.optimizer_contents import Contents
from tinygrad_edu.plan.guards.side_effects import Unseen
from tinygrad_edu.plan.guards.surrounding_names import Key, Surroundings
from tinygrad_edu.plan.program import Program
from tinygrad_edu.plan.pytree import leaves, mapped
from tinygrad_edu.plan.record import Recorder
from tinygrad_edu.plan.recording import Recording, Slot, fingerprint
from tinygrad_edu.plan.tensor_inputs import Inputs
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.tensor import Tensor, around

# The inputs as arrays, if they and the surroundings of the step are of a route's kind.
Given = Callable[[tuple[Any, ...]], Sequence[Any] | None]

PATIENCE = 5  # so many runs may differ before it is an error


class TensorRoute:
    """Runs the step as written, watched, until two runs were the same; from then on runs the program."""

    given: Given

    def __init__(self, step: Callable[..., Any], inputs: tuple[Any, ...], engine: str = "numpy") -> None:
        self._step, self._inputs, self._engine = step, Inputs(inputs), engine
        self.surroundings = Surroundings(step, self._inputs.fixed)
        self._last: list[Any] | None = None
        self._met: list[Tensor] = []  # states of the last run: nothing else can take their ids
        self._runs = 0
        self._left: dict[Key, Any] = {}  # plain numbers around the step that it changes
        self._never_cleared: list[Tensor] = []  # met only without a gradient: would the step add to one?
        self._states: list[tuple[Tensor, np.ndarray]] = []  # and the memory that the program works on
        self._groups: list[tuple[dict[str, Any], str, Any]] = []  # settings of optimizers, and what they were
        self._scheduled: list[tuple[dict[str, Any], str, Any]] = []
        self._optimizers: list[Optimizer] = []  # that took a step in the last run
        self._contents = Contents()  # what the optimizers move and remember, and hooks
        self.program: Program | None = None
        self.given = self._carefully

    def _carefully(self, inputs: tuple[Any, ...]) -> list[Any] | None:
        arrays = self._inputs.arrays(inputs)
        if arrays is None or not self._contents.unchanged() or not self.surroundings.unchanged():
            return None
        self._check_states()
        return arrays

    def __call__(self, arrays: Sequence[Any]) -> Any:
        unsure = self._never_cleared and any(x._grad is not None for x in self._never_cleared)
        if self.program is None or unsure:
            return self._watched(arrays)
        values = self.program.run(arrays)
        note_overwritten(self._assigned, self._where)
        if self._left:
            self.surroundings.restore(self._left)
        if isinstance(self._tree, Slot):  # the loss alone, as nearly always
            return around(np.array(values[0]))
        arrays_out = iter(values)
        return mapped(lambda x: around(np.array(next(arrays_out))) if isinstance(x, Slot) else x, self._tree)

    def __repr__(self) -> str:
        return f"{len(self.program.calls) if self.program else 0} calls"

    def _watched(self, arrays: Sequence[Any]) -> Any:
        self._inputs.enter(arrays)
        gradients = [x._grad for x in self._met if isinstance(x._grad, Tensor)]
        recorder = Recorder(self._inputs.tensors(), gradients)
        unseen = Unseen(self.surroundings)
        cleared = {x for x in self._met if x._grad is not None}
        with FirstLook() as look:
            returned, recording = recorder.run(self._step, self._inputs.arguments)
        if any(isinstance(x, Value) for x in leaves(returned)):
            raise OnValues
        if self._runs:  # in the first one it may still prepare something
            unseen.check(recording)
        self._note_changes()
        self.surroundings.add(look.called, recording.states(), look.frames.values())
        leaves_met = self._never_cleared if self.program else recording.states()
        self._never_cleared = [x for x in leaves_met if x.requires_grad and x not in cleared]
        recording.cleared = look.cleared()
        self._optimizers = [x for x in look.called if isinstance(x, Optimizer)]
        self._compare(recording)
        used = [*look.called, *(thing for _, thing in self.surroundings.things())]
        self._contents = Contents(
            dict.fromkeys(x for x in used if isinstance(x, Optimizer)),
            dict.fromkeys(x for x in (*used, *recording.states()) if isinstance(x, Module | Tensor)),
        )
        if self.program is not None:
            self.given = self._quickly()
        return mapped(_copied, returned)

    def _note_changes(self) -> None:
        self._left = self.surroundings.changes()
        if not self._runs:
            self._left = self.surroundings.accept(self._left)
        for name, value in self.surroundings.named(self._left).items():
            if not is_plain(value):
                raise RuntimeError(
                    f"capture cannot follow a step that puts another {type(value).__name__} in the place of {name}; "
                    "return it, or overwrite it in place"
                )

    def _compare(self, recording: Recording) -> None:
        self._runs += 1
        this = [*fingerprint(recording), repr(self._left)]
        if this == self._last:
            self._settle(recording)
        elif self._runs >= PATIENCE:
            raise RuntimeError(
                f"capture needs a step that does the same every time, but {self._difference(this)}"
            )
        self._last, self._met = this, recording.states()

    def _difference(self, this: list[Any]) -> str:
        last = self._last or []
        if len(this) == len(last) and this[:-3] == last[:-3]:
            return "what it returns, or leaves in gradients or numbers around it, is another in every run"
        number = next((i for i, (a, b) in enumerate(zip(this, last)) if a != b), min(len(this), len(last)))
        return f"operation {number + 1} of {len(this)} is another one in every run"

    def _settle(self, recording: Recording) -> None:
        self.program = program = Program(recording)
        if self._engine == "c":
            program.run = c_run(program, self._step) or program.run
        slots = {slot for call in program.calls for slot in (*call.slots(), call.result)}
        self._states = [(slot.tensor, slot.tensor.raw) for slot in slots if slot.kind == "state"]
        written = [call.result for call in program.calls if call.operation is ASSIGN]
        touched = [slot for result in written for slot in (result.root, result) if slot.kind == "state"]
        self._assigned = list(dict.fromkeys(slot.tensor for slot in touched))
        self._where = self._assigned[0].shared_memory().call_site if self._assigned else None
        groups = [group for optimizer in self._optimizers for group in optimizer.param_groups]
        self._groups = [
            (group, key, group[key])
            for group in groups
            for key in group
            if key not in ("lr", "params") and not may_change(group, key)
        ]
        self._scheduled = [
            (group, key, fixed_part(group, key))
            for group in groups
            for key in group
            if key != "lr" and may_change(group, key)
        ]
        self._tree = recording.result

    def _quickly(self) -> Given:
        """What `_carefully` asks, in one expression; it is asked itself where that fails."""
        tests = self.surroundings.tests()
        self._inputs.add_to(tests)
        self._contents.add_to(tests)
        for tensor, array in self._states:
            tests.same(tensor, "raw", array)
        for group, key, before in self._groups:
            tests.same(group, key, before)
        for group, key, fixed in self._scheduled:
            tests.that("{0}({1}, {2}) == {3}", fixed_part, group, key, fixed)
        return quickly(tests, self._carefully, self._inputs.names())

    def _check_states(self) -> None:
        for tensor, array in self._states:
            if tensor.raw is not array:
                raise RuntimeError(
                    f"the plan needs the memory it was made for, but {tensor.described()} has another since; "
                    "overwrite parameters in place, or capture the step again"
                )
        for group, key, before in self._groups:
            if group[key] != before:
                raise RuntimeError(
                    f"the plan was made with {key}={before}, not {group[key]}; only lr, momentum and betas may change, "
                    "or capture again"
                )
        for group, key, fixed in self._scheduled:
            if fixed_part(group, key) != fixed:
                raise RuntimeError(
                    f"the plan was made for another {key} than {group[key]}, which makes the step another one; capture "
                    "again"
                )


def _copied(x: Any) -> Any:
    return x.detach().clone() if isinstance(x, Tensor) else x
