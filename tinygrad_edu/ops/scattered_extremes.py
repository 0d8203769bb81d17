"""The greatest or the smallest of the numbers that meet in one place: what `scatter` does with sums."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.engine.readings import Example
from tinygrad_edu.ops.elementwise import equal
from tinygrad_edu.ops.index import ARRAY, filled, scatter, take
from tinygrad_edu.ops.tested import operation


def _x_rule(g: Data, y: Data, x: Data, v: Data, *arrays: Data, index: Any) -> Data:
    return _share(g, y, x, v, *arrays, index=index) * equal(x, y).astype(g.dtype)


def _v_rule(g: Data, y: Data, x: Data, v: Data, *arrays: Data, index: Any) -> Data:
    share = take(_share(g, y, x, v, *arrays, index=index), *arrays, index=index)
    return share * equal(v, take(y, *arrays, index=index)).astype(g.dtype)


def _share(g: Data, y: Data, x: Data, v: Data, *arrays: Data, index: Any) -> Data:
    """The gradient for each of the equal extremes in a place."""
    hits = equal(v, take(y, *arrays, index=index)).astype(g.dtype)
    count = equal(x, y).astype(g.dtype) + scatter(hits, *arrays, index=index, shape=x.shape)
    return g / count


def _example(n: int) -> Example:
    return [(n, n + 1), (n, n + 1), np.arange(n) // 2], {"index": ARRAY}


@operation(
    _x_rule,
    _v_rule,
    shape=lambda x, _v, *_arrays, index: x,
    jax="x.at[filled(index, arrays)].max(v)",
    javascript="combinedAt(Math.max)",
    example=_example,
)
def scatter_amax(x: np.ndarray, v: np.ndarray, *arrays: np.ndarray, index: Any) -> np.ndarray:
    """The greatest of `x` and of what `v` brings to its place. Equal ones share the gradient evenly."""
    y = x.copy()
    np.maximum.at(y, filled(index, arrays), v)
    return y


@operation(
    _x_rule,
    _v_rule,
    shape=lambda x, _v, *_arrays, index: x,
    jax="x.at[filled(index, arrays)].min(v)",
    javascript="combinedAt(Math.min)",
    example=_example,
)
def scatter_amin(x: np.ndarray, v: np.ndarray, *arrays: np.ndarray, index: Any) -> np.ndarray:
    """The smallest of `x` and of what `v` brings to its place. Equal ones share the gradient evenly."""
    y = x.copy()
    np.minimum.at(y, filled(index, arrays), v)
    return y
