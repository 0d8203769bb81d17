"""Products of matrices: matmul, and a layer's x @ w.T + b in one operation."""

from __future__ import annotations

import functools
import math

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.engine.readings import ARRAYS
from tinygrad_edu.ops import reduce
from tinygrad_edu.ops.elementwise import sum_to
from tinygrad_edu.ops.shape import expand
from tinygrad_edu.ops.tested import operation
from tinygrad_edu.text import notation as written


def transposed(x: Data) -> Data:
    """Each matrix transposed."""
    return x.swapaxes(-1, -2)


def row(x: Data) -> Data:
    """A vector as a matrix of one row."""
    return x.reshape((*x.shape[:-1], 1, x.shape[-1]))


def column(x: Data) -> Data:
    """A vector as a matrix of one column."""
    return x.reshape((*x.shape, 1))


def _rows(x: Data) -> Data:
    """A stack of rows, or one row, as one matrix."""
    return x if x.ndim == 2 else x.reshape((math.prod(x.shape[:-1]), x.shape[-1]))


def product(x: Data, y: Data) -> Data:
    """`x @ y`; of two small matrices `dot` is twice as quick."""
    return x.dot(y) if x.__class__ is np.ndarray and x.ndim == y.ndim == 2 else x @ y


def _matmul_left(g: Data, _z: Data, like: Data, y: Data) -> Data:
    if y.ndim == 1:
        return column(g) * y
    if y.ndim == 2:
        return product(g, y.T)
    return sum_to((row(g) if like.ndim == 1 else g) @ transposed(y), like)


def _matmul_right(g: Data, _z: Data, x: Data, like: Data) -> Data:
    if x.ndim == 1 and like.ndim > 1:
        return column(x) * row(g)
    if like.ndim == 1:
        return sum_to(column(g) * x, like)
    if like.ndim == 2:
        return product(_rows(x).T, _rows(g))
    return sum_to(transposed(x) @ g, like)


def _matmul_shape(x: tuple[int, ...], y: tuple[int, ...]) -> tuple[int, ...]:
    if not x or not y or x[-1] != y[-2:][0]:
        raise ValueError(f"matmul needs the columns of the left as rows of the right, got shapes {x} and {y}")
    return np.broadcast_shapes(x[:-2], y[:-2]) + x[-2:-1] + (y[-1:] if len(y) > 1 else ())


@operation(
    _matmul_left,
    _matmul_right,
    promotes=True,
    shape=_matmul_shape,
    notation=written.MATRIX_PRODUCT,
    numpy="x @ y",
    javascript="matmul",
    scalars=ARRAYS,
    example=lambda n: ([(n, n + 1), (n + 1, n + 2)], {}),
    mismatch="the last size on the left must equal the second to last on the right",
)
def matmul(x: np.ndarray, y: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """`z[..., i, k] = sum over j of x[..., i, j] * y[..., j, k]`; stacks broadcast, a vector is a row or a column."""
    if isinstance(x, np.ndarray) and isinstance(y, np.ndarray) and x.ndim == y.ndim == 2:
        return x.dot(y, out)  # on small matrices twice as quick
    return np.matmul(x, y, out=out)


@functools.lru_cache(maxsize=16)
def _ones(count: int, char: str) -> np.ndarray:
    return np.ones(count, char)


@operation(
    lambda g, _y, like: expand(g, shape=like.shape),
    shape=lambda x: x[1:],
    paper=lambda x: reduce.sum(x, dims=(0,), keepdim=False),
    notation=written.TOTAL,
    numpy="x.sum(axis=0)",
    example=lambda n: ([(n, n + 1)], {}),
)
def column_sums(x: np.ndarray, out: np.ndarray | None = None) -> np.ndarray:
    """`x.sum(axis=0)` of a matrix, as the product 1 @ x: half the time on small ones, and every bias needs it."""
    if 0 < len(x) <= _FEW_ROWS:
        return _ones(len(x), x.dtype.char).dot(x, out)
    return x.sum(axis=0, out=out)


_FEW_ROWS = 4096


@operation(
    lambda g, _y, _x, w, _b=None: product(g, w),
    lambda g, _y, x, _w, _b=None: product(_rows(g).T, _rows(x)),
    lambda g, _y, _x, _w, _b: column_sums(_rows(g)),
    promotes=True,
    shape=lambda x, w, *_b: (*x[:-1], w[0]),
    paper=lambda x, w, b=None: x @ w.T if b is None else x @ w.T + b,
    example=lambda n: ([(n, n + 1), (n + 2, n + 1), (n + 2,)], {}),
    mismatch="the rows of x must be as long as those of the weight",
)
def linear(
    x: np.ndarray, w: np.ndarray, b: np.ndarray | None = None, out: np.ndarray | None = None
) -> np.ndarray:
    """`x @ w.T + b`, without `b` if none is given: one operation, because every layer of a network is one.

    Shapes: x (..., in), w (out, in), b (out,); result (..., out).
    """
    y = x.dot(w.T, out) if x.ndim == 2 else np.matmul(x, w.T, out=out)
    if b is None:
        return y
    return y + b if out is None else np.add(y, b, out=out)
