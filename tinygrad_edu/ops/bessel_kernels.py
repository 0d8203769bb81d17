"""Bessel functions on arrays, of order 0 and 1, by their integrals and, for large numbers, by their asymptotic series.

J0(x) is the mean of cos(x sin θ) over the angles; the mean over equidistant angles is exact but for J128(x), which
vanishes for x < 25. The other functions have similar means, in Y0 with weights that hold the logarithm.
Sources: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 9.1.18, 9.1.88, 9.2.5, 9.6.24, 9.7.1;
Trefethen and Weideman, The Exponentially Convergent Trapezoidal Rule (2014).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.ops.double_precision import chosen

_ANGLES = (np.arange(32) + 0.5) * np.pi / 64
_SINES = np.sin(_ANGLES)
_ORDERS = np.arange(1, 32)
# γ - log 2 and the Fourier series of 2 log(2 cos θ), of which Y0 is made.
_WEIGHTS = (
    np.euler_gamma - np.log(2) - 2 * (np.cos(2 * np.outer(_ANGLES, _ORDERS)) / _ORDERS) @ (-1.0) ** _ORDERS
)
_LARGE = 25.0


def _angular(x: Any) -> tuple[Any, Any, Any]:
    """x sin θ and sin θ in a new last dimension, and the weights of Y0."""
    return x[..., None] * _SINES, _SINES, np.log(x)[..., None] + _WEIGHTS


def _coefficients(order: int) -> list[float]:
    """Those of the powers of 1/x in Hankel's series."""
    steps = [(4 * order**2 - (2 * k - 1) ** 2) / (8 * k) for k in range(1, 25)]
    return [1.0, *np.cumprod(steps).tolist()]


_HANKEL = [_coefficients(0), _coefficients(1)]


def _series(x: Any, coefficients: list[float]) -> Any:
    return np.polyval(coefficients[::-1], x)


def _wave(x: Any, order: int, *, second: bool) -> Any:
    """J or, if `second`, Y for large x: √(2/πx) (P cos χ - Q sin χ), with χ = x - (order/2 + 1/4) π."""
    a, r = np.array(_HANKEL[order]), 1 / x
    signs = np.array([1, -1] * 6)
    p, q = _series(r * r, [*(a[0:24:2] * signs)]), r * _series(r * r, [*(a[1:24:2] * signs)])
    cosine, sine = (
        (np.cos(x) + np.sin(x)),
        (np.sin(x) - np.cos(x)),
    )  # √2 cos(x - π/4): no digit of a large x is lost
    if order == 1:
        cosine, sine = sine, -cosine
    wave = p * sine + q * cosine if second else p * cosine - q * sine
    return wave / np.sqrt(np.pi * x)


def bessel_j0(x: Any) -> Any:
    """The Bessel function J0."""
    x = np.abs(x)
    return chosen(
        x,
        (x <= _LARGE, lambda x: np.cos(_angular(x)[0]).mean(-1)),
        (x > _LARGE, lambda x: _wave(x, 0, second=False)),
    )


def bessel_j1(x: Any) -> Any:
    """The Bessel function J1."""
    return np.copysign(1, x) * chosen(
        np.abs(x),
        (np.abs(x) <= _LARGE, lambda x: (np.sin(_angular(x)[0]) * _SINES).mean(-1)),
        (np.abs(x) > _LARGE, lambda x: _wave(x, 1, second=False)),
    )


def bessel_y0(x: Any) -> Any:
    """The Bessel function of the second kind Y0; -inf at 0, nan below."""
    return chosen(x, (x <= _LARGE, _near_y0), (x > _LARGE, lambda x: _wave(x, 0, second=True)))


def _near_y0(x: Any) -> Any:
    angular, _, weights = _angular(x)
    return 2 / np.pi * (np.cos(angular) * weights).mean(-1)


def bessel_y1(x: Any) -> Any:
    """The Bessel function of the second kind Y1; -inf at 0, nan below."""
    return chosen(
        x,
        (x <= _LARGE, _near_y1),
        (x > _LARGE, lambda x: _wave(x, 1, second=True)),
        (x == 0, lambda x: x - np.inf),
    )


