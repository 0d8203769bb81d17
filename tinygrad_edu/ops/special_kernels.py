"""Kernels of special functions: those that a first course needs, on NumPy alone; all others are SciPy's.

They compute in float64 whatever they are given, and answer in the dtype they were given.
Sources: Cody, Rational Chebyshev Approximations for the Error Function (1969); Abramowitz and Stegun, Handbook of
Mathematical Functions (1964), 6.3.18 (digamma), 7.1.14 (erfc); Winitzki (2008) for the first guess of erfinv.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

Kernel = Callable[..., Any]

_ROOT_PI = math.sqrt(math.pi)
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
_SHORT = (
    (-2.72614225801306e-10, 2.77068142495902e-8, -2.10102402082508e-6, -5.69250639462346e-5, -7.34990630326855e-4,
     -2.95459980854025e-3, -1.60960333262415e-2),
    (-1.45660718464996e-5, -2.13374055278905e-4, -1.68282697438203e-3, -7.37332916720468e-3, -1.42647390514189e-2),
)  # of erf for float32, as Eigen computes it
# fmt: on
_NEAR_ENDS = 0.46875
_MIDDLE_ENDS = 4.0
_POLYNOMIAL_BLOCK = 16384  # numbers that stay in the cache while polynomials are computed


def in_double(kernel: Kernel) -> Kernel:
    """The kernel for floats of every width, whole numbers (which give float64) and plain numbers.

    Poles and numbers outside the domain give inf and nan without a warning of NumPy.
    """

    @functools.wraps(kernel)
    def rounded(*inputs: Any) -> Any:
        with np.errstate(all="ignore"):
            result = kernel(*(np.asarray(x, np.float64) for x in inputs))
        floats = [x.dtype for x in inputs if hasattr(x, "dtype") and x.dtype.kind == "f"]
        return np.asarray(result).astype(floats[0] if floats else np.float64, copy=False)

    return rounded


class SciPy:
    """The function of `scipy.special` that an operation computes; SciPy is an extra, imported at the first call."""

    def __init__(self, operation: str, function: str) -> None:
        self.__name__ = operation
        self.function = function

    def __call__(self, *inputs: Any) -> Any:
        return self._kernel(*inputs)

    @functools.cached_property
    def _kernel(self) -> Kernel:
        try:
            from scipy import special  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise ImportError(
                f"special.{self.__name__} needs SciPy, which is not installed; "
                'pip install "tinygrad_edu[special]"'
            ) from error
        return in_double(getattr(special, self.function))


_MOST_TERMS = 1000


class Zeta(SciPy):
    """Hurwitz's zeta: the sum of (k + y)^-x over k = 0, 1, ...

    SciPy adds term by term until k + y > 0, which takes minutes at y = -1e10: far below 0 it is, for whole x, the sum
    over all k, whole numbers on both sides of 0, less the terms before y.
    """

    def __call__(self, x: Any, y: Any) -> Any:
        far = np.asarray(y < -_MOST_TERMS)
        if not far.any():
            return super().__call__(x, y)
        near = super().__call__(x, np.where(far, 1, y))
        return np.where(far, in_double(self._by_reflection)(x, np.where(far, y, -0.5)), near)

    def _by_reflection(self, x: Any, y: Any) -> Any:
        fraction, sign = y - np.floor(y), 1 - 2 * (x % 2)
        both_sides = super().__call__(x, fraction) + sign * super().__call__(x, 1 - fraction)
        whole = np.where(x == np.floor(x), both_sides - sign * super().__call__(x, 1 - y), np.nan)
        return np.where(fraction == 0, np.inf, whole)


def erf(x: Any) -> Any:
    """2/√π ∫ exp(-t²) dt from 0 to x."""
    narrow = getattr(x, "dtype", None) in (np.float32, np.float16)
    return _erf_for_short_floats(x) if narrow else _erf_for_doubles(x)


@in_double
def _erf_for_short_floats(x: Any) -> Any:
    """erf to the precision of float32, in a seventh of the time."""
    x = np.clip(x, -4, 4)
    return x * _quotient(x * x, _SHORT)


@in_double
def _erf_for_doubles(x: Any) -> Any:
    return _in_blocks(_erf, x)


@in_double
def erfc(x: Any) -> Any:
    """1 - erf(x), without cancellation for large x."""
    return _in_blocks(_erfc, x)


def _in_blocks(function: Kernel, x: Any) -> Any:
    flat, result = x.ravel(), np.empty(x.size)
    for start in range(0, x.size, _POLYNOMIAL_BLOCK):
        block = slice(start, start + _POLYNOMIAL_BLOCK)
        result[block] = function(flat[block])
    return result.reshape(x.shape)


def _erf(x: Any) -> Any:
    y = np.minimum(np.abs(x), 6)  # from where erf is 1
    far = np.copysign(1 - np.exp(-y * y) * _quotient(y, _MIDDLE), x)
    return np.where(y < _NEAR_ENDS, x * _quotient(y * y, _NEAR), far)


def _erfc(x: Any) -> Any:
    y = np.minimum(np.abs(x), 30)  # from where erfc is 0
    scaled, far = _quotient(y, _MIDDLE), y > _MIDDLE_ENDS
    scaled[far] = _far_erfc(y[far])
    short = np.round(y * 16) / 16  # the rounding of y² alone would take two digits at y = 20
    tail = np.exp(-short * short) * np.exp(-(y - short) * (y + short)) * scaled
    return np.where(y < _NEAR_ENDS, 1 - x * _quotient(y * y, _NEAR), np.where(x < 0, 2 - tail, tail))


def _far_erfc(y: Any) -> Any:
    """exp(y²) erfc(y) for large y, by Laplace's continued fraction."""
    fraction = y
    for k in range(20, 0, -1):
        fraction = y + k / 2 / fraction
    return 1 / (_ROOT_PI * fraction)


