"""The gamma function and its kin on arrays: its logarithm, digamma, Hurwitz's zeta and the incomplete gamma functions.

Sources: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 6.3.18 (digamma), 6.5.29 and 6.5.31
(incomplete gamma functions), 23.2 (Bernoulli numbers) for the formula of Euler and Maclaurin.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.ops import float_kernels
from tinygrad_edu.ops.double_precision import added, chosen, horner, in_double
from tinygrad_edu.ops.error_kernels import erfc

# B_2 to B_20.
_BERNOULLI = (
    1 / 6,
    -1 / 30,
    1 / 42,
    -1 / 30,
    5 / 66,
    -691 / 2730,
    7 / 6,
    -3617 / 510,
    43867 / 798,
    -174611 / 330,
)
_SHIFT = 10  # from where the asymptotic series are exact
_LARGE = 1e6  # beyond, series and fractions would have too many terms


@in_double
def lgamma(x: Any) -> Any:
    """log |Γ(x)|; infinite at 0, -1, -2, ...

    That of C, number by number, but around its zeros at 1 and 2.
    """
    return chosen(
        x,
        (~np.isnan(x), lambda x: np.fromiter(map(float_kernels.lgamma, x.tolist()), float, x.size)),
        (abs(x - 1) < 0.25, lambda x: _lgamma_of_2_and(x - 1) - np.log(x)),
        (abs(x - 2) < 0.5, lambda x: _lgamma_of_2_and(x - 2)),
    )


def _lgamma_of_2_and(z: Any) -> Any:
    """lgamma(2 + z) by its power series, whose coefficients are ± (zeta(k) - 1) / k."""
    return z * horner(z, *_AROUND_2)


@in_double
def digamma(x: Any) -> Any:
    """The derivative of lgamma; nan at -1, -2, ..., infinite at 0."""
    return chosen(
        x,
        (x > 0, _digamma),
        (x < 0, lambda x: _digamma(1 - x) - np.pi / np.tan(np.pi * (x - np.round(x)))),
        ((x < 0) & (x == np.floor(x)), lambda x: x * np.nan),
        (x == 0, lambda x: np.copysign(np.inf, -x)),
    )


def _digamma(x: Any) -> Any:
    steps = added(1 / (x + k) for k in range(_SHIFT))
    x = x + _SHIFT
    r = 1 / x / x
    series = [b / (2 * k) for k, b in enumerate(_BERNOULLI, 1)]
    return np.log(x) - 0.5 / x - r * horner(r, *reversed(series)) - steps


@in_double
def zeta(x: Any, y: Any) -> Any:
    """Hurwitz's zeta function, the sum of (y + k) ** -x over k = 0, 1, 2, ...; nan for x < 1."""
    s, q = np.broadcast_arrays(x, y)
    result = np.array(_zeta(s, np.where(q > 0, q, np.nan)))
    below = (q < 0) & (s == np.floor(s))
    result[below] = _zeta_below(s[below], q[below])
    result[(s == 1) | ((q <= 0) & (q == np.floor(q)))] = np.inf
    return np.where(s < 1, np.nan, result)


def _zeta_below(s: Any, q: Any) -> Any:
    """The sum for q < 0: over negative numbers, a sum over positive ones times (-1) ** s, and over the others."""
    rest = q - np.floor(q)
    return _zeta(s, rest) + np.where(s % 2, -1, 1) * (_zeta(s, 1 - rest) - _zeta(s, 1 - q))


def _zeta(s: Any, q: Any) -> Any:
    """The first terms one by one, the rest by the formula of Euler and Maclaurin."""
    first = added((q + k) ** -s for k in range(_SHIFT))
    a = q + _SHIFT
    total, factor = a / (s - 1) + 0.5, s / a
    for k, bernoulli in enumerate(_BERNOULLI, 1):
        total = total + bernoulli / math.factorial(2 * k) * factor
        factor = factor * (s + 2 * k - 1) / a * (s + 2 * k) / a
    rest = a**-s
    return first + np.where(rest == 0, 0, rest * total)


