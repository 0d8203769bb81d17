"""Exponentials over a dimension: logsumexp, softmax and log_softmax, all shifted by the greatest against overflow.

`dims` is a tuple of non-negative dimensions, or None for all of them; `dim` is one non-negative dimension.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import reduce
from tinygrad_edu.ops.elementwise import exp, log
from tinygrad_edu.ops.reduce import Dims, greatest, kept_shape, reduced_shape, same_shape, total
from tinygrad_edu.ops.tested import operation
from tinygrad_edu.text import notation as written

_floats = partial(operation, promotes=True, gives_floats=True)
_along_dim = partial(_floats, shape=same_shape, example=lambda n: ([(n, n + 1)], {"dim": 1}))


def _top(x: np.ndarray, axis: int | Dims) -> Any:
    """The greatest along `axis`, kept as a dimension; -inf of no numbers."""
    return greatest(x, axis=axis, keepdims=True, initial=-np.inf if x.dtype.kind == "f" else None)


# Of single numbers, which are shifted only if exp could overflow or vanish.


def _shifted(x: Data) -> tuple[Data, float]:
    """exp(x - top), and top."""
    highest = max(map(float, x.raw.flat))
    top = highest if abs(highest) > 300 else 0.0
    return exp(x - top if top else x), top


def _logsumexp_of_scalars(x: Data, *, dims: Dims, keepdim: bool) -> Data:
    e, top = _shifted(x)
    logs = log(reduce.sum(e, dims=dims, keepdim=keepdim))
    return logs + top if top else logs


def _softmax_of_scalars(x: Data, *, dim: int) -> Data:
    e, _ = _shifted(x)
    return e / reduce.sum(e, dims=(dim,), keepdim=True)


def _logsumexp_rule(g: Data, y: Data, x: Data, *, dims: Dims, keepdim: bool) -> Data:
    kept = kept_shape(x.shape, dims)
    return g.reshape(kept) * exp(x - y.reshape(kept))


@_floats(
    _logsumexp_rule,
    shape=reduced_shape,
    example=lambda n: ([(n, n + 1)], {"dims": (1,), "keepdim": True}),
    notation=written.along("logsumexp"),
    scalars=_logsumexp_of_scalars,
    numpy="np.log(np.exp(x).sum(axis=dims, keepdims=keepdim))",
    javascript="logsumexp",
)
def logsumexp(x: np.ndarray, *, dims: Dims, keepdim: bool) -> np.ndarray:
    """log(sum(exp(x))) over `dims`, shifted by the greatest so that exp cannot overflow."""
    top = _top(x, dims)
    top = np.where(np.isfinite(top), top, 0)  # inf - inf would be nan
    y = np.log(np.exp(x - top).sum(axis=dims, keepdims=True)) + top
    return y if keepdim else y.squeeze(dims)


def _softmax_rule(g: Data, y: Data, _x: Data, *, dim: int) -> Data:
    return y * (g - (g * y).sum(axis=dim, keepdims=True))


@_along_dim(
    _softmax_rule,
    scalars=_softmax_of_scalars,
    numpy="np.exp(x) / np.exp(x).sum(axis=dim, keepdims=True)",
    javascript="softmax",
)
def softmax(x: np.ndarray, *, dim: int, out: np.ndarray | None = None) -> np.ndarray:
    """exp(x) / sum(exp(x)) along `dim`, shifted by the greatest so that exp cannot overflow."""
    e = np.exp(np.subtract(x, _top(x, dim), out=out), out=out)
    return np.true_divide(e, e.sum(axis=dim, keepdims=True), out=out)


def _log_softmax_rule(g: Data, y: Data, _x: Data, *, dim: int) -> Data:
    return g - exp(y) * g.sum(axis=dim, keepdims=True)


@_along_dim(
    _log_softmax_rule,
    scalars=lambda x, *, dim: x - _logsumexp_of_scalars(x, dims=(dim,), keepdim=True),
    numpy="x - np.log(np.exp(x).sum(axis=dim, keepdims=True))",
    javascript="log_softmax",
)
def log_softmax(x: np.ndarray, *, dim: int, out: np.ndarray | None = None) -> np.ndarray:
    """log(softmax(x)) along `dim`, without taking the log of a rounded 0."""
    shifted = np.subtract(x, _top(x, dim), out=out)
    return np.subtract(shifted, np.log(total(np.exp(shifted), axis=dim, keepdims=True)), out=out)
