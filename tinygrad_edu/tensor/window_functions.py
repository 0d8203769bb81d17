"""Windows that a signal is multiplied with: rows of numbers that fall off to both sides.

Each is a formula of the angle w: 0 at its first number, and 2π at its last one, or if `periodic` one step after it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.tensor.draws import floating
from tinygrad_edu.tensor.filled import made, placed, sizes_of
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.tensor import Tensor


@placed
def _window(
    length: Any, periodic: bool, formula: Callable[[Any], Any], dtype: Any = None, requires_grad: bool = False
) -> Tensor:
    (count,) = sizes_of("a window", (length,))
    w = 2 * np.pi * np.arange(count) / max(count if periodic else count - 1, 1)
    numbers = formula(w) if count > 1 else np.ones(count)
    return made(Tensor, np.asarray(numbers, floating("a window", dtype)), requires_grad)


@public(method=False)
def bartlett_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """`1 - |w/π - 1|`."""
    return _window(window_length, periodic, lambda w: 1 - np.abs(w / np.pi - 1), **options)


@public(method=False)
def hamming_window(
    window_length: int, periodic: bool = True, alpha: float = 0.54, beta: float = 0.46, **options: Any
) -> Tensor:
    """`alpha - beta cos(w)`."""
    return _window(window_length, periodic, lambda w: alpha - beta * np.cos(w), **options)


@public(method=False)
def hann_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """`(1 - cos(w)) / 2`."""
    return hamming_window(window_length, periodic, 0.5, 0.5, **options)


@public(method=False)
def blackman_window(window_length: int, periodic: bool = True, **options: Any) -> Tensor:
    """`0.42 - 0.5 cos(w) + 0.08 cos(2w)`."""
    cos = np.cos
    return _window(window_length, periodic, lambda w: 0.42 - 0.5 * cos(w) + 0.08 * cos(2 * w), **options)


@public(method=False)
def kaiser_window(window_length: int, periodic: bool = True, beta: float = 12.0, **options: Any) -> Tensor:
    """`I0(beta sqrt(1 - (w/π - 1)²)) / I0(beta)`, with the modified Bessel function I0."""

    def formula(w: Any) -> Any:
        return np.i0(beta * np.sqrt(np.maximum(1 - (w / np.pi - 1) ** 2, 0))) / np.i0(beta)

    return _window(window_length, periodic, formula, **options)
