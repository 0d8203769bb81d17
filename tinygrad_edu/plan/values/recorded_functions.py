"""Functions of Python during a recording: recorded or refused where Numbers meet them, or where nothing is undone."""

from __future__ import annotations

import builtins
import functools
import io
import math
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from threading import get_ident
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.plan.values.number import Number, decision
from tinygrad_edu.plan.values.watched_value import WatchedValue
from tinygrad_edu.scalar import Value

_ALSO_OF_NUMPY = (
    "sqrt exp expm1 log log1p log2 log10 sin cos tan asin acos atan atan2 sinh cosh tanh hypot copysign isnan "
    "isinf isfinite"
)
_PLAIN = {int, float}
_OF_MATH = {**{name: name for name in _ALSO_OF_NUMPY.split()}, "fabs": "absolute", "pow": "power"}

# Of a pair, as Python's functions decide: the first, unless the second is beyond it.


def larger_of(x: Any, y: Any) -> Any:
    """y where it is larger, else x."""
    return np.where(y > x, y, x)


def smaller_of(x: Any, y: Any) -> Any:
    """y where it is smaller, else x."""
    return np.where(y < x, y, x)


# fmt: off
_larger = ops.Elementwise(larger_of, lambda x, y: y if y > x else x, None, None,
                          name="larger", paper=lambda x, y: ops.where(ops.greater(y, x), y, x))
_smaller = ops.Elementwise(smaller_of, lambda x, y: y if y < x else x, None, None,
                           name="smaller", paper=lambda x, y: ops.where(ops.less(y, x), y, x))
# fmt: on


class _Recording:
    """The thread in which a step is recorded: to others the functions are Python's own."""

    thread = 0


@contextmanager
def recorded_functions(namespaces: Iterable[dict[str, Any]]) -> Generator[None]:
    """Put the functions of this file in place of Python's: in its own modules, and in these of the user."""
    own, _Recording.thread = list(namespaces), get_ident()
    kept = [(x, dict(x)) for x in (vars(builtins), vars(io), vars(math), *own)]
    for namespace, before in kept:
        namespace.update({key: _RECORDED[id(x)] for key, x in before.items() if id(x) in _RECORDED})
    for namespace in own:
        namespace.setdefault("float", _Float)
    try:
        yield
    finally:
        for namespace in own:
            if namespace["float"] is _Float:
                del namespace["float"]
        for namespace, before in kept:
            namespace.update({key: x for key, x in before.items() if id(x) in _RECORDED})


def _number(x: Any) -> Any:
    """The Number of a Value; what a function takes one after the other as a list."""
    if isinstance(x, Value):
        return WatchedValue.recorder.admit(x)
    return list(x) if isinstance(x, Iterable) else x


def _extreme(plain: Callable[..., Any], operation: Operation) -> Callable[..., Any]:
    @functools.wraps(plain)
    def extreme(*items: Any, **options: Any) -> Any:
        numbers = list(items[0]) if len(items) == 1 else items
        if options or not any(isinstance(x, Number) for x in numbers):
            return plain(numbers, **options) if len(items) == 1 else plain(*items, **options)
        return functools.reduce(operation, numbers)

    return extreme


def _of_math(plain: Callable[..., Any]) -> Callable[..., Any]:
    operation = OPERATIONS.get(_OF_MATH.get(plain.__name__, ""))

    @functools.wraps(plain)
    def function(*inputs: Any, **options: Any) -> Any:
        if _PLAIN.issuperset(map(type, inputs)):  # as nearly always: the library itself calls these functions
            return plain(*inputs, **options)
        numbers = [_number(x) for x in inputs]
        flat = [y for x in numbers for y in (x if isinstance(x, list) else [x])]
        if not any(isinstance(x, Number) for x in flat):
            return plain(*numbers, **options)
        if operation is None or len(numbers) != len(operation.rules):
            raise decision(f"{plain.__name__}() of a number decides or is rounded")
        return operation(*numbers)

    return function


def _refused(plain: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(plain)
    def function(*inputs: Any, **options: Any) -> Any:
        if get_ident() != _Recording.thread:
            return plain(*inputs, **options)
        raise decision(f"it calls {plain.__name__}()", "do that outside the step, with what it returns")

    return function


class _FloatClass(type):
    """The class of a `float` that lets Numbers be."""

    def __call__(cls, x: Any = 0.0, /) -> Any:
        number = _number(x) if isinstance(x, Value) else x
        return number if isinstance(number, Number) else float(number)

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, float)


class _Float(float, metaclass=_FloatClass):
    dtype = np.dtype(float)  # as a dtype it means the same


_RECORDED: dict[int, Callable[..., Any]] = {
    id(max): _extreme(max, _larger),
    id(min): _extreme(min, _smaller),
    **{id(x): _refused(x) for x in (print, input, open)},
    **{id(x): _of_math(x) for x in vars(math).values() if callable(x) and not isinstance(x, type)},
}
