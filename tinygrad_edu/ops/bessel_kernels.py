"""Bessel functions on arrays, of order 0 and 1, by their integrals and, for large numbers, by their asymptotic series.

J0(x) is the mean of cos(x sin θ) over all angles; the mean over equidistant angles is exact but for J128(x), which
vanishes for x < 25. The other functions have similar means, in Y0 with weights that hold the logarithm.
Sources: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 9.1.18, 9.1.88, 9.2.5, 9.6.24, 9.7.1;
Trefethen and Weideman, The Exponentially Convergent Trapezoidal Rule (2014).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.ops.double_precision import Kernel, added, chosen, horner, in_double

_ANGLES = (np.arange(32) + 0.5) * np.pi / 64
_SINES = np.sin(_ANGLES)
_ORDERS = np.arange(1, 32)
_LOGARITHMS = -2 * (np.cos(2 * np.outer(_ANGLES, _ORDERS)) / _ORDERS) @ (-1.0) ** _ORDERS  # 2 log(2 cos θ)
_WEIGHTS = np.euler_gamma - np.log(2) + _LOGARITHMS


def _mean(x: Any, term: Callable[[Any, float, float], Any]) -> Any:
    """The mean of term(x sin θ, sin θ, weight) over the angles."""
    return added(term(x * s, s, w) for s, w in zip(_SINES, _WEIGHTS)) / len(_SINES)


def _near_or_far(x: Any, near: Kernel, far: Kernel, border: float = 25) -> Any:
    return chosen(x, (x <= border, near), (x > border, far))


def _hankel(order: int) -> np.ndarray:
    """The coefficients of the powers of 1/x in Hankel's series, that of the highest power first."""
    steps = [(4 * order**2 - (2 * k - 1) ** 2) / (8 * k) for k in range(1, 24)]
    return np.array([1.0, *np.cumprod(steps)])[::-1]


_HANKEL = [_hankel(0), _hankel(1)]
_SIGNS = np.array([-1, 1] * 6)


def _wave(x: Any, order: int, *, second: bool = False) -> Any:
    """J or, if `second`, Y for large x: √(2/πx) (p cos χ - q sin χ), with χ = x - (order/2 + 1/4) π."""
    r, coefficients = 1 / x, _HANKEL[order]
    p, q = horner(r * r, *coefficients[1::2] * _SIGNS), r * horner(r * r, *coefficients[::2] * _SIGNS)
    cosine, sine = np.cos(x) + np.sin(x), np.sin(x) - np.cos(x)  # of x - π/4, times √2, with all digits of x
    if order == 1:
        cosine, sine = sine, -cosine
    wave = p * sine + q * cosine if second else p * cosine - q * sine
    return wave / np.sqrt(np.pi * x)


@in_double
def bessel_j0(x: Any) -> Any:
    """The Bessel function J0."""
    return _near_or_far(np.abs(x), lambda x: _mean(x, lambda a, _s, _w: np.cos(a)), lambda x: _wave(x, 0))


@in_double
def bessel_j1(x: Any) -> Any:
    """The Bessel function J1."""
    return np.copysign(1, x) * _near_or_far(
        np.abs(x), lambda x: _mean(x, lambda a, s, _w: s * np.sin(a)), lambda x: _wave(x, 1)
    )


@in_double
def bessel_y0(x: Any) -> Any:
    """The Bessel function of the second kind Y0; -inf at 0, nan below."""
    return _near_or_far(
        x, lambda x: 2 / np.pi * _weighted(x, lambda a, _s: np.cos(a)), lambda x: _wave(x, 0, second=True)
    )


def _weighted(x: Any, term: Kernel) -> Any:
    """The mean of term(x sin θ, sin θ), weighted by γ + log(x / 2) + 2 log(2 cos θ)."""
    logarithm = np.log(x)
    return _mean(x, lambda a, s, w: term(a, s) * (logarithm + w))


