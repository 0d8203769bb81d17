"""Values of a step that is being recorded: each operation on them, and each backward, is told to the recording."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.plan.values.number import Number, decision
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.arithmetic import both
from tinygrad_edu.tensor.plain_number import as_plain_number


class WatchedValue(Value):
    """What every Value is while a step is recorded: its `data` and `grad` are Numbers."""

    __slots__ = ()
    recorder: Any = None  # the Recording that is under way

    __add__, __radd__ = both(ops.add)
    __sub__, __rsub__ = both(ops.subtract)
    __mul__, __rmul__ = both(ops.multiply)
    __truediv__, __rtruediv__ = both(ops.divide)
    __pow__, __rpow__ = both(ops.power)

    def apply(self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """Compute on Numbers, and note to which Values gradients will flow."""
        recorder = WatchedValue.recorder
        if np.ndarray in map(type, inputs):
            return Value.apply(self, operation, inputs, settings)
        numbers = [recorder.admit(x) if isinstance(x, Value) else _number(operation, x) for x in inputs]
        if not isinstance(operation, ops.Elementwise):
            return Value.apply(self, operation, inputs, settings)
        records = current().recording and operation.differentiable
        flows = tuple([recorder.flow(x) for x in inputs]) if records else None
        number = recorder.compute(operation, numbers, flows)
        if not operation.differentiable:
            return number
        result = WatchedValue(0.0)
        result.data = number
        if records:
            result.operation, result.inputs, result.numbers = operation, inputs, (number, *numbers)
        recorder.names[result] = number.name
        return result

    def backward(self) -> None:
        """Note that gradients are computed here."""
        WatchedValue.recorder.backward(self)

    # fmt: off
    def __lt__(self, _other: Any) -> bool: raise decision("a Value is compared")
    def __le__(self, _other: Any) -> bool: raise decision("a Value is compared")
    def __gt__(self, _other: Any) -> bool: raise decision("a Value is compared")
    def __ge__(self, _other: Any) -> bool: raise decision("a Value is compared")
    # fmt: on


def _number(operation: Operation, x: Any) -> float:
    return x if isinstance(x, Number) else as_plain_number(operation.name, x)
