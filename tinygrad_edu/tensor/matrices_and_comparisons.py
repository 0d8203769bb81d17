"""The methods of Tensor beside arithmetic: comparisons, clamp and the names of PyTorch."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import contractions, elementwise, reduce
from tinygrad_edu.tensor.arithmetic import Arithmetic, R


class Operators(Arithmetic[R]):
    """The operators and elementwise functions that a single number has not, or has otherwise."""

    # fmt: off
    # Operators.
    def __matmul__(self, other: Any) -> R: return self.apply(contractions.matmul, (self, other), {})
    def __rmatmul__(self, other: Any) -> R: return self.apply(contractions.matmul, (other, self), {})
    def __gt__(self, other: Any) -> R: return self.apply(elementwise.greater, (self, other), {})
    def __ge__(self, other: Any) -> R: return self.apply(elementwise.greater_equal, (self, other), {})
    def __lt__(self, other: Any) -> R: return self.apply(elementwise.less, (self, other), {})
    def __le__(self, other: Any) -> R: return self.apply(elementwise.less_equal, (self, other), {})
    def __and__(self, other: Any) -> R: return self.apply(elementwise.bitwise_and, (self, other), {})
    def __rand__(self, other: Any) -> R: return self.apply(elementwise.bitwise_and, (other, self), {})
    def __or__(self, other: Any) -> R: return self.apply(elementwise.bitwise_or, (self, other), {})
    def __ror__(self, other: Any) -> R: return self.apply(elementwise.bitwise_or, (other, self), {})
    def __xor__(self, other: Any) -> R: return self.apply(elementwise.bitwise_xor, (self, other), {})
    def __rxor__(self, other: Any) -> R: return self.apply(elementwise.bitwise_xor, (other, self), {})
    def __invert__(self) -> R: return self.apply(elementwise.invert, (self,), {})
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> R:  # type: ignore[override]
        return self._compared(elementwise.equal, other)

    def __ne__(self, other: object) -> R:  # type: ignore[override]
        return self._compared(elementwise.not_equal, other)

    def _compared(self, operation: Operation, other: object) -> Any:
        return NotImplemented if other is None or isinstance(other, str) else self.apply(operation, (self, other), {})

    # fmt: on

    # Functions of each number.

    def square(self) -> R:
        """`x * x`."""
        return elementwise.multiply(self, self)

    def round(self, *, decimals: int = 0) -> R:
        """The nearest number with so many decimals; of two equally near ones the even. Its derivative is 0."""
        return reduce.round(self, decimals=decimals)

    def pow(self, exponent: Any) -> R:
        """`x ** exponent`. Rule, domain and kinks: `help(tinygrad_edu.OPERATIONS["power"])`."""
        return self.apply(elementwise.power, (self, exponent), {})

    def add(self, other: Any, *, alpha: float = 1) -> R:
        """`x + alpha * other`."""
        return self + _scaled(other, alpha)

    def sub(self, other: Any, *, alpha: float = 1) -> R:
        """`x - alpha * other`."""
        return self - _scaled(other, alpha)

    def div(self, other: Any) -> R:
        """`x / other`."""
        return self / other

    def clamp(self, min: Any = None, max: Any = None) -> R:  # noqa: A002 - PyTorch's names
        """`self` kept between `min` and `max`; the gradient passes where it was not cut off, bounds included."""
        if min is None and max is None:
            raise ValueError("clamp needs min or max or both")
        result: Any = self
        if min is not None:
            result = elementwise.where(elementwise.less(result, min), min, result)
        if max is not None:
            result = elementwise.where(elementwise.greater(result, max), max, result)
        return result

    def where(self, condition: Any, other: Any) -> R:
        """`self` where the condition holds, else `other`."""
        return elementwise.where(condition, self, other)


def _scaled(other: Any, alpha: float) -> Any:
    return other if alpha == 1 else elementwise.multiply(other, alpha)
