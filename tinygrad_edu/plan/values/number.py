"""Numbers of a step that is being recorded: floats that know where they come from.

The step is run on `Number`s: floats like any other, but what plain arithmetic makes of them is recorded. Code that asks
for a plain float gets one that nobody else has, the token: by this very object the recording knows the Number again.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from tinygrad_edu.engine.call_site import current_call_site
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.plan.values.refusals import refusal
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.arithmetic import Arithmetic


class Number(Arithmetic["Number"], float):  # type: ignore[misc]  # ** of floats has another type
    """A float called `name`: an event of the recording, or a source, such as an input or the data of a parameter."""

    __slots__ = ("name", "recorder")
    name: Any
    recorder: Any  # the Recording
    __array_priority__ = 1000.0  # NumPy's arrays and numbers leave `array * number` to it

    def __new__(cls, x: float, name: Any, recorder: Any) -> Self:
        number = super().__new__(cls, x)
        number.name, number.recorder = name, recorder
        return number

    def __deepcopy__(self, _memo: Any) -> Self:
        return self

    def __reduce__(self) -> Any:  # pickled, it is a float like any other
        return float, (float.__float__(self),)

    def __float__(self) -> float:
        token = float.__float__(self)
        if not self.recorder.is_open:
            return token
        self.recorder.tokens[id(token)] = token, self
        return token

    def __index__(self) -> int:
        return int(self.recorder.index(self))

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **settings: Any) -> Any:
        """Record a function of NumPy."""
        operation = _OF_NUMPY.get(ufunc)
        if not self.recorder.is_open:
            return getattr(ufunc, method)(
                *[float(x) if isinstance(x, Number) else x for x in inputs], **settings
            )
        if operation is None or method != "__call__" or settings:
            raise decision(f"{ufunc.__name__}() of a number decides or is rounded")
        return self.apply(operation, inputs, {})

    def apply(self, operation: Operation, inputs: tuple[Any, ...], settings: dict[str, Any]) -> Any:
        """Record an operation on numbers; one with a Value is an operation on Values."""
        if not self.recorder.is_open:  # it was kept where nobody saw it, and is a float like any other
            return operation(*[float(x) if isinstance(x, Number) else x for x in inputs])
        if np.ndarray in map(type, inputs):
            return np.frompyfunc(operation, len(inputs), 1)(*[np.array(x, object) for x in inputs])
        for x in inputs:
            if isinstance(x, Value):
                return x.apply(operation, inputs, settings)
        return self.recorder.compute(operation, inputs)


_OF_NUMPY: dict[Any, Operation] = {
    **{x.forward: x for x in reversed(list(OPERATIONS.values())) if isinstance(x, Elementwise)},
    np.power: OPERATIONS["power"],
}


def _refuse(name: str) -> Any:
    def method(self: Number, *others: Any) -> Any:
        if not self.recorder.is_open:
            return getattr(float(self), name)(*others)
        raise decision(f"{name.strip('_')}() of a number decides or is rounded")

    return method


_INSTEAD = "use relu, maximum or where, or do that outside the step and pass in the result"


class Decision(BaseException):
    """A step does what no plan can repeat. No Exception, of which a step may catch all."""


def decision(what: str, advice: str = _INSTEAD) -> Decision:
    """The error for a step that does, with a number or at all, what no plan can repeat."""
    return Decision(refusal(what, current_call_site(), advice))


_DECIDING = (
    "bool eq ne lt le gt ge hash int round trunc floor ceil floordiv rfloordiv mod rmod divmod rdivmod"
)
for _name in [*[f"__{word}__" for word in _DECIDING.split()], "as_integer_ratio", "hex", "is_integer"]:
    setattr(Number, _name, _refuse(_name))
