"""Operations that combine many numbers into one: sum, mean, amax and the stable exponentials over a dimension.

`dims` is a tuple of non-negative dimensions, or None for all of them; `dim` is one non-negative dimension.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data, operation
from tinygrad_edu.ops.elementwise import equal, exp
from tinygrad_edu.ops.shape import expand

Dims = tuple[int, ...] | None
_total: Any = np.add.reduce  # what x.sum, x.max and x.min call in the end
_greatest: Any = np.maximum.reduce
_smallest: Any = np.minimum.reduce


def kept_shape(shape: tuple[int, ...], dims: Dims) -> tuple[int, ...]:
    """`shape` with 1 for every reduced dimension."""
    return tuple(1 if dims is None or i in dims else n for i, n in enumerate(shape))


def _count(shape: tuple[int, ...], dims: Dims) -> int:
    """How many numbers go into each result."""
    return math.prod(n for i, n in enumerate(shape) if dims is None or i in dims)


def _sum_rule(g: Data, _y: Data, like: Data, *, dims: Dims, keepdim: bool) -> Data:
    return expand(g.reshape(kept_shape(like.shape, dims)), shape=like.shape)


@operation(_sum_rule)
def sum(x: np.ndarray, *, dims: Dims, keepdim: bool, out: np.ndarray | None = None) -> np.ndarray:  # noqa: A001 - the operation's name
    """The sum over `dims`."""
    return _total(x, axis=dims, out=out, keepdims=keepdim)


def _mean_rule(g: Data, y: Data, like: Data, *, dims: Dims, keepdim: bool) -> Data:
    return _sum_rule(g / _count(like.shape, dims), y, like, dims=dims, keepdim=keepdim)


@operation(_mean_rule)
def mean(x: np.ndarray, *, dims: Dims, keepdim: bool, out: np.ndarray | None = None) -> np.ndarray:
    """The sum over `dims`, divided by how many numbers went into each result."""
    total = x.sum(axis=dims, out=out, keepdims=keepdim)
    count = _count(x.shape, dims)
    return total / count if out is None else np.true_divide(total, count, out=out)


def _extreme_rule(g: Data, y: Data, x: Data, *, dims: Dims, keepdim: bool) -> Data:
    kept = kept_shape(x.shape, dims)
    chosen = equal(x, y.reshape(kept)).astype(g.dtype)
    return g.reshape(kept) * chosen / chosen.sum(axis=dims, keepdims=True)


@operation(_extreme_rule)
def amax(x: np.ndarray, *, dims: Dims, keepdim: bool, out: np.ndarray | None = None) -> np.ndarray:
    """The greatest over `dims`. Equal ones share the gradient evenly."""
    return _greatest(x, axis=dims, out=out, keepdims=keepdim)


@operation(_extreme_rule)
def amin(x: np.ndarray, *, dims: Dims, keepdim: bool, out: np.ndarray | None = None) -> np.ndarray:
    """The smallest over `dims`. Equal ones share the gradient evenly."""
    return _smallest(x, axis=dims, out=out, keepdims=keepdim)


@operation(None)
def argmax(x: np.ndarray, *, dim: int | None, keepdim: bool) -> Any:
    """Where the greatest is along `dim`, the first of equals; among all numbers if `dim` is None."""
    return np.argmax(x, axis=dim, keepdims=keepdim)


@operation(None)
def argmin(x: np.ndarray, *, dim: int | None, keepdim: bool) -> Any:
    """Where the smallest is along `dim`, the first of equals; among all numbers if `dim` is None."""
    return np.argmin(x, axis=dim, keepdims=keepdim)


@operation(None)
def round(x: np.ndarray, *, decimals: int) -> np.ndarray:  # noqa: A001 - the operation's name
    """Each number rounded to `decimals`, halves to even; a step function, so its derivative is zero."""
    return np.round(x, decimals)


def _logsumexp_rule(g: Data, y: Data, x: Data, *, dims: Dims, keepdim: bool) -> Data:
    kept = kept_shape(x.shape, dims)
    return g.reshape(kept) * exp(x - y.reshape(kept))


@operation(_logsumexp_rule)
def logsumexp(x: np.ndarray, *, dims: Dims, keepdim: bool) -> np.ndarray:
    """log(sum(exp(x))) over `dims`, shifted by the greatest so that exp cannot overflow."""
    top = x.max(axis=dims, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)  # inf - inf would be nan
    y = np.log(np.exp(x - top).sum(axis=dims, keepdims=True)) + top
    return y if keepdim else y.squeeze(dims)


def _softmax_rule(g: Data, y: Data, _x: Data, *, dim: int) -> Data:
    return y * (g - (g * y).sum(axis=dim, keepdims=True))


@operation(_softmax_rule)
def softmax(x: np.ndarray, *, dim: int, out: np.ndarray | None = None) -> np.ndarray:
    """exp(x) / sum(exp(x)) along `dim`, shifted by the greatest so that exp cannot overflow."""
    e = np.exp(np.subtract(x, x.max(axis=dim, keepdims=True), out=out), out=out)
    return np.true_divide(e, e.sum(axis=dim, keepdims=True), out=out)


def _log_softmax_rule(g: Data, y: Data, _x: Data, *, dim: int) -> Data:
    return g - exp(y) * g.sum(axis=dim, keepdims=True)


@operation(_log_softmax_rule)
def log_softmax(x: np.ndarray, *, dim: int, out: np.ndarray | None = None) -> np.ndarray:
    """log(softmax(x)) along `dim`, without taking the log of a rounded 0."""
    shifted = np.subtract(x, _greatest(x, axis=dim, keepdims=True), out=out)
    return np.subtract(shifted, np.log(_total(np.exp(shifted), axis=dim, keepdims=True)), out=out)
