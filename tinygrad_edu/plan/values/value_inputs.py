"""The inputs of a captured step: floats that know which input they are, and what plain arithmetic makes of them.

A plan must tell the inputs of a step from its constants. So the step is run on `Number`s: floats like any other, whose
arithmetic is computed on Values and thereby recorded. When a Value meets a Number it asks for a plain float and gets
one that nobody else has, the `token`: by this very object the tape knows the Number again.
"""

from __future__ import annotations

from collections.abc import Sequence
from reprlib import repr as short
from typing import Any, Self

import numpy as np

from tinygrad_edu.engine.call_site import current_call_site
from tinygrad_edu.engine.operation import Operation, Tracer
from tinygrad_edu.plan.values.refusals import refusal
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.arithmetic import Arithmetic

Known = dict[int, "Number"]  # by the id of their token


class Number(Arithmetic["Number"], float):  # type: ignore[misc]  # ** of floats has another type
    """An input of the step, or what plain arithmetic made of one; `value` is the same as a node of the graph."""

    __slots__ = ("known", "token", "value")
    known: Known
    token: float
    value: Value
    __array_priority__ = 1000.0  # NumPy's arrays and numbers leave `array * number` to it

    def __new__(cls, value: Value, known: Known) -> Self:
        number = super().__new__(cls, value.data)
        number.value = value
        number.token = float.__float__(number)
        number.known = known
        known[id(number.token)] = number
        return number

    def __float__(self) -> float:
        return self.token

    def apply(self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """Compute on Values, and stay a Number unless a Value takes part."""
        if any(isinstance(x, np.ndarray) for x in inputs):
            return np.frompyfunc(operation, len(inputs), 1)(*[np.array(x, object) for x in inputs])
        for x in inputs:
            if isinstance(x, Value):
                return x.apply(operation, inputs, settings)
        values = tuple([x.value if isinstance(x, Number) else x for x in inputs])
        result = self.value.apply(operation, values, settings)
        return Number(result, self.known) if isinstance(result, Value) else result


def _refuse(name: str) -> Any:
    def method(*_: Any) -> Any:
        raise refusal(
            f"{name.strip('_')}() of an input decides or is rounded",
            current_call_site(),
            "do that outside the step and pass in the result",
        )

    return method


_DECIDING = (
    "bool eq ne lt le gt ge hash index int round trunc floor ceil floordiv rfloordiv mod rmod divmod rdivmod"
)
for _name in [*[f"__{word}__" for word in _DECIDING.split()], "as_integer_ratio", "hex", "is_integer"]:
    setattr(Number, _name, _refuse(_name))


class Inputs:
    """The numbers of the inputs, one leaf Value for each, and what the step is called with to see where they go."""

    def __init__(self, arrays: Sequence[np.ndarray], are_arrays: Sequence[bool]) -> None:
        self.shapes = [array.shape for array in arrays]
        self.elements = [Value(x) for array in arrays for x in array.ravel().tolist()]
        self.known: Known = {}
        self._are_arrays = are_arrays

    def numbers(self) -> list[Any]:
        """A Number for a number, nested lists for lists, an array for an array."""
        found, start = [], 0
        for shape, is_array in zip(self.shapes, self._are_arrays):
            array = np.empty(shape, object)
            stop = start + array.size
            array.ravel()[:] = [Number(x, self.known) for x in self.elements[start:stop]]
            found.append(array if is_array else array.tolist())
            start = stop
        return found


def as_numbers(i: int, x: Any) -> np.ndarray:
    """Input `i` as an array of real numbers."""
    try:
        array = np.asarray(x) if not isinstance(x, Tracer) else np.empty(0, object)
    except ValueError:
        raise ValueError(f"a plan needs rows of equal length in input {i}, got {short(x)}") from None
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"a plan on Values needs numbers, lists or arrays of them, but input {i} is {type(x).__name__} {short(x)}; "
            "let the step take Values and models from the code around it, and hand Tensors over as arrays"
        )
    return array
