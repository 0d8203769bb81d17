"""The operators and functions of a single number, the same for Tensor and Value."""

from __future__ import annotations

from typing import Any, Generic, Self, TypeVar

from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.ops import elementwise as ops

R = TypeVar("R")  # what comes out: Tensor or Value


class Arithmetic(Tracer, Generic[R]):
    """What can be written with an operator, or as `x.exp()`, for arrays and single numbers alike.

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
    def exp(self) -> R: return self.apply(ops.exp, (self,), {})
    def log(self) -> R: return self.apply(ops.log, (self,), {})
    def log1p(self) -> R: return self.apply(ops.log1p, (self,), {})
    def sqrt(self) -> R: return self.apply(ops.sqrt, (self,), {})
    def sin(self) -> R: return self.apply(ops.sin, (self,), {})
    def cos(self) -> R: return self.apply(ops.cos, (self,), {})
    def tanh(self) -> R: return self.apply(ops.tanh, (self,), {})
    def sigmoid(self) -> R: return self.apply(ops.sigmoid, (self,), {})
    def relu(self) -> R: return self.apply(ops.relu, (self,), {})
    # fmt: on
