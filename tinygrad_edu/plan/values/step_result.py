"""What a replayed step returns: Values that know the derivatives that were computed with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.engine.operation import Operation, Rule
from tinygrad_edu.plan.values.resident_value import Memory
from tinygrad_edu.scalar import Value


class StepResult(Value):
    """A Value, also for those that ask for its class; `backward()` is one addition where the gradients stand."""

    __slots__ = ()

    __class__: Any = property(lambda _self: Value)

    def backward(self) -> None:
        """Add the derivatives to the gradients of the parameters."""
        _, derivatives, grads = self.numbers if len(self.numbers) == 3 else (None, None, None)
        if grads is None or grads.version != grads.memory.version:
            super().backward()
        else:
            self.grad = 1.0
            grads.memory.array[grads.places] += derivatives


class Grads(NamedTuple):
    """Where the gradients of all parameters stand, as long as none has left the memory."""

    memory: Memory
    version: int
    places: np.ndarray


class Derivatives:
    """The operation that a replayed step is in the graph of its first result."""

    def __init__(self, values: Sequence[Value]) -> None:
        self._values = tuple(values)
        # The last input has no rule, as the numbers are not one for each input.
        self._step = Operation(_replayed, *map(_share_of, range(len(values))), None, name="step")

    def give(self, results: list[StepResult], found: np.ndarray, grads: Grads) -> None:
        """Let the first result know its derivatives, and the others that theirs are not known."""
        first, *others = results
        first.operation, first.inputs, first.numbers = self._step, self._values, (first.data, found, grads)
        for other in others:
            other.operation, other.inputs = _NOT_DIFFERENTIATED, self._values[:1]
            other.numbers = (other.data,)


def _replayed(*_: Any) -> Any:
    raise RuntimeError("a replayed step is computed by its plan; call the plan")


def _share_of(i: int) -> Rule:
    """The rule of a replayed step for its parameter i: its derivatives are numbers, kept beside the result."""
    return lambda g, _y, derivatives, _grads: g * derivatives.item(i)


def _refused(why: str) -> Operation:
    def refuse(*_: Any) -> Any:
        raise RuntimeError(f"a plan of a step on Values {why}")

    return Operation(_replayed, refuse, name="step")


_NOT_DIFFERENTIATED = _refused(
    "differentiates the first result only; return what backward() is called on first"
)
_DIFFERENTIATED_BEFORE = _refused("that calls backward() has no graph left; call it in the step, or after it")


def differentiated_before(results: Sequence[StepResult]) -> None:
    """Let the results know that the step itself has called backward."""
    for x in results:
        x.operation, x.inputs, x.numbers = _DIFFERENTIATED_BEFORE, (Value(x.data),), (x.data,)
