"""The error function and its kin on arrays: erf, erfc, erfcx, erfinv, and the normal distribution.

Source of the coefficients: Cody, Rational Chebyshev Approximations for the Error Function (1969), of relative error
below 1e-17. erfcx(x) = exp(x²) erfc(x) is what his quotients approximate.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.ops.double_precision import chosen, horner, in_double

_ROOT_PI = math.sqrt(math.pi)
_ROOT_2 = math.sqrt(2)

# Quotients of polynomials, that of the highest power first: above and below.
# fmt: off
_NEAR = (
    (1.85777706184603153e-1, 3.16112374387056560, 1.13864154151050156e2, 3.77485237685302021e2, 3.20937758913846947e3),
    (1.0, 2.36012909523441209e1, 2.44024637934444173e2, 1.28261652607737228e3, 2.84423683343917062e3),
)
_MIDDLE = (
    (2.15311535474403846e-8, 5.64188496988670089e-1, 8.88314979438837594, 6.61191906371416295e1,
     2.98635138197400131e2, 8.81952221241769090e2, 1.71204761263407058e3, 2.05107837782607147e3,
     1.23033935479799725e3),
    (1.0, 1.57449261107098347e1, 1.17693950891312499e2, 5.37181101862009858e2, 1.62138957456669019e3,
     3.29079923573345963e3, 4.36261909014324716e3, 3.43936767414372164e3, 1.23033935480374942e3),
)
_FAR = (
    (1.63153871373020978e-2, 3.05326634961232344e-1, 3.60344899949804439e-1, 1.25781726111229246e-1,
     1.60837851487422766e-2, 6.58749161529837803e-4),
    (1.0, 2.56852019228982242, 1.87295284992346725, 5.27905102951428412e-1, 6.05183413124413191e-2,
     2.33520497626869185e-3),
)
# The first guess of erfinv on [-0.7, 0.7], of y².
_INVERSE = (
    (0, -0.140543331, 0.914624893, -1.645349621, 0.886226899),
    (0.012229801, -0.329097515, 1.442710462, -2.118377725, 1),
)
# fmt: on
_NEAR_ENDS = 0.46875
_MIDDLE_ENDS = 4.0
_BLOCK = 16384  # numbers that stay in the cache while polynomials are computed


def _quotient(x: Any, table: Any) -> Any:
    return horner(x, *table[0]) / horner(x, *table[1])


@in_double
def erf(x: Any) -> Any:
    """2/√π ∫ exp(-t²) dt from 0 to x."""
    flat, result = x.ravel(), np.empty(x.size)
    for start in range(0, x.size, _BLOCK):
        block = slice(start, start + _BLOCK)
        result[block] = _erf(flat[block])
    return result.reshape(x.shape)


def _erf(x: Any) -> Any:
    y = np.minimum(np.abs(x), 6)  # from where erf is 1
    far = np.copysign(1 - np.exp(-y * y) * _quotient(y, _MIDDLE), x)
    near = y < _NEAR_ENDS
    if not near.any():
        return far
    return np.where(near, x * _quotient(y * y, _NEAR), far)


@in_double
def erfc(x: Any) -> Any:
    """1 - erf(x), without cancellation for large x."""
    y = np.abs(x)
    tail = _exp_of_minus_square(y) * erfcx(y)
    return np.where(y < _NEAR_ENDS, 1 - erf(x), np.where(x < 0, 2 - tail, tail))


def _exp_of_minus_square(y: Any) -> Any:
    """exp(-y²) for y >= 0, of which the rounding of y² would take two digits at y = 20."""
    short = np.trunc(np.minimum(y, 1e8) * 16) / 16
    return np.where(y > 30, 0, np.exp(-short * short) * np.exp(-(y - short) * (y + short)))


@in_double
def erfcx(x: Any) -> Any:
    """exp(x²) erfc(x), without overflow for large x."""
    return chosen(
        x,
        (x >= _MIDDLE_ENDS, _far_erfcx),
        (x < _MIDDLE_ENDS, lambda x: _quotient(x, _MIDDLE)),
        (np.abs(x) < _NEAR_ENDS, lambda x: np.exp(x * x) * (1 - x * _quotient(x * x, _NEAR))),
        (x <= -_NEAR_ENDS, lambda x: 2 / _exp_of_minus_square(-x) - erfcx(-x)),
    )


def _far_erfcx(x: Any) -> Any:
    r = 1 / x / x
    return (1 / _ROOT_PI - r * _quotient(r, _FAR)) / x


@in_double
def log_ndtr(x: Any) -> Any:
    """log(ndtr(x)), also where ndtr(x) is rounded to 0 or 1."""
    t = x / _ROOT_2
    below = np.log(erfcx(np.maximum(-t, 0)) / 2) - t * t
    return np.where(x < -1, below, np.log1p(-erfc(t) / 2))


@in_double
def erfinv(x: Any) -> Any:
    """The number whose erf is x; infinite at ±1, nan outside."""
    return chosen(
        x,
        (np.abs(x) <= 0.7, _middle_erfinv),
        (np.abs(x) > 0.7, lambda x: np.copysign(_log_erfcinv(np.log1p(-np.abs(x))), x)),
    )


def _middle_erfinv(y: Any) -> Any:
    x = y * _quotient(y * y, _INVERSE)
    for _ in range(2):  # Newton's method doubles the digits
        x -= (erf(x) - y) / (2 / _ROOT_PI * np.exp(-x * x))
    return x


def _log_erfcinv(log_q: Any) -> Any:
    """The x >= 0 with log(erfc(x)) = log_q < log(0.6), by Newton's method on log(erfcx(x)) - x²."""
    x = np.sqrt(np.maximum(-log_q - np.log1p(-log_q) / 2, 0))
    for _ in range(6):
        scaled = erfcx(x)
        x += (np.log(scaled) - x * x - log_q) * scaled * _ROOT_PI / 2
    return np.where(log_q == -np.inf, np.inf, x)


@in_double
def ndtri(x: Any) -> Any:
    """The number whose ndtr is x; infinite at 0 and 1, nan outside."""
    return _ROOT_2 * chosen(
        x,
        (np.abs(x - 0.5) <= 0.35, lambda p: _middle_erfinv(2 * p - 1)),
        (x < 0.15, lambda p: -_log_erfcinv(np.log(2 * p))),
        (x > 0.85, lambda p: _log_erfcinv(np.log(2 * (1 - p)))),
    )
