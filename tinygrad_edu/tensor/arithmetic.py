"""The operators: those of a single number, the same for Tensor and Value, and those that only Tensors have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, ParamSpec, Protocol, Self, TypeVar, overload

from tinygrad_edu.engine.documentation import computed
from tinygrad_edu.engine.operation import Data, Operation, Tracer
from tinygrad_edu.ops import contractions, logic, step_functions, transcendental
from tinygrad_edu.ops import elementwise as ops

P = ParamSpec("P")
R = TypeVar("R")  # what comes out: Tensor or Value


class Method(Protocol[P]):
    """The type of `x.exp()` and `x + y` as methods: they return what the operations of `x` return."""

    @overload
    def __get__(self, instance: None, kind: Any = None, /) -> Callable[..., Any]: ...
    @overload
    def __get__(self, instance: Arithmetic[R], kind: Any = None, /) -> Callable[P, R]: ...


Unary = Method[[]]
Binary = Method[[Any]]


def method_of(operation: Operation, name: str = "") -> Any:
    """The method `x.exp()` or `x.add(other)` of an operation on one or two inputs, and its documentation."""
    name = name or operation.name

    def of_one(self: Tracer) -> Data:
        return self.apply(operation, (self,), {})

    def of_two(self: Tracer, other: Any) -> Data:
        return self.apply(operation, (self, other), {})

    method = of_one if len(operation.rules) == 1 else of_two
    method.__name__, method.__qualname__ = name, f"Tensor.{name}"
    place = name if operation.readings.numbers == "any" else f"OPERATIONS[{operation.name!r}]"
    method.__doc__ = f"{computed(operation)} Rule, domain and kinks: `help(tinygrad_edu.{place})`."
    return method


def both(operation: Operation) -> tuple[Binary, Binary]:
    """The operator of `x + y`, and the reflected one, which Python calls if x is no Tensor: `y.__radd__(x)`."""

    def operator(self: Any, other: Any) -> Any:
        return self.apply(operation, (self, other), {})  # `operation(self, other)` by the shortest way

    def reflected(self: Any, other: Any) -> Any:
        return self.apply(operation, (other, self), {})

    return operator, reflected


class Arithmetic(Tracer, Generic[R]):
    """The operators and the functions of one number, such as `x.exp()`, for arrays and single numbers alike."""

    __slots__ = ()

    __add__, __radd__ = both(ops.add)
    __sub__, __rsub__ = both(ops.subtract)
    __mul__, __rmul__ = both(ops.multiply)
    __truediv__, __rtruediv__ = both(ops.divide)
    __pow__, __rpow__ = both(ops.power)
    __neg__: Unary = method_of(ops.negative)
    __abs__: Unary = method_of(ops.absolute)

    def __pos__(self) -> Self:
        return self

    exp: Unary = method_of(ops.exp)
    log: Unary = method_of(ops.log)
    log1p: Unary = method_of(transcendental.log1p)
    sqrt: Unary = method_of(ops.sqrt)
    sin: Unary = method_of(transcendental.sin)
    cos: Unary = method_of(transcendental.cos)
    tanh: Unary = method_of(ops.tanh)
    sigmoid: Unary = method_of(ops.sigmoid)
    relu: Unary = method_of(ops.relu)


class Operators(Arithmetic[R]):
    """What a single number has not, or has otherwise: comparisons, bits, remainders, products of matrices."""

    __matmul__, __rmatmul__ = both(contractions.matmul)
    __gt__: Binary = method_of(ops.greater)
    __ge__: Binary = method_of(ops.greater_equal)
    __lt__: Binary = method_of(ops.less)
    __le__: Binary = method_of(ops.less_equal)
    __and__, __rand__ = both(logic.bitwise_and)
    __or__, __ror__ = both(logic.bitwise_or)
    __xor__, __rxor__ = both(logic.bitwise_xor)
    __lshift__, __rlshift__ = both(logic.left_shift)
    __rshift__, __rrshift__ = both(logic.right_shift)
    __floordiv__, __rfloordiv__ = both(step_functions.floor_divide)
    __mod__, __rmod__ = both(step_functions.remainder)
    __rdiv__: Any = Arithmetic.__rtruediv__  # PyTorch has it under both names
    __invert__: Unary = method_of(logic.invert)
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> R:  # type: ignore[override]
        return self._compared(ops.equal, other)

    def __ne__(self, other: object) -> R:  # type: ignore[override]
        return self._compared(ops.not_equal, other)

    def _compared(self, operation: Operation, other: object) -> Any:
        if other is None or isinstance(other, str):
            return NotImplemented
        return self.apply(operation, (self, other), {})

    def where(self, condition: Any, other: Any) -> R:
        """`self` where the condition holds, else `other`."""
        return ops.where(condition, self, other)