_AROUND_2 = [*(float((-1) ** k * _zeta(k, 2.0) / k) for k in range(26, 1, -1)), 1 - np.euler_gamma]


@in_double
def igamma(x: Any, y: Any) -> Any:
    """The lower regularised incomplete gamma function, 1/Γ(x) ∫ t ** (x - 1) exp(-t) dt from 0 to y."""
    return _incomplete(x, y, of_lower=True)


@in_double
def igammac(x: Any, y: Any) -> Any:
    """1 - igamma(x, y), without cancellation."""
    return _incomplete(x, y, of_lower=False)


def _incomplete(x: Any, y: Any, *, of_lower: bool) -> Any:
    """The lower function or the upper one, from the one of both that is smaller."""
    a, x = np.broadcast_arrays(x, y)
    all_below = (a == 0) | (x == np.inf)
    outside = ~((a >= 0) & (x >= 0)) | ((a == 0) & (x == 0)) | (np.isinf(a) & np.isinf(x))
    result = np.where(outside, np.nan, np.where(all_below == of_lower, 1.0, 0.0))
    inside = ~outside & (a > 0) & (x > 0) & np.isfinite(a) & np.isfinite(x)
    below, large = (x <= 1) | (x <= a), a > _LARGE
    for mask, kernel, is_lower in (
        (inside & below & ~large, _lower_series, True),
        (inside & ~below & ~large, _upper_fraction, False),
        (inside & below & large, lambda a, x: _temme(a, x, -1), True),
        (inside & ~below & large, lambda a, x: _temme(a, x, 1), False),
    ):
        part = np.minimum(kernel(a[mask], x[mask]), 1)
        result[mask] = part if is_lower == of_lower else 1 - part
    return result


def _front(a: Any, x: Any) -> Any:
    """x ** a exp(-x) / Γ(a + 1), for a large `a` by Stirling's formula, whose parts do not cancel."""
    terms = [b / (2 * k * (2 * k - 1)) for k, b in enumerate(_BERNOULLI, 1)]
    far = (x - a) / a
    exponent = np.where(abs(far) < 0.5, np.log1p(far) - far, np.log(x) - np.log(a) - far)
    large = np.exp(a * exponent - horner(1 / a / a, *reversed(terms)) / a) / np.sqrt(2 * np.pi * a)
    return np.where(a > _SHIFT, large, np.exp(a * np.log(x) - x - lgamma(a + 1)))


def _lower_series(a: Any, x: Any) -> Any:
    term = total = np.ones_like(a)
    k = 0
    while (term > total * 1e-17).any():
        k += 1
        term = term * x / (a + k)
        total = total + term
    return total * _front(a, x)


def _upper_fraction(a: Any, x: Any) -> Any:
    """Legendre's continued fraction, by the method of Lentz."""
    b = x + 1 - a
    c, d, k = np.full_like(b, 1e300), 1 / b, 0
    fraction, step = d, np.full_like(b, np.inf)
    while (abs(step - 1) > 0).any():
        k, b = k + 1, b + 2
        d = 1 / (b - k * (k - a) * d)
        c = b - k * (k - a) / c
        step = np.where(abs(c * d - 1) < 4e-16, 1, c * d)  # or the roundings of 1 would add up
        fraction = fraction * step
    return fraction * _front(a, x) * a


_TEMME = (1 / 864, -2 / 135, 1 / 12, -1 / 3)


def _temme(a: Any, x: Any, side: int) -> Any:
    """The first terms of Temme's uniform expansion (1979), for large `a`."""
    far = (x - a) / a
    half_square = np.where(abs(far) < 0.5, far - np.log1p(far), far - np.log(x) + np.log(a))
    eta = np.copysign(np.sqrt(2 * half_square), far)
    rest = (
        np.exp(-a * half_square)
        / np.sqrt(2 * np.pi * a)
        * (horner(np.clip(eta, -1, 1), *_TEMME) - 1 / (540 * a))
    )
    return erfc(side * eta * np.sqrt(a / 2)) / 2 + side * rest
