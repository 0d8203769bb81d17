"""Orthogonal polynomials by their recurrences, as `torch.special`: each follows from the two before.

Source: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 22.7.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.elementwise import where
from tinygrad_edu.tensor.functions.public import public

MAX_DEGREE = 1000

Following = Callable[[int, Data, Data, Data], Data]


def _polynomial(name: str, first: Callable[[Data], Data], following: Following) -> None:
    """Publish the polynomials 1, first(x), ...: on p of degree k and q before follows `following(k, x, p, q)`."""

    def polynomial(input: Data, n: Any) -> Data:
        degree = _degrees(f"special.{name}", n)
        x = (input + n * 0) * 1.0
        result = where(degree < 0, 0.0, where(degree == 0, 1.0, x))
        q, p = 1.0, first(x)
        for k in range(1, int(degree.max(initial=0)) + 1):
            result = where(degree == k, p, result)
            q, p = p, following(k, x, p, q)
        return result

    polynomial.__name__ = name
    polynomial.__doc__ = (
        f"The {name.rpartition('_')[0].replace('_', ' ')} of degree `n`, one or one for each x."
    )
    public(within="special")(polynomial)


def _degrees(call: str, n: Any) -> np.ndarray:
    """The degrees as whole numbers; fractions are cut off."""
    degrees = np.nan_to_num(np.trunc(np.asarray(n, np.float64)))
    if degrees.max(initial=0) > MAX_DEGREE:
        raise ValueError(f"{call} has degrees up to {MAX_DEGREE} here, got {degrees.max():.0f}")
    return degrees


def _chebyshev(_k: int, x: Data, p: Data, q: Data) -> Data:
    return 2 * x * p - q


def _shifted(first: Callable[[Data], Data]) -> tuple[Callable[[Data], Data], Following]:
    return lambda x: first(2 * x - 1), lambda _k, x, p, q: _chebyshev(_k, 2 * x - 1, p, q)


_FIRST: dict[str, Callable[[Data], Data]] = {
    "t": lambda x: x,
    "u": lambda x: 2 * x,
    "v": lambda x: 2 * x - 1,
    "w": lambda x: 2 * x + 1,
}
for _kind, _first in _FIRST.items():
    _polynomial(f"chebyshev_polynomial_{_kind}", _first, _chebyshev)
    _polynomial(f"shifted_chebyshev_polynomial_{_kind}", *_shifted(_first))
_polynomial("hermite_polynomial_h", lambda x: 2 * x, lambda k, x, p, q: 2 * x * p - 2 * k * q)
_polynomial("hermite_polynomial_he", lambda x: x, lambda k, x, p, q: x * p - k * q)
_polynomial(
    "laguerre_polynomial_l", lambda x: 1 - x, lambda k, x, p, q: ((2 * k + 1 - x) * p - k * q) / (k + 1)
)
_polynomial("legendre_polynomial_p", lambda x: x, lambda k, x, p, q: ((2 * k + 1) * x * p - k * q) / (k + 1))
