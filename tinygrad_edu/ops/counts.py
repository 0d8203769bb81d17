"""Counting: distinct numbers, how often each whole number occurs, how many numbers lie in each bin.

The results are counts or picks that have no derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.ops.tested import operation


@operation(None, example=lambda n: ([np.ones(n)], {"dim": None, "which": "values"}))
def distinct(x: np.ndarray, *, dim: int | None, which: str) -> np.ndarray:
    """The distinct numbers, or rows along `dim`, in order.

    `which`: their "values", the "inverse" (for each number the place of its value), or the "counts".
    """
    found = np.unique(x, return_inverse=True, return_counts=True, axis=dim, equal_nan=False)
    if which == "inverse":
        return found[1].reshape(x.shape if dim is None else -1)
    return found[0] if which == "values" else found[2]


@operation(None, None, example=lambda n: ([np.arange(n) % 2, np.ones(n)], {"minlength": n}))
def bincount(x: np.ndarray, weights: Any = None, *, minlength: int) -> np.ndarray:
    """How often each whole number from 0 occurs, or the sum of its weights; at least `minlength` results."""
    counts = np.bincount(x.astype(np.int64), weights, minlength)
    return counts if weights is None else counts.astype(weights.dtype)


@operation(
    None,
    shape=lambda _x, *, bins, limits, margin: (bins + 1,),
    example=lambda n: ([(n,)], {"bins": n, "limits": None, "margin": 1.0}),
)
def bin_edges(x: np.ndarray, *, bins: int, limits: tuple[float, float] | None, margin: float) -> np.ndarray:
    """The edges of `bins` bins of equal width between `limits`, or between the least and the greatest number.

    If these are equal, they are moved apart by the `margin`, one to each side.
    """
    low, high = limits or ((x.min(), x.max()) if x.size else (0, 1))
    if low == high:
        low, high = low - margin, high + margin
    return np.linspace(low, high, bins + 1, dtype=x.dtype)


@operation(None, None, None, example=lambda n: ([(3,), (3,), np.linspace(0.5, 1.5, n)], {"density": False}))
def histogram(x: np.ndarray, weights: Any, edges: np.ndarray, *, density: bool) -> np.ndarray:
    """The sum of the weights of the numbers in each bin; `density`: divided by their sum and the sizes.

    A bin has its lower edge and not its upper edge, but for the last.
    """
    weights = np.broadcast_to(weights, len(x))
    return np.histogram(x, edges, weights=weights, density=density)[0].astype(x.dtype)