def _quotient(x: Any, table: Any) -> Any:
    return _polynomial(x, table[0]) / _polynomial(x, table[1])


def _polynomial(x: Any, coefficients: Any) -> Any:
    """`np.polyval(coefficients, x)` in a third of the time: in place."""
    y = x * coefficients[0]
    for coefficient in coefficients[1:-1]:
        y += coefficient
        y *= x
    y += coefficients[-1]
    return y


@in_double
def erfinv(x: Any) -> Any:
    """The number whose erf is x; infinite at ±1, nan outside."""
    y = np.abs(x)
    half = np.log1p(-y * y) / 2
    middle = 2 / (0.147 * np.pi) + half
    z = np.sqrt(-2 * half / 0.147 / (np.sqrt(middle * middle - 2 * half / 0.147) + middle))
    for _ in range(2):  # Halley's method triples the digits
        error = np.where(y < 0.5, y - erf(z), erfc(z) - (1 - y))
        z = z + error / (2 / _ROOT_PI * np.exp(-z * z) - z * error)
    return np.copysign(np.where(y == 1, np.inf, z), x)


def _lgamma(x: float) -> float:
    try:
        return math.lgamma(x)
    except (ValueError, OverflowError):
        return math.inf


@in_double
def lgamma(x: Any) -> Any:
    """log |Γ(x)|, that of Python, number by number; infinite at 0, -1, -2, ..."""
    return np.vectorize(_lgamma, otypes=[float])(x)


_DIGAMMA = (1 / 12, -691 / 32760, 1 / 132, -1 / 240, 1 / 252, -1 / 120, 1 / 12, 0)


@in_double
def digamma(x: Any) -> Any:
    """The derivative of lgamma; nan at -1, -2, ..., infinite at 0."""
    z = np.where(x > 0, x, 1 - x)
    r = 1 / (z + 10)  # from where the asymptotic series is exact
    above = -np.log(r) - r / 2 - np.polyval(_DIGAMMA, r * r)
    for k in range(10):
        above = above - 1 / (z + k)
    below = above - np.pi / np.tan(np.pi * (x - np.round(x)))
    poles = np.where(x == 0, -np.copysign(np.inf, x), np.nan)
    return np.where(x > 0, above, np.where(x == np.floor(x), poles, below))
