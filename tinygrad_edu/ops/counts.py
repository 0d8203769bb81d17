"""Counting: distinct numbers, how often each whole number occurs, how many numbers lie in each bin.

The results are counts or picks that have no derivative.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.ops.tested import operation


@operation(None, example=lambda n: ([np.ones(n)], {"dim": None, "runs": False, "which": "values"}))
def distinct(x: np.ndarray, *, dim: int | None, runs: bool, which: str) -> np.ndarray:
    """The distinct numbers, or rows along `dim`, in order; of each run one if `runs`.

    `which`: their "values", the "inverse" (for each number the place of its value), or the "counts".
    """
    rows = labels = x.reshape(-1) if dim is None else np.moveaxis(x, dim, 0)
    if runs:
        changes = (rows[1:] != rows[:-1]).any(axis=tuple(range(1, rows.ndim)))
        labels = np.cumsum(np.append(0, changes))[: len(rows)]  # of each row the number of its run
    _, first, inverse, counts = np.unique(
        labels, True, True, True, axis=None if labels.ndim == 1 else 0, equal_nan=False
    )
    if which == "values":
        return np.moveaxis(rows[first], 0, dim or 0)
    return counts if which == "counts" else inverse.reshape(x.shape if dim is None else -1)


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


@operation(None, None, None, example=lambda n: ([(3, 1), (3,), np.linspace(0.5, 1.5, n)], {"density": False}))
def histogram(x: np.ndarray, weights: Any, *edges: np.ndarray, density: bool) -> np.ndarray:
    """The sum of the weights of the rows of `x` in each bin, whose `edges` are given for each column.

    A bin has its lower edge and not its upper edge, but for the last. `density`: divided by their sum and the sizes.
    """
    weights = np.broadcast_to(weights, len(x))
    return np.histogramdd(x, edges, weights=weights, density=density)[0].astype(x.dtype)
