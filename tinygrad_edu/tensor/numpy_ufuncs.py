"""NumPy's ufuncs on Tensors, and their methods `reduce`, `accumulate` and `outer`."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.ops import OPERATIONS, contractions, elementwise, step_functions
from tinygrad_edu.tensor.functions.public import MODULES

Axis = int | Sequence[int] | None


class Module:
    """The public functions of a module, as attributes."""

    def __init__(self, name: str) -> None:
        self._functions = MODULES[name]

    def __getattr__(self, name: str) -> Any:
        return self._functions[name]


torch, linalg, functional = Module(""), Module("linalg"), Module("nn.functional")


def numpys(name: str) -> Any:
    """NumPy's function `name`, or None in a NumPy that has not got it."""
    found: Any = np
    for part in name.split("."):
        found = getattr(found, part, None)
    return found


def tensors(*xs: Any) -> list[Any]:
    """Each of `xs` as a Tensor."""
    return [x if isinstance(x, Tracer) else torch.as_tensor(x) for x in xs]


def over(x: Any, axis: Axis) -> tuple[Any, int]:
    """`x` and the one axis that a function works along: of all its numbers in a row where `axis` is None."""
    return (x.flatten(), 0) if axis is None else (x, operator.index(axis))  # type: ignore[arg-type]


# What NumPy calls a ufunc is an operation of ours, known by its forward function.
UFUNCS: dict[np.ufunc, Callable[..., Any]] = {
    op.forward: op for op in reversed(OPERATIONS.values()) if isinstance(op.forward, np.ufunc)
}
UFUNCS |= {
    np.matmul: contractions.matmul,
    np.vecdot: lambda x, y: linalg.vecdot(*tensors(x, y)),
    np.power: elementwise.power,
    np.float_power: elementwise.power,
    np.sign: elementwise.sign,
    np.positive: lambda x: x,
    np.conjugate: lambda x: x,
    np.fabs: abs,
    np.square: lambda x: x * x,
    np.cbrt: lambda x: x.sign() * abs(x) ** (1 / 3),
    np.reciprocal: lambda x: x.reciprocal(),
    np.exp2: torch.exp2,
    np.logaddexp2: lambda x, y: torch.logaddexp2(*tensors(x, y)),
    np.deg2rad: torch.deg2rad,
    np.radians: torch.deg2rad,
    np.rad2deg: torch.rad2deg,
    np.degrees: torch.rad2deg,
    np.rint: torch.round,
    np.fmax: lambda x, y: torch.fmax(*tensors(x, y)),
    np.fmin: lambda x, y: torch.fmin(*tensors(x, y)),
    np.heaviside: lambda x, y: torch.heaviside(*tensors(x, y)),
    np.ldexp: lambda x, y: torch.ldexp(*tensors(x, y)),
    np.modf: lambda x: (x.frac(), x.trunc()),
    np.fmod: step_functions.fmod,
    np.remainder: step_functions.remainder,
    np.floor_divide: step_functions.floor_divide,
    np.divmod: lambda x, y: (step_functions.floor_divide(x, y), step_functions.remainder(x, y)),
}

# Reductions, which are `ufunc.reduce` under other names.

# The method that reduces as the ufunc does, and the number with which it begins.
REDUCTIONS: dict[np.ufunc, tuple[str, float]] = {
    np.add: ("sum", 0),
    np.multiply: ("prod", 1),
    np.maximum: ("amax", -np.inf),
    np.minimum: ("amin", np.inf),
    np.logaddexp: ("logsumexp", -np.inf),
    np.logical_and: ("all", 1),
    np.logical_or: ("any", 0),
}
# The function that keeps all that is met on the way.
ACCUMULATIONS: dict[np.ufunc, Callable[[Any, int], Any]] = {
    np.add: torch.cumsum,
    np.multiply: torch.cumprod,
    np.maximum: lambda x, axis: torch.cummax(x, axis).values,
    np.minimum: lambda x, axis: torch.cummin(x, axis).values,
    np.logaddexp: torch.logcumsumexp,
}


def reduction(ufunc: np.ufunc, first_axis: Axis = None) -> Callable[..., Any]:
    """The reduction by `ufunc` with all options that NumPy has, over `first_axis` where none is given."""

    def reduced(
        x: Any,
        axis: Axis = first_axis,
        dtype: Any = None,
        keepdims: bool = False,
        initial: Any = None,
        where: Any = None,
    ) -> Any:
        name, begin = REDUCTIONS[ufunc]
        x = x if dtype is None else x.to(dtype)
        x = x if where is None else elementwise.where(where, x, begin)
        axes = tuple(range(x.ndim)) if axis is None else axis
        if name != "prod" or isinstance(axes, int):
            y = getattr(x, name)(axes, keepdims)
        else:  # over one axis after the other
            y = functools.reduce(lambda x, i: x.prod(i, True), axes, x)
            y = y if keepdims else y.squeeze(axes)
        return y if initial is None else UFUNCS[ufunc](y, initial)

    return reduced


def accumulation(ufunc: np.ufunc, first_axis: Axis = None) -> Callable[..., Any]:
    """`ufunc.accumulate`, along `first_axis` where none is given."""

    def accumulated(x: Any, axis: Axis = first_axis, dtype: Any = None) -> Any:
        return ACCUMULATIONS[ufunc](*over(x if dtype is None else x.to(dtype), axis))

    return accumulated


def outer(ufunc: np.ufunc) -> Callable[..., Any]:
    """`ufunc.outer`: each number of `x` with each of `y`."""
    return lambda x, y: UFUNCS[ufunc](np.reshape(x, (*np.shape(x), *[1] * np.ndim(y))), y)
