"""The methods of Tensor beside arithmetic: comparisons, bits, remainders and products of matrices."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import contractions, elementwise, logic, step_functions
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
    def __and__(self, other: Any) -> R: return self.apply(logic.bitwise_and, (self, other), {})
    def __rand__(self, other: Any) -> R: return self.apply(logic.bitwise_and, (other, self), {})
    def __or__(self, other: Any) -> R: return self.apply(logic.bitwise_or, (self, other), {})
    def __ror__(self, other: Any) -> R: return self.apply(logic.bitwise_or, (other, self), {})
    def __xor__(self, other: Any) -> R: return self.apply(logic.bitwise_xor, (self, other), {})
    def __rxor__(self, other: Any) -> R: return self.apply(logic.bitwise_xor, (other, self), {})
    def __lshift__(self, other: Any) -> R: return self.apply(logic.left_shift, (self, other), {})
    def __rlshift__(self, other: Any) -> R: return self.apply(logic.left_shift, (other, self), {})
    def __rshift__(self, other: Any) -> R: return self.apply(logic.right_shift, (self, other), {})
    def __rrshift__(self, other: Any) -> R: return self.apply(logic.right_shift, (other, self), {})
    def __floordiv__(self, other: Any) -> R: return self.apply(step_functions.floor_divide, (self, other), {})
    def __rfloordiv__(self, other: Any) -> R: return self.apply(step_functions.floor_divide, (other, self), {})
    def __mod__(self, other: Any) -> R: return self.apply(step_functions.remainder, (self, other), {})
    def __rmod__(self, other: Any) -> R: return self.apply(step_functions.remainder, (other, self), {})
    def __rdiv__(self, other: Any) -> R: return self.apply(elementwise.divide, (other, self), {})
    def __invert__(self) -> R: return self.apply(logic.invert, (self,), {})
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> R:  # type: ignore[override]
        return self._compared(elementwise.equal, other)

    def __ne__(self, other: object) -> R:  # type: ignore[override]
        return self._compared(elementwise.not_equal, other)

    def _compared(self, operation: Operation, other: object) -> Any:
        return NotImplemented if other is None or isinstance(other, str) else self.apply(operation, (self, other), {})

    # fmt: on

    def where(self, condition: Any, other: Any) -> R:
        """`self` where the condition holds, else `other`."""
        return elementwise.where(condition, self, other)
