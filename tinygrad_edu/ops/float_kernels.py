"""The elementwise operations on plain floats: Python's own, where they give inf and nan as arrays do.

`math.exp(1000)` raises OverflowError and `1.0 / 0` ZeroDivisionError; a float engine that must agree with the array
engine needs inf there.
"""

from __future__ import annotations

import math

inf, nan = math.inf, math.nan


def divide(x: float, y: float) -> float:
    """x / y; a zero divisor gives inf or nan."""
    if y == 0:
        return nan if x == 0 or x != x else math.copysign(inf, x) * math.copysign(1, y)
    return x / y


def power(x: float, y: float) -> float:
    """x ** y; nan for a negative base and a fractional exponent."""
    try:
        result = x**y
    except ZeroDivisionError:
        return math.copysign(inf, x) if y % 2 == 1 else inf
    except OverflowError:
        return nan if x < 0 and y % 1 else -inf if x < 0 and y % 2 == 1 else inf
    return nan if isinstance(result, complex) else result


def exp(x: float) -> float:
    """e ** x; inf where that is too large."""
    try:
        return math.exp(x)
    except OverflowError:
        return inf


def log(x: float) -> float:
    """The natural logarithm; -inf at 0, nan below."""
    return math.log(x) if x > 0 else -inf if x == 0 else nan


def expm1(x: float) -> float:
    """exp(x) - 1; inf where that is too large."""
    return math.expm1(x) if x < 709 else exp(x)


def log2(x: float) -> float:
    """The logarithm to base 2; -inf at 0, nan below."""
    return math.log2(x) if x > 0 else log(x)


def log10(x: float) -> float:
    """The logarithm to base 10; -inf at 0, nan below."""
    return math.log10(x) if x > 0 else log(x)


def log1p(x: float) -> float:
    """log(1 + x); -inf at -1, nan below."""
    return math.log1p(x) if x > -1 else -inf if x == -1 else nan


def sqrt(x: float) -> float:
    """The square root; nan below 0."""
    return math.sqrt(x) if x >= 0 else nan


def sin(x: float) -> float:
    """The sine; nan at infinity."""
    return math.sin(x) if math.isfinite(x) else nan


def cos(x: float) -> float:
    """The cosine; nan at infinity."""
    return math.cos(x) if math.isfinite(x) else nan


def tan(x: float) -> float:
    """The tangent; nan at infinity."""
    return math.tan(x) if math.isfinite(x) else nan


def asin(x: float) -> float:
    """The angle of a sine; nan outside -1 to 1."""
    return math.asin(x) if -1 <= x <= 1 else nan


def acos(x: float) -> float:
    """The angle of a cosine; nan outside -1 to 1."""
    return math.acos(x) if -1 <= x <= 1 else nan


def sinh(x: float) -> float:
    """(exp(x) - exp(-x)) / 2; infinite where that is too large."""
    return math.sinh(x) if abs(x) < 710.4 else math.copysign(inf, x) if x == x else x


def cosh(x: float) -> float:
    """(exp(x) + exp(-x)) / 2; inf where that is too large."""
    return math.cosh(x) if abs(x) < 710.4 else abs(x) * inf


def acosh(x: float) -> float:
    """The number of 0 or more of which x is the cosh; nan below 1."""
    return math.acosh(x) if x >= 1 else nan


def atanh(x: float) -> float:
    """The number of which x is the tanh; infinite at -1 and 1, nan outside."""
    if abs(x) == 1:
        return math.copysign(inf, x)
    return math.atanh(x) if abs(x) < 1 else nan


def maximum(x: float, y: float) -> float:
    """The greater; nan if one is nan."""
    return x if x >= y or x != x else y


def minimum(x: float, y: float) -> float:
    """The smaller; nan if one is nan."""
    return x if x <= y or x != x else y


def same(x: float, y: float) -> bool:
    """x == y, or both are nan."""
    return x == y or (x != x and y != y)


def relu(x: float) -> float:
    """x above 0, else 0."""
    return 0.0 if x <= 0 else x


def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x)), without overflow."""
    e = math.exp(-abs(x))
    return (1 if x >= 0 else e) / (1 + e)


def logaddexp(x: float, y: float) -> float:
    """log(exp(x) + exp(y)), without overflow."""
    if x == y:  # infinities too
        return x + math.log(2)
    return max(x, y) + math.log1p(math.exp(-abs(x - y))) if x == x and y == y else nan


def invert(x: float) -> float:
    """Not x for a boolean, ~x for a whole number."""
    return not x if isinstance(x, bool) else ~int(x)


def softplus(x: float) -> float:
    """log(1 + exp(x)), without overflow."""
    return (x if x > 0 else 0.0) + math.log1p(math.exp(-abs(x)))


def sign(x: float) -> float:
    """-1, 0 or 1; 0 for nan."""
    return float((x > 0) - (x < 0))


def where(condition: float, x: float, y: float) -> float:
    """x if the condition holds, else y."""
    return x if condition else y


def lgamma(x: float) -> float:
    """log |Γ(x)|; inf at 0, -1, -2, ..., and where it is too large."""
    try:
        return math.lgamma(x)
    except (ValueError, OverflowError):
        return inf
