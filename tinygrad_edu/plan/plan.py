"""Plan: a step that is watched until it has been the same program twice, and replayed from then on."""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from tinygrad_edu.graph import note_changes
from tinygrad_edu.operation import Setting
from tinygrad_edu.plan.program import Program
from tinygrad_edu.plan.record import Recorder, Recording, Slot, fingerprint
from tinygrad_edu.plan.source import Source
from tinygrad_edu.plan.tree import mapped
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor import Tensor, around

PATIENCE = 5  # so many runs may differ before it is an error


class Plan:
    """`plan(*inputs)` does what `step(*inputs)` does, and from the third time on much faster.

    Every call is a real step. The first ones run as written, watched; as soon as two in a row have been the same
    program, it is replayed instead of the Python code: inputs are copied into fixed places, and what the step returned
    comes back in Tensors of their own, which have no graph. Gradients are left in `.grad` as by the step itself.

    One program for every combination of shapes and dtypes of the inputs, and of what else is handed over. A learning
    rate may change between runs. What may not: whatever else the step reads from outside.
    Raises `RuntimeError` where the step cannot be followed: numbers read from Tensors, arrays of unknown origin,
    gradients added up over steps, parameters replaced since.
    """

    def __init__(self, step: Callable[..., Any]) -> None:
        if not callable(step):
            raise TypeError(f"capture needs a function, got {type(step).__name__} {step!r}")
        functools.update_wrapper(self, step)
        self._step = step
        self._routes: dict[Any, _Route] = {}
        self._recent: _Route | None = None

    def __call__(self, *inputs: Any) -> Any:
        arrays = [x.raw if isinstance(x, Tensor) else x for x in inputs]
        route = self._recent
        if route is None or not route.takes(arrays):
            route = self._recent = self._route(inputs, arrays)
        return route(arrays)

    def _route(self, inputs: tuple[Any, ...], arrays: list[Any]) -> _Route:
        """The route of inputs of this kind, a new one if need be."""
        for x in arrays:
            if not isinstance(x, np.ndarray | Hashable):
                raise TypeError(
                    f"a plan needs Tensors, arrays and numbers, got {type(x).__name__} {x!r}; use np.array"
                )
        key = tuple([(x.shape, x.dtype.char) if isinstance(x, np.ndarray) else (type(x), x) for x in arrays])
        if key not in self._routes:
            for x in inputs:
                if isinstance(x, Tensor) and x.requires_grad:
                    raise ValueError(
                        f"a plan needs inputs without a gradient, got {x.described()}; use a parameter"
                    )
            self._routes[key] = _Route(self._step, arrays)
        return self._routes[key]

    def prepare(self, *example_inputs: Any) -> None:
        """Make places for inputs like these."""
        arrays = [x.raw if isinstance(x, Tensor) else x for x in example_inputs]
        self._recent = self._route(example_inputs, arrays)

    @property
    def ready(self) -> bool:
        """Whether inputs like the last ones are replayed already."""
        return self._recent is not None and self._recent.program is not None

    @property
    def program(self) -> Program:
        """The program for inputs like the last ones. Raises `RuntimeError` before there is one."""
        if self._recent is None or self._recent.program is None:
            raise RuntimeError(
                "the plan has no program yet; call it with the same kind of inputs until plan.ready"
            )
        return self._recent.program

    def source(self, dialect: str = "numpy") -> str:
        """The program as a file of its own, for NumPy alone or as a pure function for JAX: see `Source`."""
        return Source(self.program, self._step, dialect).text


class _Route:
    """One kind of inputs: their fixed places, and the program once it is known."""

    def __init__(self, step: Callable[..., Any], arrays: list[Any]) -> None:
        self._step = step
        self._arguments = [Tensor(x) if isinstance(x, np.ndarray) else x for x in arrays]
        self._places = [x.raw for x in self._arguments if isinstance(x, Tensor)]
        self._kinds = [(x.shape, x.dtype) if isinstance(x, np.ndarray) else None for x in arrays]
        self._others = [None if isinstance(x, np.ndarray) else x for x in arrays]
        self._last: list[Any] | None = None
        self._runs = 0
        self.program: Program | None = None

    def takes(self, arrays: list[Any]) -> bool:
        """Whether these are inputs of its kind."""
        if len(arrays) != len(self._kinds):
            return False
        for x, kind, other in zip(arrays, self._kinds, self._others):
            if x.__class__ is not np.ndarray:
                if kind is not None or x.__class__ is not other.__class__ or x != other:
                    return False
            elif kind is None or x.shape != kind[0] or x.dtype is not kind[1]:
                return False
        return True

    def __call__(self, arrays: list[Any]) -> Any:
        incoming = [x for x in arrays if isinstance(x, np.ndarray)]
        for place, array in zip(self._places, incoming):
            place[...] = array
        if self.program is None:
            return self._watched()
        self._check_states()
        values = self.program.run()
        for p, g in zip(self._with_gradient, values[self._returned :]):
            p._grad = g
        note_changes(self._assigned)
        arrays_out = iter(values)
        return mapped(lambda x: around(np.array(next(arrays_out))) if isinstance(x, Slot) else x, self._tree)

    def _watched(self) -> Any:
        recorder = Recorder([x for x in self._arguments if isinstance(x, Tensor)])
        returned, recording = recorder.run(self._step, self._arguments)
        if isinstance(returned, Value):
            raise TypeError(
                "capture needs a step that returns Tensors, got a Value; use capture_values(step, *inputs)"
            )
        self._runs += 1
        this = fingerprint(recording)
        if this == self._last:
            self._settle(recording)
        elif self._runs >= PATIENCE:
            raise RuntimeError(
                f"capture needs a step that does the same every time, but {self._difference(this)}"
            )
        self._last = this
        return mapped(_copied, returned)

    def _difference(self, this: list[Any]) -> str:
        last = self._last or []
        number = next((i for i, (a, b) in enumerate(zip(this, last)) if a != b), min(len(this), len(last)))
        return f"operation {number + 1} of {len(this)} is another one in every run"

    def _settle(self, recording: Recording) -> None:
        self.program = program = Program(recording)
        self._returned = len(program.outputs) - len(recording.gradients)
        self._with_gradient = [p for p, _ in recording.gradients]
        slots = {slot for call in program.calls for slot in (*call.slots(), call.result)}
        self._states = [(slot.tensor, slot.tensor.raw) for slot in slots if slot.kind == "state"]
        written = [call.result.tensor for call in program.calls if call.result.kind in ("state", "input")]
        self._assigned = list(dict.fromkeys(written))
        settings = [x for call in program.calls for x in call.arguments if isinstance(x, Setting)]
        owners = {id(x.owner): x.owner for x in settings}.values()
        self._groups = [
            (owner, key, owner[key]) for owner in owners for key in owner if key not in ("lr", "params")
        ]
        self._tree = recording.result

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
                    f"the plan was made with {key}={before}, not {group[key]}; only lr may change, or capture again"
                )


def _copied(x: Any) -> Any:
    return x.detach().clone() if isinstance(x, Tensor) else x


def capture(step: Callable[..., Any], *example_inputs: Any) -> Plan:
    """A plan of `step`: call it as you would call the step. Also a decorator.

    `example_inputs` say what kind of inputs will come; nothing is run before the first call, and inputs of other
    shapes and dtypes get a program of their own.
    """
    plan = Plan(step)
    if example_inputs:
        plan.prepare(*example_inputs)
    return plan
