"""Operations that combine many numbers into one: sum, mean, the greatest and the smallest.

`dims` is a tuple of non-negative dimensions, or None for all of them; `dim` is one non-negative dimension.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.engine.readings import ARRAYS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.shape import expand
from tinygrad_edu.ops.tested import operation
from tinygrad_edu.text import notation as written

Dims = tuple[int, ...] | None
total: Any = np.add.reduce  # what x.sum, x.max and x.min call in the end
greatest: Any = np.maximum.reduce
smallest: Any = np.minimum.reduce

# For dtypes that are summed in another one: that, and the dtype of the result.
_WIDER: dict[str, tuple[Any, Any]] = {
    "e": (np.float32, np.float16),
    **dict.fromkeys("?bhilBHILQ", (np.int64, np.int64)),
}


def kept_shape(shape: tuple[int, ...], dims: Dims) -> tuple[int, ...]:
    """`shape` with 1 for every reduced dimension."""
    return tuple(1 if dims is None or i in dims else n for i, n in enumerate(shape))


def reduced_shape(shape: tuple[int, ...], *, dims: Dims, keepdim: bool) -> tuple[int, ...]:
    """`shape` without the reduced dimensions, or with 1 for each."""
    kept = kept_shape(shape, dims)
    return kept if keepdim else tuple(n for i, n in enumerate(kept) if not (dims is None or i in dims))


def same_shape(shape: tuple[int, ...], **_settings: Any) -> tuple[int, ...]:
    """The shape of a result that has the shape of its input."""
    return shape


def picked_shape(shape: tuple[int, ...], *, dim: int | None, keepdim: bool) -> tuple[int, ...]:
    """The shape of a reduction over `dim`, or over all dimensions if it is None."""
    return reduced_shape(shape, dims=None if dim is None else (dim,), keepdim=keepdim)


def counted(shape: tuple[int, ...], dims: Dims) -> int:
    """The count of numbers that go into each result."""
    return math.prod(n for i, n in enumerate(shape) if dims is None or i in dims)


_reduction = partial(
    operation, shape=reduced_shape, example=lambda n: ([(n, n + 1)], {"dims": (1,), "keepdim": True})
)


def _sum_rule(g: Data, _y: Data, like: Data, *, dims: Dims, keepdim: bool) -> Data:
    return expand(g.reshape(kept_shape(like.shape, dims)), shape=like.shape)


@_reduction(
    _sum_rule,
    numpy="x.sum(axis=dims, keepdims=keepdim)",
    notation=written.TOTAL,
    javascript="reduced((a, b) => a + b, 0)",
    scalars=ARRAYS,
)
def sum(x: np.ndarray, *, dims: Dims, keepdim: bool, out: np.ndarray | None = None) -> np.ndarray:  # noqa: A001 - the operation's name
    """The sum over `dims`."""
    wider = _WIDER.get(x.dtype.char)
    if wider is None:
        return total(x, axis=dims, out=out, keepdims=keepdim)
    y = total(x, axis=dims, dtype=wider[0], out=out, keepdims=keepdim)
    return y.astype(wider[1]) if out is None else out


def _mean_rule(g: Data, y: Data, like: Data, *, dims: Dims, keepdim: bool) -> Data:
    return _sum_rule(divided(g, counted(like.shape, dims)), y, like, dims=dims, keepdim=keepdim)


@_reduction(
    _mean_rule,
    promotes=True,
    gives_floats=True,
    numpy="x.mean(axis=dims, keepdims=keepdim)",
    notation=written.along("mean"),
    paper=lambda x, *, dims, keepdim: sum(x, dims=dims, keepdim=keepdim) / counted(x.shape, dims),
)
def mean(x: np.ndarray, *, dims: Dims, keepdim: bool, out: np.ndarray | None = None) -> np.ndarray:
    """The sum over `dims`, divided by how many numbers went into each result."""
    count = counted(x.shape, dims)
    if x.dtype == np.float16:  # whose largest number is 65504
        return (total(x, axis=dims, keepdims=keepdim, dtype=np.float32) / count).astype(np.float16)
    y = total(x, axis=dims, out=out, keepdims=keepdim)
    return y / count if out is None else np.true_divide(y, count, out=out)


def _same(x: Any, y: Any) -> Any:
    """True where x and y are equal, or both nan: where x is the extreme number y."""
    nan = np.isnan(y)
    return (x == y) | nan & np.isnan(x) if nan.any() else x == y


same = Elementwise(
    _same,
    None,
    None,
    None,
    name="same",
    public="",
    numpy="(x == y) | np.isnan(x) & np.isnan(y)",
    notation=written.comparison("="),
    javascript="x === y || (x !== x && y !== y)",
)


def _extreme_rule(g: Data, y: Data, x: Data, *, dims: Dims, keepdim: bool) -> Data:
    kept = kept_shape(x.shape, dims)
    # In float16 thousands could not be counted.
    chosen = same(x, y.reshape(kept)).astype(np.float32 if g.dtype == np.float16 else g.dtype)
    return g.reshape(kept) * chosen / chosen.sum(axis=dims, keepdims=True)


def divided(x: Data, n: float) -> Data:
    """x / n, also for an n beyond the largest float16, by way of a power of two, which costs no digit."""
    if n <= 2**15 or getattr(x, "dtype", None) != np.float16:
        return x / n
    return x / 2**15 / (n / 2**15)


_NOTHING = "of no numbers there is no greatest and no smallest"
_extreme = partial(_reduction, _extreme_rule, mismatch=_NOTHING)
_place = partial(
    operation,
    None,
    shape=picked_shape,
    example=lambda n: ([(n, n + 1)], {"dim": 1, "keepdim": False}),
    mismatch=_NOTHING,
)


@_extreme(
    numpy="x.max(axis=dims, keepdims=keepdim)",
    notation=written.along("max"),
    javascript="reduced(Math.max, -Infinity)",
)
def amax(x: np.ndarray, *, dims: Dims, keepdim: bool, out: np.ndarray | None = None) -> np.ndarray:
    """The greatest over `dims`. Equal ones share the gradient evenly."""
    return greatest(x, axis=dims, out=out, keepdims=keepdim)


@_extreme(
    numpy="x.min(axis=dims, keepdims=keepdim)",
    notation=written.along("min"),
    javascript="reduced(Math.min, Infinity)",
)
def amin(x: np.ndarray, *, dims: Dims, keepdim: bool, out: np.ndarray | None = None) -> np.ndarray:
    """The smallest over `dims`. Equal ones share the gradient evenly."""
    return smallest(x, axis=dims, out=out, keepdims=keepdim)


@_reduction(None, numpy="x.any(axis=dims, keepdims=keepdim)")
def any(x: np.ndarray, *, dims: Dims, keepdim: bool) -> Any:  # noqa: A001 - the operation's name
    """True if one of the numbers over `dims` is not 0."""
    return np.any(x, axis=dims, keepdims=keepdim)


@_reduction(None, numpy="x.all(axis=dims, keepdims=keepdim)")
def all(x: np.ndarray, *, dims: Dims, keepdim: bool) -> Any:  # noqa: A001 - the operation's name
    """True if none of the numbers over `dims` is 0."""
    return np.all(x, axis=dims, keepdims=keepdim)


@_place(numpy="x.argmax(axis=dim, keepdims=keepdim)")
def argmax(x: np.ndarray, *, dim: int | None, keepdim: bool) -> Any:
    """The index of the greatest along `dim`, the first of equals; among all numbers if `dim` is None."""
    return np.argmax(x, axis=dim, keepdims=keepdim)


@_place(numpy="x.argmin(axis=dim, keepdims=keepdim)")
def argmin(x: np.ndarray, *, dim: int | None, keepdim: bool) -> Any:
    """The index of the smallest along `dim`, the first of equals; among all numbers if `dim` is None."""
    return np.argmin(x, axis=dim, keepdims=keepdim)
