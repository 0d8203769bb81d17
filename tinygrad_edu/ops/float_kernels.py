"""Elementwise operations on plain floats, quicker than NumPy and with its inf and nan where Python raises an error."""

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


def maximum(x: float, y: float) -> float:
    """The greater; nan if one is nan."""
    return x if x >= y or x != x else y


def minimum(x: float, y: float) -> float:
    """The smaller; nan if one is nan."""
    return x if x <= y or x != x else y


def relu(x: float) -> float:
    """x above 0, else 0."""
    return 0.0 if x <= 0 else x


def sigmoid(x: float) -> float:
    """1 / (1 + exp(-x)), without overflow."""
    e = math.exp(-abs(x))
    return (1 if x >= 0 else e) / (1 + e)


def softplus(x: float) -> float:
    """log(1 + exp(x)), without overflow."""
    return (x if x > 0 else 0.0) + math.log1p(math.exp(-abs(x)))


def sign(x: float) -> float:
    """-1, 0 or 1; 0 for nan."""
    return float((x > 0) - (x < 0))


def where(condition: float, x: float, y: float) -> float:
    """x if the condition holds, else y."""
    return x if condition else y
