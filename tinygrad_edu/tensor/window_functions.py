"""Windows that a signal is multiplied with: rows of numbers that fall off to both sides.

Each is a formula of t: 0 at its first number, and 1 at its last one, or if `periodic` one step after it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.tensor.devices import placed
from tinygrad_edu.tensor.draws import floating
from tinygrad_edu.tensor.filled import made, sizes_of
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.tensor import Tensor


@placed
def _window(
    length: Any, periodic: bool, formula: Callable[[Any], Any], dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    (count,) = sizes_of("a window", (length,))
    t = np.arange(count) / max(count if periodic else count - 1, 1)
    numbers = formula(t) if count > 1 else np.ones(count)
    return made(Tensor, np.asarray(numbers, floating("a window", dtype)), requires_grad)


@public(method=False)
def bartlett_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """`1 - |2t - 1|`."""
    return _window(window_length, periodic, lambda t: 1 - np.abs(2 * t - 1), **options)


@public(method=False)
def hamming_window(
    window_length: int, periodic: bool = True, alpha: float = 0.54, beta: float = 0.46, **options: Any
) -> Tensor:
    """`alpha - beta cos(2πt)`."""
    return _window(window_length, periodic, lambda t: alpha - beta * np.cos(2 * np.pi * t), **options)


@public(method=False)
def hann_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """`(1 - cos(2πt)) / 2`."""
    return hamming_window(window_length, periodic, 0.5, 0.5, **options)


@public(method=False)
def blackman_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """`0.42 - 0.5 cos(2πt) + 0.08 cos(4πt)`."""
    return _window(
        window_length,
        periodic,
        lambda t: 0.42 - 0.5 * np.cos(2 * np.pi * t) + 0.08 * np.cos(4 * np.pi * t),
        **options,
    )


@public(method=False)
def kaiser_window(window_length: int, periodic: bool = True, beta: float = 12.0, **options: Any) -> Tensor:
    """`I0(beta sqrt(1 - (2t - 1)²)) / I0(beta)`, with the modified Bessel function I0."""
    return _window(
        window_length,
        periodic,
        lambda t: np.i0(beta * np.sqrt(1 - (2 * t - 1) ** 2)) / np.i0(beta),
        **options,
    )
