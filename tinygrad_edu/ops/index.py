"""Picking elements: `x[index]` and its adjoint.

What is fixed (numbers, slices, arrays) stands in `index`; an array that was computed stands among the inputs, and
`ARRAY` in its place in `index`, so that the graph knows it.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data, operation


class _Array:
    """The mark for "the next of the arrays"."""

    def __repr__(self) -> str:
        return "ARRAY"


ARRAY = _Array()


def filled(index: Any, arrays: tuple[Any, ...]) -> Any:
    """`index` with the arrays in place of the marks."""
    if not arrays:
        return index
    waiting = iter(arrays)
    parts = index if isinstance(index, tuple) else (index,)
    whole = tuple(next(waiting) if part is ARRAY else part for part in parts)
    return whole if isinstance(index, tuple) else whole[0]


def repeats(index: Any) -> bool:
    """Whether `index` may name one element twice: only arrays of integers can."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, np.ndarray) and part.dtype != np.bool_ for part in parts)


def _take_rule(g: Data, _y: Data, like: Data, *arrays: Data, index: Any) -> Data:
    return scatter(g, *arrays, index=index, shape=like.shape)


@operation(_take_rule, view=True)
def take(x: np.ndarray, *arrays: np.ndarray, index: Any) -> np.ndarray:
    """The elements `x[index]`, for any index NumPy accepts.

    An element taken twice receives both gradients.
    Raises `IndexError` as NumPy does.
    """
    place = filled(index, arrays)
    y = x[place]
    if isinstance(y, np.ndarray):
        return y
    parts = place if isinstance(place, tuple) else (place,)
    return x[(*parts, ...)]  # a single number, but in the memory of x


def _scatter_rule(g: Data, _y: Data, _x: Data, *arrays: Data, index: Any, shape: tuple[int, ...]) -> Data:
    return take(g, *arrays, index=index)


@operation(_scatter_rule)
def scatter(
    x: np.ndarray, *arrays: np.ndarray, index: Any, shape: tuple[int, ...], out: np.ndarray | None = None
) -> np.ndarray:
    """Zeros of `shape`, with `x` added at `index`; an index given twice receives both."""
    place = filled(index, arrays)
    if out is None:
        y = np.zeros(shape, dtype=x.dtype)
    else:
        y = out
        y.fill(0)
    if repeats(place):
        np.add.at(y, place, x)
    else:
        y[place] = x
    return y


@functools.cache
def _order(classes: int, after: int) -> np.ndarray:
    """All class numbers, along a dimension with `after` others behind it."""
    return np.arange(classes).reshape(-1, *[1] * after)


@operation(None)
def one_hot(numbers: np.ndarray, *, classes: int, dim: int, dtype: Any) -> np.ndarray:
    """1 in the place of each class number along a new `dim`, 0 elsewhere; all 0 for what is no class number."""
    sizes = numbers.shape
    return (numbers.reshape(*sizes[:dim], 1, *sizes[dim:]) == _order(classes, len(sizes) - dim)).astype(dtype)
