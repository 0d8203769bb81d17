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
    """-1, 0 or 1; nan for nan."""
    return math.copysign(1.0, x) if x and x == x else x


def where(condition: float, x: float, y: float) -> float:
    """x if the condition holds, else y."""
    return x if condition else y


def lgamma(x: float) -> float:
    """log |Γ(x)|; inf at 0, -1, -2, ..., and where it is too large."""
    try:
        return math.lgamma(x)
    except (ValueError, OverflowError):
        return inf
