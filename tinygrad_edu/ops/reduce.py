"""Operations that combine many numbers into one: sum, mean, amax and the stable exponentials over a dimension.

`dims` is a tuple of non-negative dimensions, or None for all of them; `dim` is one non-negative dimension.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.engine.readings import ARRAYS, Example
from tinygrad_edu.ops.elementwise import equal, exp, log
from tinygrad_edu.ops.shape import expand
from tinygrad_edu.ops.tested import operation
from tinygrad_edu.text import notation as written

Dims = tuple[int, ...] | None
_total: Any = np.add.reduce  # what x.sum, x.max and x.min call in the end
_greatest: Any = np.maximum.reduce
_smallest: Any = np.minimum.reduce


def kept_shape(shape: tuple[int, ...], dims: Dims) -> tuple[int, ...]:
    """`shape` with 1 for every reduced dimension."""
    return tuple(1 if dims is None or i in dims else n for i, n in enumerate(shape))


def _reduced_shape(shape: tuple[int, ...], *, dims: Dims, keepdim: bool) -> tuple[int, ...]:
    kept = kept_shape(shape, dims)
    return kept if keepdim else tuple(n for i, n in enumerate(kept) if not (dims is None or i in dims))


def same_shape(shape: tuple[int, ...], **_settings: Any) -> tuple[int, ...]:
    """The shape of a result that has the shape of its input."""
    return shape


def _picked_shape(shape: tuple[int, ...], *, dim: int | None, keepdim: bool) -> tuple[int, ...]:
    return _reduced_shape(shape, dims=None if dim is None else (dim,), keepdim=keepdim)


def _pick(n: int) -> Example:
    return [(n, n + 1)], {"dim": 1, "keepdim": False}


def _rows(n: int) -> Example:
    return [(n, n + 1)], {"dims": (1,), "keepdim": True}


def _along(n: int) -> Example:
    return [(n, n + 1)], {"dim": 1}


def _count(shape: tuple[int, ...], dims: Dims) -> int:
    """How many numbers go into each result."""
    return math.prod(n for i, n in enumerate(shape) if dims is None or i in dims)


def _sum_rule(g: Data, _y: Data, like: Data, *, dims: Dims, keepdim: bool) -> Data:
    return expand(g.reshape(kept_shape(like.shape, dims)), shape=like.shape)


@operation(
    _sum_rule,
    shape=_reduced_shape,
    example=_rows,
    numpy="x.sum(axis=dims, keepdims=keepdim)",
    notation=written.TOTAL,
    javascript="reduced((a, b) => a + b, 0)",
    scalars=ARRAYS,
)
def sum(x: np.ndarray, *, dims: Dims, keepdim: bool, out: np.ndarray | None = None) -> np.ndarray:  # noqa: A001 - the operation's name
    """The sum over `dims`."""
    return _total(x, axis=dims, out=out, keepdims=keepdim)


def _mean_rule(g: Data, y: Data, like: Data, *, dims: Dims, keepdim: bool) -> Data:
    return _sum_rule(g / _count(like.shape, dims), y, like, dims=dims, keepdim=keepdim)


def _mean_on_paper(x: Data, *, dims: Dims, keepdim: bool) -> Data:
    return sum(x, dims=dims, keepdim=keepdim) / _count(x.shape, dims)


@operation(
    _mean_rule,
    shape=_reduced_shape,
    example=_rows,
    numpy="x.mean(axis=dims, keepdims=keepdim)",
    notation=written.along("mean"),
    paper=_mean_on_paper,
)
def mean(x: np.ndarray, *, dims: Dims, keepdim: bool, out: np.ndarray | None = None) -> np.ndarray:
    """The sum over `dims`, divided by how many numbers went into each result."""
    total = x.sum(axis=dims, out=out, keepdims=keepdim)
    count = _count(x.shape, dims)
    return total / count if out is None else np.true_divide(total, count, out=out)


def _extreme_rule(g: Data, y: Data, x: Data, *, dims: Dims, keepdim: bool) -> Data:
    kept = kept_shape(x.shape, dims)
    chosen = equal(x, y.reshape(kept)).astype(g.dtype)
    return g.reshape(kept) * chosen / chosen.sum(axis=dims, keepdims=True)


@operation(
    _extreme_rule,
    shape=_reduced_shape,
    example=_rows,
    numpy="x.max(axis=dims, keepdims=keepdim)",
    notation=written.along("max"),
    javascript="reduced(Math.max, -Infinity)",
)
def amax(x: np.ndarray, *, dims: Dims, keepdim: bool, out: np.ndarray | None = None) -> np.ndarray:
    """The greatest over `dims`. Equal ones share the gradient evenly."""
    return _greatest(x, axis=dims, out=out, keepdims=keepdim)


@operation(
    _extreme_rule,
    shape=_reduced_shape,
    example=_rows,
    numpy="x.min(axis=dims, keepdims=keepdim)",
    notation=written.along("min"),
    javascript="reduced(Math.min, Infinity)",
)
def amin(x: np.ndarray, *, dims: Dims, keepdim: bool, out: np.ndarray | None = None) -> np.ndarray:
    """The smallest over `dims`. Equal ones share the gradient evenly."""
    return _smallest(x, axis=dims, out=out, keepdims=keepdim)


@operation(
    None,
    shape=_picked_shape,
    example=_pick,
    numpy="x.argmax(axis=dim, keepdims=keepdim)",
)
def argmax(x: np.ndarray, *, dim: int | None, keepdim: bool) -> Any:
    """Where the greatest is along `dim`, the first of equals; among all numbers if `dim` is None."""
    return np.argmax(x, axis=dim, keepdims=keepdim)


@operation(
    None,
    shape=_picked_shape,
    example=_pick,
    numpy="x.argmin(axis=dim, keepdims=keepdim)",
)
def argmin(x: np.ndarray, *, dim: int | None, keepdim: bool) -> Any:
    """Where the smallest is along `dim`, the first of equals; among all numbers if `dim` is None."""
    return np.argmin(x, axis=dim, keepdims=keepdim)


@operation(
    None,
    shape=same_shape,
    example=lambda n: ([(n, n + 1)], {"decimals": 1}),
    numpy="x.round(decimals)",
)
def round(x: np.ndarray, *, decimals: int) -> np.ndarray:  # noqa: A001 - the operation's name
    """Each number rounded to `decimals`, halves to even; a step function, so its derivative is zero."""
    return np.round(x, decimals)


def _logsumexp_rule(g: Data, y: Data, x: Data, *, dims: Dims, keepdim: bool) -> Data:
    kept = kept_shape(x.shape, dims)
    return g.reshape(kept) * exp(x - y.reshape(kept))


def _shifted(x: Data) -> tuple[Data, float]:
    """exp(x - top) of single numbers, and top: 0 unless exp could overflow or vanish."""
    greatest = max(map(float, x.flat))
    top = greatest if abs(greatest) > 300 else 0.0
    return exp(x - top if top else x), top


def _logsumexp_of_scalars(x: Data, *, dims: Dims, keepdim: bool) -> Data:
    e, top = _shifted(x)
    logs = log(sum(e, dims=dims, keepdim=keepdim))
    return logs + top if top else logs


def _softmax_of_scalars(x: Data, *, dim: int) -> Data:
    e, _ = _shifted(x)
    return e / sum(e, dims=(dim,), keepdim=True)


def _log_softmax_of_scalars(x: Data, *, dim: int) -> Data:
    return x - _logsumexp_of_scalars(x, dims=(dim,), keepdim=True)


@operation(
    _logsumexp_rule,
    shape=_reduced_shape,
    example=_rows,
    notation=written.along("logsumexp"),
    scalars=_logsumexp_of_scalars,
    numpy="np.log(np.exp(x).sum(axis=dims, keepdims=keepdim))",
    javascript="logsumexp",
)
def logsumexp(x: np.ndarray, *, dims: Dims, keepdim: bool) -> np.ndarray:
    """log(sum(exp(x))) over `dims`, shifted by the greatest so that exp cannot overflow."""
    top = x.max(axis=dims, keepdims=True)
    top = np.where(np.isfinite(top), top, 0)  # inf - inf would be nan
    y = np.log(np.exp(x - top).sum(axis=dims, keepdims=True)) + top
    return y if keepdim else y.squeeze(dims)


def _softmax_rule(g: Data, y: Data, _x: Data, *, dim: int) -> Data:
    return y * (g - (g * y).sum(axis=dim, keepdims=True))


@operation(
    _softmax_rule,
    shape=same_shape,
    example=_along,
    scalars=_softmax_of_scalars,
    numpy="np.exp(x) / np.exp(x).sum(axis=dim, keepdims=True)",
    javascript="softmax",
)
def softmax(x: np.ndarray, *, dim: int, out: np.ndarray | None = None) -> np.ndarray:
    """exp(x) / sum(exp(x)) along `dim`, shifted by the greatest so that exp cannot overflow."""
    e = np.exp(np.subtract(x, x.max(axis=dim, keepdims=True), out=out), out=out)
    return np.true_divide(e, e.sum(axis=dim, keepdims=True), out=out)


def _log_softmax_rule(g: Data, y: Data, _x: Data, *, dim: int) -> Data:
    return g - exp(y) * g.sum(axis=dim, keepdims=True)


@operation(
    _log_softmax_rule,
    shape=same_shape,
    example=_along,
    scalars=_log_softmax_of_scalars,
    numpy="x - np.log(np.exp(x).sum(axis=dim, keepdims=True))",
    javascript="log_softmax",
)
def log_softmax(x: np.ndarray, *, dim: int, out: np.ndarray | None = None) -> np.ndarray:
    """log(softmax(x)) along `dim`, without taking the log of a rounded 0."""
    shifted = np.subtract(x, _greatest(x, axis=dim, keepdims=True), out=out)
    return np.subtract(shifted, np.log(_total(np.exp(shifted), axis=dim, keepdims=True)), out=out)
