"""The operators and functions of a single number, the same for Tensor and Value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, Self, TypeVar, overload

from tinygrad_edu.engine.documentation import computed
from tinygrad_edu.engine.operation import Data, Operation, Tracer
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.ops import transcendental

R = TypeVar("R")  # what comes out: Tensor or Value


class Unary(Protocol):
    """The type of the method `x.exp()`: it returns what the operations of `x` return."""

    @overload
    def __get__(self, instance: None, kind: Any = None, /) -> Callable[..., Any]: ...
    @overload
    def __get__(self, instance: Arithmetic[R], kind: Any = None, /) -> Callable[[], R]: ...


def method_of(operation: Operation, name: str) -> Any:
    """The method `x.exp()` or `x.add(other)` of an operation on one or two inputs, and its documentation."""

    def of_one(self: Tracer) -> Data:
        return self.apply(operation, (self,), {})

    def of_two(self: Tracer, other: Any) -> Data:
        return self.apply(operation, (self, other), {})

    method = of_one if len(operation.rules) == 1 else of_two
    method.__name__, method.__qualname__ = name, f"Tensor.{name}"
    place = name if operation.readings.numbers == "any" else f"OPERATIONS[{operation.name!r}]"
    method.__doc__ = f"{computed(operation)} Rule, domain and kinks: `help(tinygrad_edu.{place})`."
    return method


def unary(operation: Operation) -> Unary:
    """The method of an operation on one input, under its own name."""
    return method_of(operation, operation.name)


class Arithmetic(Tracer, Generic[R]):
    """The operators and the functions of one number, such as `x.exp()`, for arrays and single numbers alike.

    `self.apply(operation, inputs, {})` is `operation(*inputs)` by the shortest way.
    """

    __slots__ = ()

    # fmt: off
    def __add__(self, other: Any) -> R: return self.apply(ops.add, (self, other), {})
    def __radd__(self, other: Any) -> R: return self.apply(ops.add, (other, self), {})
    def __sub__(self, other: Any) -> R: return self.apply(ops.subtract, (self, other), {})
    def __rsub__(self, other: Any) -> R: return self.apply(ops.subtract, (other, self), {})
    def __mul__(self, other: Any) -> R: return self.apply(ops.multiply, (self, other), {})
    def __rmul__(self, other: Any) -> R: return self.apply(ops.multiply, (other, self), {})
    def __truediv__(self, other: Any) -> R: return self.apply(ops.divide, (self, other), {})
    def __rtruediv__(self, other: Any) -> R: return self.apply(ops.divide, (other, self), {})
    def __pow__(self, other: Any) -> R: return self.apply(ops.power, (self, other), {})
    def __rpow__(self, other: Any) -> R: return self.apply(ops.power, (other, self), {})
    def __neg__(self) -> R: return self.apply(ops.negative, (self,), {})
    def __pos__(self) -> Self: return self
    def __abs__(self) -> R: return self.apply(ops.absolute, (self,), {})
    # fmt: on

    exp: Unary = unary(ops.exp)
    log: Unary = unary(ops.log)
    log1p: Unary = unary(transcendental.log1p)
    sqrt: Unary = unary(ops.sqrt)
    sin: Unary = unary(transcendental.sin)
    cos: Unary = unary(transcendental.cos)
    tanh: Unary = unary(ops.tanh)
    sigmoid: Unary = unary(ops.sigmoid)
    relu: Unary = unary(ops.relu)
