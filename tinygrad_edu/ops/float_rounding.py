"""Rounding and remainders of plain floats: Python's own, which take no infinity, and no divisor 0."""

from __future__ import annotations

import math
from collections.abc import Callable

from tinygrad_edu.ops.float_kernels import divide, nan


def _to_whole(function: Callable[[float], int], words: str) -> Callable[[float], float]:
    """A rounding of Python as one from float to float."""

    def rounded(x: float) -> float:
        return math.copysign(function(x), x) if math.isfinite(x) else x

    rounded.__doc__ = words
    return rounded


floor = _to_whole(math.floor, "The greatest whole number that is not greater.")
ceil = _to_whole(math.ceil, "The smallest whole number that is not smaller.")
trunc = _to_whole(math.trunc, "The whole number before the point.")
rounded = _to_whole(round, "The nearest whole number, of two equally near ones the even.")


def angle(x: float) -> float:
    """0 for numbers of 0 and above, pi below."""
    return math.atan2(0, x + 0)


def signbit(x: float) -> bool:
    """True for numbers below 0, and for -0."""
    return math.copysign(1, x) < 0


def mantissa(x: float) -> float:
    """The number of which x is a multiple by a power of 2, between 0.5 and 1 or its opposite."""
    return math.frexp(x)[0]


def exponent(x: float) -> int:
    """The whole number e for which x is `mantissa(x) * 2 ** e`."""
    return math.frexp(x)[1]


def floor_divide(x: float, y: float) -> float:
    """x / y, rounded down; a zero divisor gives inf or nan."""
    return x // y if y else divide(x, y)


def trunc_divide(x: float, y: float) -> float:
    """x / y without what stands behind the point; a zero divisor gives inf or nan."""
    return trunc(divide(x, y))


def remainder(x: float, y: float) -> float:
    """The remainder of x / y with the sign of y; nan for a zero divisor."""
    return x % y if y else nan


def fmod(x: float, y: float) -> float:
    """The remainder of x / y with the sign of x; nan for a zero divisor, and of infinity."""
    return math.fmod(x, y) if y and not math.isinf(x) else nan