def _near_y1(x: Any) -> Any:
    angular, sines, weights = _angular(x)
    return 2 / np.pi * ((np.sin(angular) * sines * weights).mean(-1) - bessel_j0(x) / x)


def i0e(x: Any) -> Any:
    """exp(-|x|) I0(x), without overflow."""
    x = np.abs(x)
    return chosen(x, (x <= _LARGE, _near_i0e), (x > _LARGE, lambda x: _far_ie(x, 0)))


def _near_i0e(x: Any) -> Any:
    return np.cosh(_angular(x)[0]).mean(-1) * np.exp(-x)


def i1e(x: Any) -> Any:
    """exp(-|x|) I1(x), without overflow."""
    return np.copysign(1, x) * chosen(
        np.abs(x),
        (np.abs(x) <= _LARGE, lambda x: (np.sinh(_angular(x)[0]) * _SINES).mean(-1) * np.exp(-x)),
        (np.abs(x) > _LARGE, lambda x: _far_ie(x, 1)),
    )


def _far_ie(x: Any, order: int) -> Any:
    return _series(-1 / x, _HANKEL[order]) / np.sqrt(2 * np.pi * x)


def i0(x: Any) -> Any:
    """The modified Bessel function I0."""
    return _grown(i0e(x), x)


def i1(x: Any) -> Any:
    """The modified Bessel function I1."""
    return _grown(i1e(x), x)


def _grown(scaled: Any, x: Any) -> Any:
    """exp(|x|) times `scaled`, in two halves, each of which stays finite."""
    half = np.exp(np.abs(x) / 2)
    return half * scaled * half


def scaled_modified_bessel_k0(x: Any) -> Any:
    """exp(x) K0(x), without underflow; inf at 0, nan below."""
    return chosen(x, (x < 1, lambda x: _near_k0(x) * np.exp(x)), (x >= 1, lambda x: _far_ke(x, 0)))


def _near_k0(x: Any) -> Any:
    angular, _, weights = _angular(x)
    return -(np.cosh(angular) * weights).mean(-1)


def scaled_modified_bessel_k1(x: Any) -> Any:
    """exp(x) K1(x), without underflow; inf at 0, nan below."""
    return chosen(
        x,
        (x < 1, lambda x: _near_k1(x) * np.exp(x)),
        (x >= 1, lambda x: _far_ke(x, 1)),
        (x == 0, lambda x: x + np.inf),
    )


def _near_k1(x: Any) -> Any:
    angular, sines, weights = _angular(x)
    return (np.sinh(angular) * sines * weights).mean(-1) + i0(x) / x


def _far_ke(x: Any, order: int) -> Any:
    """∫ exp(x - x cosh t) cosh(order t) dt from 0 to ∞ by the trapezoidal rule, with steps as wide as the integrand."""
    step = 0.25 / np.maximum(1, np.sqrt(x) / 2)[..., None]
    t = np.arange(20) * step
    values = np.exp(-2 * x[..., None] * np.sinh(t / 2) ** 2) * np.cosh(order * t)
    values[..., 0] /= 2
    return np.where(x == np.inf, 0, (values * step).sum(-1))


def modified_bessel_k0(x: Any) -> Any:
    """The modified Bessel function of the second kind K0; inf at 0, nan below."""
    return scaled_modified_bessel_k0(x) * np.exp(-x)


def modified_bessel_k1(x: Any) -> Any:
    """The modified Bessel function of the second kind K1; inf at 0, nan below."""
    return scaled_modified_bessel_k1(x) * np.exp(-x)


def spherical_bessel_j0(x: Any) -> Any:
    """sin(x) / x, 1 at 0."""
    return np.where(x == 0, 1, np.where(np.isinf(x), 0, np.sin(x) / x))


def spherical_bessel_j1(x: Any) -> Any:
    """(sin(x) / x - cos(x)) / x, which is minus the derivative of spherical_bessel_j0."""
    square = x * x
    near = (
        x
        / 3
        * (1 - square / 10 * (1 - square / 28 * (1 - square / 54 * (1 - square / 88 * (1 - square / 130)))))
    )
    return np.where(np.abs(x) < 0.5, near, (np.sin(x) / x - np.cos(x)) / x)
