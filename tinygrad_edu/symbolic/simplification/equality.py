"""Parts of a formula that hold the same numbers, though they are written in other shapes."""

from __future__ import annotations

from tinygrad_edu.ops import reduce
from tinygrad_edu.ops.shape import reshape
from tinygrad_edu.symbolic.expression import Expression, same

REDUCTIONS = (reduce.sum, reduce.mean, reduce.amax, reduce.amin)


def equal(a: Expression, b: Expression) -> bool:
    """True if an elementwise operation finds the same numbers in `a` and `b`, though dimensions of size 1 differ."""
    return same(a, b) or (_long(a.shape) == _long(b.shape) and _same_numbers(_unshaped(a), _unshaped(b)))


def _long(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape without dimensions of size 1 in front."""
    return next((shape[i:] for i, n in enumerate(shape) if n != 1), ())


def _unshaped(x: Expression) -> Expression:
    """`x` before it was reshaped, which keeps the order of its numbers."""
    while x.operation is reshape:
        x = x.inputs[0]
    return x


def _same_numbers(a: Expression, b: Expression) -> bool:
    """True if `a` and `b` are written alike, or differ only in whether summed dimensions are kept."""
    if a.operation in REDUCTIONS and a.operation is b.operation and _reduced(a) == _reduced(b):
        return same(a.inputs[0], b.inputs[0])
    return same(a, b)


def _reduced(x: Expression) -> tuple[int, ...]:
    """The dimensions over which `x` is reduced."""
    dims: tuple[int, ...] | None = x.settings["dims"]
    return tuple(range(x.inputs[0].ndim)) if dims is None else dims
