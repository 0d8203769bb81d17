"""The blueprint of a program: plain values and arrays that `tinygrad_edu.save` writes, without code or classes.

| entry | content |
|---|---|
| `plan`, `name` | the version of this table; the name of the step |
| `structure` | how lists, tuples and dicts are nested in a call |
| `arguments` | for each its `name`, with `shape`, `dtype` and `order` of its array, or the `value` that it always has |
| `states` | Tensors from before the step: `names`, `kind`, `requires_grad`; numbers, or the state with the `same` |
| `constants`, `settings`, `generators` | arrays; hyperparameters by name; states of generators of random numbers |
| `calls` | `operation` by name, `arguments`, `settings`, and the `line` that the user wrote |
| `returned` | what the step returns, with references to arrays |
| `gradients`, `cleared` | the states in whose `.grad` it leaves an array, and those whose `.grad` it forgets |
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tinygrad_edu.engine.hyperparameter import Hyperparameter
from tinygrad_edu.engine.versions import ASSIGN
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.plan.optimize import resolved
from tinygrad_edu.plan.program import Program
from tinygrad_edu.plan.recording import Call, Slot
from tinygrad_edu.plan.saved.saved_values import order_of, packed, written
from tinygrad_edu.tensor import draws
from tinygrad_edu.tensor.draws import DRAW, Draw, generator
from tinygrad_edu.tensor.tensor import Tensor

VERSION = 1
BY_NAME = {**OPERATIONS, ASSIGN.name: ASSIGN, DRAW.name: DRAW}
SAMPLERS = {
    name: function
    for name, function in vars(draws).items()
    if inspect.isfunction(function) and next(iter(inspect.signature(function).parameters), "") == "rng"
}
BIT_GENERATORS = ("PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64")


@dataclass
class State:
    """A Tensor from before the step, with its names: a `parameter`, `buffer`, of an `optimizer`, or an `other`."""

    tensor: Tensor
    names: list[str]
    kind: str


@dataclass
class Argument:
    """An argument of the step: an array of this layout, or a value that is always the same."""

    name: str
    example: np.ndarray | None = None
    value: Any = None

    def entry(self) -> dict[str, Any]:
        """What the blueprint says of it."""
        if self.example is None:
            return {"name": self.name, "value": written(self.value, lambda _: None)}
        x = self.example
        return {"name": self.name, "shape": x.shape, "dtype": x.dtype, "order": order_of(x)}


class Blueprint:
    """Makes the blueprint of a program. Raises `TypeError`, saying what to do, for what cannot be written."""

    def __init__(
        self, program: Program, name: str, structure: Any, arguments: list[Argument], states: list[State]
    ) -> None:
        self._program, self._states = program, states
        self._numbers: dict[Slot, dict[str, int]] = {}
        self._constants: list[np.ndarray] = []
        self._settings: dict[str, Hyperparameter] = {}
        self._generators: list[np.random.Generator] = []
        self._overwritten = {call.result.root.tensor for call in program.calls if call.operation is ASSIGN}
        recording = program.recording
        self._positions = {id(x): n for n, x in enumerate(state.tensor for state in states)}
        self._numbers.update(
            {x: {"input": i} for i, x in zip(recording.positions, recording.inputs, strict=True)}
        )
        calls = [self._call(call, number) for number, call in enumerate(program.calls)]
        self.content: dict[str, Any] = {
            "plan": VERSION,
            "name": name,
            "structure": written(structure, self._of_program),
            "arguments": [argument.entry() for argument in arguments],
            "returned": self._written(recording.result, "what it returns"),
            "gradients": [(self._positions[id(x)], self._of_program(y)) for x, y in recording.gradients],
            "cleared": [self._positions[id(x)] for x in recording.cleared],
            "calls": calls,
            "states": [self._state(state) for state in states],
            "constants": [packed(x) for x in self._constants],
            "settings": {name: x.read() for name, x in self._settings.items()},
            "generators": [rng.bit_generator.state for rng in self._generators],
        }

    def _call(self, call: Call, number: int) -> dict[str, Any]:
        name = call.operation.name
        if BY_NAME.get(name) is not call.operation:
            raise TypeError(
                f"save needs operations of the library, but {name}, at {call.line}, is one of your own; write it as a "
                "function of Tensors"
            )
        where = f"{name}, at {call.line},"
        entry = {
            "operation": name,
            "arguments": self._written(call.arguments, where),
            "settings": {key: self._written(value, where) for key, value in call.settings.items()},
            "line": plain_text(call.line),
        }
        self._numbers.setdefault(call.result, {"result": number})
        return entry

    def _written(self, x: Any, where: str) -> Any:
        try:
            return written(x, self._of_program)
        except TypeError as error:
            raise TypeError(
                f"save needs Tensors and plain values, but {where} has {error}, which would need the code of its class"
            ) from None

    def _of_program(self, x: Any) -> Any:
        if isinstance(x, Slot):
            return self._slot(resolved(x, self._program.stands_for))
        if isinstance(x, Hyperparameter):
            return {"setting": x.enter(self._settings)}
        if isinstance(x, Draw):
            if SAMPLERS.get(x.sampler.__name__) is not x.sampler:
                raise TypeError(f"the sampler {x.sampler.__name__}")
            settings = {key: written(value, self._of_program) for key, value in x.settings.items()}
            return {
                "draw": {"sampler": x.sampler.__name__, "settings": settings, "generator": self._drawn(x)}
            }
        return None

    def _slot(self, slot: Slot) -> dict[str, int]:
        if slot not in self._numbers:
            if slot.kind == "state" and not slot.frozen:
                self._numbers[slot] = {"state": self._positions[id(slot.tensor)]}
            else:
                self._numbers[slot] = {"constant": len(self._constants)}
                self._constants.append(slot.example)
        return self._numbers[slot]

    def _drawn(self, draw: Draw) -> int:
        rng = draw.given or generator()
        if rng not in self._generators:
            if type(rng.bit_generator).__name__ not in BIT_GENERATORS:
                raise TypeError(f"a generator of random numbers on {type(rng.bit_generator).__name__}")
            self._generators.append(rng)
        return self._generators.index(rng)

    def _state(self, state: State) -> dict[str, Any]:
        x = state.tensor
        entry = {"names": state.names, "kind": state.kind, "requires_grad": x.requires_grad}
        for number, other in enumerate(self._states):
            y = other.tensor
            if y is x:
                break
            if np.may_share_memory(x.raw, y.raw) and not self._overwritten.isdisjoint((x, y)):
                if _place(x.raw) == _place(y.raw):
                    return entry | {"same": number}
                raise TypeError(
                    f"save needs states in memory of their own, but {state.names[0]} is a part of {other.names[0]}, "
                    "which the step overwrites; clone() it"
                )
        return entry | packed(x.raw)


def plain_text(x: str) -> str:
    """A name or line without what could end a text in a program."""
    return "".join(c for c in x if c.isprintable() and c not in '"\\')


def _place(array: np.ndarray) -> Sequence[Any]:
    return array.__array_interface__["data"], array.shape, array.strides, array.dtype
