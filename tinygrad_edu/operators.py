"""The operators and elementwise functions of Tensor, and products of matrices; each a line over the operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from tinygrad_edu.arguments import both
from tinygrad_edu.operation import Operation, Traced
from tinygrad_edu.ops import elementwise, linalg, reduce

if TYPE_CHECKING:
    from tinygrad_edu.tensor import Tensor


class Operators(Traced):
    """What can be written with an operator, or as `x.exp()`.

    `self.apply(operation, inputs, {})` is `operation(*inputs)` by the shortest way.
    """

    # fmt: off
    # Operators.
    def __add__(self, other: Any) -> Tensor: return self.apply(elementwise.add, (self, other), {})
    def __radd__(self, other: Any) -> Tensor: return self.apply(elementwise.add, (other, self), {})
    def __sub__(self, other: Any) -> Tensor: return self.apply(elementwise.subtract, (self, other), {})
    def __rsub__(self, other: Any) -> Tensor: return self.apply(elementwise.subtract, (other, self), {})
    def __mul__(self, other: Any) -> Tensor: return self.apply(elementwise.multiply, (self, other), {})
    def __rmul__(self, other: Any) -> Tensor: return self.apply(elementwise.multiply, (other, self), {})
    def __truediv__(self, other: Any) -> Tensor: return self.apply(elementwise.divide, (self, other), {})
    def __rtruediv__(self, other: Any) -> Tensor: return self.apply(elementwise.divide, (other, self), {})
    def __pow__(self, other: Any) -> Tensor: return self.apply(elementwise.power, (self, other), {})
    def __rpow__(self, other: Any) -> Tensor: return self.apply(elementwise.power, (other, self), {})
    def __matmul__(self, other: Any) -> Tensor: return self.apply(linalg.matmul, (self, other), {})
    def __rmatmul__(self, other: Any) -> Tensor: return self.apply(linalg.matmul, (other, self), {})
    def __neg__(self) -> Tensor: return self.apply(elementwise.negative, (self,), {})
    def __pos__(self) -> Self: return self
    def __abs__(self) -> Tensor: return self.apply(elementwise.absolute, (self,), {})
    def __gt__(self, other: Any) -> Tensor: return self.apply(elementwise.greater, (self, other), {})
    def __ge__(self, other: Any) -> Tensor: return self.apply(elementwise.greater_equal, (self, other), {})
    def __lt__(self, other: Any) -> Tensor: return self.apply(elementwise.less, (self, other), {})
    def __le__(self, other: Any) -> Tensor: return self.apply(elementwise.less_equal, (self, other), {})
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> Any:
        return self._compared(elementwise.equal, other)

    def __ne__(self, other: object) -> Any:
        return self._compared(elementwise.not_equal, other)

    def _compared(self, operation: Operation, other: object) -> Any:
        return NotImplemented if other is None or isinstance(other, str) else self.apply(operation, (self, other), {})

    # Functions of each number.
    def abs(self) -> Tensor: return self.apply(elementwise.absolute, (self,), {})
    def neg(self) -> Tensor: return self.apply(elementwise.negative, (self,), {})
    def exp(self) -> Tensor: return self.apply(elementwise.exp, (self,), {})
    def log(self) -> Tensor: return self.apply(elementwise.log, (self,), {})
    def log1p(self) -> Tensor: return self.apply(elementwise.log1p, (self,), {})
    def sqrt(self) -> Tensor: return self.apply(elementwise.sqrt, (self,), {})
    def sin(self) -> Tensor: return self.apply(elementwise.sin, (self,), {})
    def cos(self) -> Tensor: return self.apply(elementwise.cos, (self,), {})
    def tanh(self) -> Tensor: return self.apply(elementwise.tanh, (self,), {})
    def sigmoid(self) -> Tensor: return self.apply(elementwise.sigmoid, (self,), {})
    def relu(self) -> Tensor: return self.apply(elementwise.relu, (self,), {})
    def sign(self) -> Tensor: return self.apply(elementwise.sign, (self,), {})
    def square(self) -> Tensor: return elementwise.multiply(self, self)
    def round(self, *, decimals: int = 0) -> Tensor: return reduce.round(self, decimals=decimals)
    def pow(self, exponent: Any) -> Tensor: return self.apply(elementwise.power, (self, exponent), {})
    def add(self, other: Any, *, alpha: float = 1) -> Tensor: return self + _scaled(other, alpha)
    def sub(self, other: Any, *, alpha: float = 1) -> Tensor: return self - _scaled(other, alpha)
    def mul(self, other: Any) -> Tensor: return self * other
    def div(self, other: Any) -> Tensor: return self / other
    def maximum(self, other: Any) -> Tensor: return self.apply(elementwise.maximum, (self, other), {})
    def minimum(self, other: Any) -> Tensor: return self.apply(elementwise.minimum, (self, other), {})
    # fmt: on

    def clamp(self, min: Any = None, max: Any = None) -> Tensor:  # noqa: A002 - PyTorch's names
        """`self` kept between `min` and `max`; the gradient passes where it was not cut off, bounds included."""
        if min is None and max is None:
            raise ValueError("clamp needs min or max or both")
        result: Any = self
        if min is not None:
            result = elementwise.where(elementwise.less(result, min), min, result)
        if max is not None:
            result = elementwise.where(elementwise.greater(result, max), max, result)
        return result

    def where(self, condition: Any, other: Any) -> Tensor:
        """`self` where the condition holds, else `other`."""
        return elementwise.where(condition, self, other)

    # Products.
    # fmt: off
    def matmul(self, other: Any) -> Tensor: return self.apply(linalg.matmul, (self, other), {})
    def mm(self, mat2: Any) -> Tensor: return linalg.matmul(*both("mm", 2, self, mat2))
    def bmm(self, mat2: Any) -> Tensor: return linalg.matmul(*both("bmm", 3, self, mat2))
    def dot(self, tensor: Any) -> Tensor: return self.apply(linalg.matmul, (self, tensor), {})  # of matrices too
    def outer(self, vec2: Any) -> Tensor: return both("outer", 1, self, vec2)[0].reshape(-1, 1) * vec2
    # fmt: on


def _scaled(other: Any, alpha: float) -> Any:
    return other if alpha == 1 else elementwise.multiply(other, alpha)
