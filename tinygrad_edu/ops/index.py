"""Picking elements: `x[index]`, its adjoint, and one element per row."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.operation import Data, operation


def repeats(index: Any) -> bool:
    """Whether `index` may name one element twice: only arrays of integers can."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, np.ndarray) and part.dtype != np.bool_ for part in parts)


def _take_rule(g: Data, _y: Data, like: Data, *, index: Any) -> Data:
    return scatter(g, index=index, shape=like.shape)


@operation(_take_rule, view=True)
def take(x: np.ndarray, *, index: Any) -> np.ndarray:
    """The elements `x[index]`, for any index NumPy accepts.

    An element taken twice receives both gradients.
    Raises `IndexError` as NumPy does.
    """
    return x[index]


def _scatter_rule(g: Data, _y: Data, _x: Data, *, index: Any, shape: tuple[int, ...]) -> Data:
    return take(g, index=index)


@operation(_scatter_rule)
def scatter(x: np.ndarray, *, index: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Zeros of `shape`, with `x` added at `index`; an index given twice receives both."""
    y = np.zeros(shape, dtype=x.dtype)
    if repeats(index):
        np.add.at(y, index, x)
    else:
        y[index] = x
    return y
