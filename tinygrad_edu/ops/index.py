"""Picking elements: `x[index]` and its adjoint.

What is fixed (numbers, slices, arrays) stands in `index`; an array that was computed stands among the inputs, and
`ARRAY` in its place in `index`, so that the graph knows it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data, Derived
from tinygrad_edu.engine.readings import ARRAYS
from tinygrad_edu.ops.elementwise import equal
from tinygrad_edu.ops.tested import operation
from tinygrad_edu.text import notation as written

MANY = 5_000  # numbers to be added, from which on their places are counted in a vector


class _Array:
    """The mark for "the next of the arrays"."""

    def __repr__(self) -> str:
        return "ARRAY"


ARRAY = _Array()


def along(dim: int, part: Any) -> tuple[Any, ...]:
    """The index `part` in the dimension `dim`."""
    return (slice(None),) * dim + (part,)


def parts_of(index: Any) -> tuple[Any, ...]:
    """The parts of an index, of which there may be one."""
    return index if isinstance(index, tuple) else (index,)


def filled(index: Any, arrays: tuple[Any, ...]) -> Any:
    """`index` with the arrays in place of the marks."""
    if not arrays:
        return index
    waiting = iter(arrays)
    parts = tuple([_number(next(waiting)) if part is ARRAY else part for part in parts_of(index)])
    return parts if isinstance(index, tuple) else parts[0]


def _number(part: Any) -> Any:
    """A 0-d array of whole numbers as a number, which makes the result a view; arrays of JAX, without strides, stay."""
    single = getattr(part, "strides", None) == () and part.dtype.kind in "iu"
    return int(part) if single else part


def repeats(index: Any) -> bool:
    """True if `index` may name one element twice: only arrays of integers can."""
    return any(isinstance(part, np.ndarray) and part.dtype != np.bool_ for part in parts_of(index))


def _take_rule(g: Data, _y: Data, like: Data, *arrays: Data, index: Any) -> Data:
    return scatter(g, *arrays, index=index, shape=like.shape)


def _take_back(x: Data, y: Data, *arrays: Data, index: Any) -> Derived:
    return put, (x, y, *arrays), {"index": index}


def _taken_shape(x: tuple[int, ...], *arrays: tuple[int, ...], index: Any) -> tuple[int, ...]:
    return np.broadcast_to(0, x)[filled(index, tuple(np.zeros(shape, int) for shape in arrays))].shape


@operation(
    _take_rule,
    view=True,
    view_back=_take_back,
    shape=_taken_shape,
    notation=written.ELEMENTS,
    numpy="x[index]",
    javascript="(x, { shape, places }) => ({ shape, data: Float64Array.from(places, (place) => x.data[place]) })",
    scalars=ARRAYS,
    example=lambda n: ([(n, n + 1), np.arange(n) // 2], {"index": ARRAY}),
)
def take(x: np.ndarray, *arrays: np.ndarray, index: Any) -> np.ndarray:
    """The elements `x[index]`, for any index NumPy accepts.

    An element taken twice receives both gradients.
    Raises `IndexError` as NumPy does.
    """
    place = filled(index, arrays)
    y = x[place]
    return (
        y if isinstance(y, np.ndarray) else x[(*parts_of(place), ...)]
    )  # a single number, in the memory of x


@operation(
    lambda g, _y, _x, *arrays, index, shape: take(g, *arrays, index=index),
    shape=lambda _x, *_arrays, index, shape: shape,
    notation=written.SCATTERED,
    jax="np.zeros(shape, x.dtype).at[filled(index, arrays)].add(x)",
    javascript="scatter",
    scalars=ARRAYS,
    example=lambda n: ([(n, n + 1), np.arange(n) // 2], {"index": ARRAY, "shape": (n + 2, n + 1)}),
)
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
        _add_at(y, place, x)
    else:
        y[place] = x
    return y


def _add_at(y: np.ndarray, place: Any, x: np.ndarray) -> None:
    """Add `x` to `y[place]`, to an element named twice both numbers, one after the other in the order of `x`.

    NumPy is 2 to 3 times as quick if every number is one of a vector, in which its place is counted.
    """
    count = len(parts_of(place))
    rows, width = y.shape[:count], math.prod(y.shape[count:])
    flat = y.ndim == 1 and count == 1
    if flat or x.size < MANY or not y.flags.c_contiguous or not all(map(repeats, parts_of(place))):
        np.add.at(y, place, x)
        return
    first = width * np.arange(math.prod(rows)).reshape(rows)[place]
    cells = first[..., None] + np.arange(width)
    np.add.at(y.reshape(-1), cells.ravel(), np.broadcast_to(x, (*first.shape, *y.shape[count:])).ravel())


def _put_rule(g: Data, _y: Data, _x: Data, _v: Data, *arrays: Data, index: Any) -> Data:
    return put(g, 0, *arrays, index=index)


def _put_value_rule(g: Data, like: Data, _x: Data, _v: Data, *arrays: Data, index: Any) -> Data:
    taken = take(g, *arrays, index=index)
    return last_writes(taken, *arrays, index=index, shape=like.shape) if arrays or repeats(index) else taken


@operation(
    _put_rule,
    _put_value_rule,
    shape=lambda x, _v, *_arrays, index: x,
    notation=written.REPLACED,
    jax="x.at[filled(index, arrays)].set(v)",
    javascript="put",
    scalars=ARRAYS,
    example=lambda n: ([(n, n + 1), (2, n + 1), np.arange(2)], {"index": ARRAY}),
)
def put(x: np.ndarray, v: Any, *arrays: np.ndarray, index: Any) -> np.ndarray:
    """`x` with `v` in place of `x[index]`, of the same shape; of what is put twice in one place the last stays."""
    y = np.array(x)  # a single number may come as a number
    y[filled(index, arrays)] = v
    return y


def _last_writes_rule(g: Data, _y: Data, _x: Data, *arrays: Data, index: Any, shape: tuple[int, ...]) -> Data:
    return last_writes(g, *arrays, index=index, shape=shape)


@operation(
    _last_writes_rule,
    shape=lambda x, *_arrays, index, shape: x,
    notation=written.function("last_writes", "index", "shape"),
    javascript="lastWrites",
    example=lambda n: ([(n, n + 1), np.arange(n) // 2], {"index": ARRAY, "shape": (n + 2, n + 1)}),
)
def last_writes(x: np.ndarray, *arrays: np.ndarray, index: Any, shape: tuple[int, ...]) -> np.ndarray:
    """`x`, and 0 for each element of it that `put` at `index` of an array of `shape` overwrites again."""
    order = np.arange(x.size).reshape(x.shape)
    left = np.empty(shape, dtype=order.dtype)
    place = filled(index, arrays)
    left[place] = order
    return np.where(left[place] == order, x, 0)


def _share(g: Data, y: Data, x: Data, v: Data, *arrays: Data, index: Any) -> Data:
    """The gradient for each of the equal extremes in a place."""
    hits = equal(v, take(y, *arrays, index=index)).astype(g.dtype)
    return g / (equal(x, y).astype(g.dtype) + scatter(hits, *arrays, index=index, shape=x.shape))


def _extreme_rule(g: Data, y: Data, x: Data, v: Data, *arrays: Data, index: Any, least: bool) -> Data:
    return _share(g, y, x, v, *arrays, index=index) * equal(x, y).astype(g.dtype)


def _extreme_value_rule(g: Data, y: Data, x: Data, v: Data, *arrays: Data, index: Any, least: bool) -> Data:
    share = take(_share(g, y, x, v, *arrays, index=index), *arrays, index=index)
    return share * equal(v, take(y, *arrays, index=index)).astype(g.dtype)


@operation(
    _extreme_rule,
    _extreme_value_rule,
    shape=lambda x, _v, *_arrays, index, least: x,
    jax="x.at[filled(index, arrays)].min(v) if least else x.at[filled(index, arrays)].max(v)",
    javascript="extremeAt",
    example=lambda n: ([(n, n + 1), (n, n + 1), np.arange(n) // 2], {"index": ARRAY, "least": False}),
)
def extreme_at(x: np.ndarray, v: np.ndarray, *arrays: np.ndarray, index: Any, least: bool) -> np.ndarray:
    """The greatest (or least) of `x` and of what `v` brings to its place. Equal ones share the gradient evenly."""
    y = x.copy()
    (np.minimum if least else np.maximum).at(y, filled(index, arrays), v)
    return y


@operation(
    None,
    shape=lambda x, *, classes, dim, dtype: (*x[:dim], classes, *x[dim:]),
    notation=written.function("onehot", "classes", "dim", "dtype"),
    numpy=lambda *, dim, shape=(), **_: (
        "np.eye(classes)[numbers]"
        if dim == len(shape) - 1
        else "np.moveaxis(np.eye(classes)[numbers], -1, dim)"
    ),
    javascript="oneHot",
    scalars=ARRAYS,
    example=lambda n: ([np.arange(n)], {"classes": n, "dim": 1, "dtype": np.dtype(np.float64)}),
)
def one_hot(
    numbers: np.ndarray, *, classes: int, dim: int, dtype: Any, out: np.ndarray | None = None
) -> np.ndarray:
    """1 in the place of each class number along a new `dim`, 0 elsewhere; all 0 for what is no class number."""
    order = np.arange(classes)
    if numbers.ndim > dim:
        order = order.reshape(-1, *[1] * (numbers.ndim - dim))
    column = numbers[along(dim, None)]
    return (column == order).astype(dtype) if out is None else np.equal(column, order, out=out)