@in_double
def bessel_y1(x: Any) -> Any:
    """The Bessel function of the second kind Y1; -inf at 0, nan below."""
    near = _near_or_far(x, _near_y1, lambda x: _wave(x, 1, second=True))
    return np.where(x == 0, -np.inf, near)


def _near_y1(x: Any) -> Any:
    return 2 / np.pi * (_weighted(x, lambda a, s: s * np.sin(a)) - bessel_j0(x) / x)


@in_double
def i0e(x: Any) -> Any:
    """exp(-|x|) I0(x), without overflow."""
    return _near_or_far(
        np.abs(x), lambda x: np.exp(-x) * _mean(x, lambda a, _s, _w: np.cosh(a)), lambda x: _far_ie(x, 0)
    )


@in_double
def i1e(x: Any) -> Any:
    """exp(-|x|) I1(x), without overflow."""
    return np.copysign(1, x) * _near_or_far(
        np.abs(x), lambda x: np.exp(-x) * _mean(x, lambda a, s, _w: s * np.sinh(a)), lambda x: _far_ie(x, 1)
    )


def _far_ie(x: Any, order: int) -> Any:
    return horner(-1 / x, *_HANKEL[order]) / np.sqrt(2 * np.pi * x)


@in_double
def i0(x: Any) -> Any:
    """The modified Bessel function I0."""
    return _grown(i0e(x), x)


@in_double
def i1(x: Any) -> Any:
    """The modified Bessel function I1."""
    return _grown(i1e(x), x)


def _grown(scaled: Any, x: Any) -> Any:
    """exp(|x|) times `scaled`, in two halves, each of which stays finite."""
    half = np.exp(np.abs(x) / 2)
    return half * scaled * half


@in_double
def scaled_modified_bessel_k0(x: Any) -> Any:
    """exp(x) K0(x), without underflow; inf at 0, nan below."""
    return _near_or_far(
        x, lambda x: -np.exp(x) * _weighted(x, lambda a, _s: np.cosh(a)), lambda x: _far_ke(x, 0), 1
    )


@in_double
def scaled_modified_bessel_k1(x: Any) -> Any:
    """exp(x) K1(x), without underflow; inf at 0, nan below."""
    near = _near_or_far(x, _near_k1e, lambda x: _far_ke(x, 1), 1)
    return np.where(x == 0, np.inf, near)


def _near_k1e(x: Any) -> Any:
    return np.exp(x) * (_weighted(x, lambda a, s: s * np.sinh(a)) + i0(x) / x)


def _far_ke(x: Any, order: int) -> Any:
    """∫ exp(x - x cosh t) cosh(order t) dt from 0 to ∞ by the trapezoidal rule, with steps as wide as the integrand."""
    step = 0.25 / np.maximum(1, np.sqrt(x) / 2)
    terms = (np.exp(-2 * x * np.sinh(k * step / 2) ** 2) * np.cosh(order * k * step) for k in range(1, 20))
    return np.where(x == np.inf, 0, step * (0.5 + added(terms)))


@in_double
def modified_bessel_k0(x: Any) -> Any:
    """The modified Bessel function of the second kind K0; inf at 0, nan below."""
    return scaled_modified_bessel_k0(x) * np.exp(-x)


@in_double
def modified_bessel_k1(x: Any) -> Any:
    """The modified Bessel function of the second kind K1; inf at 0, nan below."""
    return scaled_modified_bessel_k1(x) * np.exp(-x)


@in_double
def spherical_bessel_j0(x: Any) -> Any:
    """sin(x) / x, 1 at 0."""
    return np.where(x == 0, 1, np.where(np.isinf(x), 0, np.sin(x) / x))


_SERIES = [(-1) ** k * (1 / math.factorial(2 * k + 1) - 1 / math.factorial(2 * k)) for k in range(7, 0, -1)]


@in_double
def spherical_bessel_j1(x: Any) -> Any:
    """(sin(x) / x - cos(x)) / x, which is minus the derivative of spherical_bessel_j0."""
    return np.where(np.abs(x) < 0.5, x * horner(x * x, *_SERIES), (np.sin(x) / x - np.cos(x)) / x)
