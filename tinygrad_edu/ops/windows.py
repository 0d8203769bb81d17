"""Windows: what a box sees that moves over the last dimensions of an array, and the adjoint, which adds it up again.

`size`, `stride` and `dilation` have one number for each of these dimensions: the box holds `size` numbers, which are
`dilation` apart, and it moves by `stride`.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data, Derived
from tinygrad_edu.engine.readings import ARRAYS
from tinygrad_edu.ops.index import ARRAY, along, filled, put, scatter, take
from tinygrad_edu.ops.tested import operation
from tinygrad_edu.text import notation as written

Sizes = tuple[int, ...]


def spans(size: Sizes, dilation: Sizes) -> Sizes:
    """The distance from the first to behind the last number of a window, along each dimension."""
    return tuple(d * (k - 1) + 1 for k, d in zip(size, dilation))


def windows_shape(x: Sizes, *, size: Sizes, stride: Sizes, dilation: Sizes) -> Sizes:
    """The shape of the windows of an array of shape `x`."""
    first = len(x) - len(size)
    places = [(n - m) // s + 1 for n, m, s in zip(x[first:], spans(size, dilation), stride)]
    return (*x[:first], *size, *places)


def view(x: Data, size: Sizes, stride: Sizes, dilation: Sizes, *, writeable: bool = False) -> np.ndarray:
    """The windows, as a view."""
    shape, first = windows_shape(x.shape, size=size, stride=stride, dilation=dilation), x.ndim - len(size)
    inside, between = ([n * m for n, m in zip(x.strides[first:], by)] for by in (dilation, stride))
    steps = (*x.strides[:first], *inside, *between)
    return np.lib.stride_tricks.as_strided(x, shape, steps, writeable=writeable)


def places(shape: Sizes, size: Sizes, stride: Sizes, dilation: Sizes) -> tuple[Any, ...]:
    """The index of the numbers of all windows, in the last dimensions, which have `shape`."""
    n = len(shape)
    counts = windows_shape(shape, size=size, stride=stride, dilation=dilation)[n:]
    grid = np.ix_(*map(np.arange, (*size, *counts)))
    return (..., *(d * i + s * p for d, i, s, p in zip(dilation, grid[:n], stride, grid[n:])))


def at_places(x: np.ndarray, size: Sizes, stride: Sizes, dilation: Sizes) -> np.ndarray:
    """The windows by their places, for JAX, which has no such views."""
    return x[places(x.shape[x.ndim - len(size) :], size, stride, dilation)]


def added_at_places(x: Any, size: Sizes, stride: Sizes, dilation: Sizes, shape: Sizes) -> Any:
    """The sum of windows by their places, in JAX."""
    y: Any = np.zeros((*x.shape[: x.ndim - 2 * len(size)], *shape), x.dtype)
    return y.at[places(shape, size, stride, dilation)].add(x)


def _line(*, size: Sizes, stride: Sizes, dilation: Sizes, **_: Any) -> str:
    n = len(size)
    axes, before = tuple(range(-n, 0)), tuple(range(-2 * n, -n))
    steps = ", ".join(f"::{step}" for step in (*stride, *dilation))
    sliding = f"np.lib.stride_tricks.sliding_window_view(x, {spans(size, dilation)}, {axes})"
    return f"np.moveaxis({sliding}[..., {steps}], {axes}, {before})"


def _windows_rule(g: Data, _y: Data, like: Data, **box: Sizes) -> Data:
    return overlap_add(g, **box, shape=like.shape[like.ndim - len(box["size"]) :])


def _windows_back(x: Data, y: Data, **box: Sizes) -> Derived:
    return put, (x, y), {"index": places(x.shape[x.ndim - len(box["size"]) :], **box)}


@operation(
    _windows_rule,
    view=True,
    view_back=_windows_back,
    shape=windows_shape,
    notation=written.function("windows"),
    numpy=_line,
    jax="at_places(x, size, stride, dilation)",
    javascript="windows",
    scalars=ARRAYS,
    example=lambda n: ([(2, n + 2)], {"size": (2,), "stride": (1,), "dilation": (2,)}),
)
def windows(x: np.ndarray, *, size: Sizes, stride: Sizes, dilation: Sizes) -> np.ndarray:
    """`y[..., i, j, p, q] = x[..., dilation * i + stride * p, dilation * j + stride * q]`, without copying.

    The result can be overwritten unless windows overlap.
    """
    counts = windows_shape(x.shape, size=size, stride=stride, dilation=dilation)[x.ndim :]
    apart = all(m <= s or count == 1 for m, s, count in zip(spans(size, dilation), stride, counts))
    return view(x, size, stride, dilation, writeable=apart)


@operation(
    lambda g, _y, _x, *, shape, **box: windows(g, **box),
    shape=lambda x, *, size, shape, **_: (*x[: len(x) - 2 * len(size)], *shape),
    notation=written.function("overlap_add"),
    jax="added_at_places(x, size, stride, dilation, shape)",
    javascript="overlapAdd",
    scalars=ARRAYS,
    example=lambda n: ([(2, 2, n)], {"size": (2,), "stride": (1,), "dilation": (2,), "shape": (n + 2,)}),
)
def overlap_add(
    x: np.ndarray, *, size: Sizes, stride: Sizes, dilation: Sizes, shape: Sizes, out: Any = None
) -> np.ndarray:
    """The array whose last dimensions have `shape`, and each number of it the sum of what all windows have for it."""
    y = np.empty((*x.shape[: x.ndim - 2 * len(size)], *shape), x.dtype) if out is None else out
    y.fill(0)
    add_windows(y, x, size, stride, dilation)
    return y


def add_windows(
    y: np.ndarray, x: np.ndarray, size: Sizes, stride: Sizes, dilation: Sizes, behind: int = 0
) -> None:
    """Add the numbers `x` of all windows to those of `y`, which they belong to; `behind`: dimensions after theirs."""
    n = len(size)
    counts = x.shape[x.ndim - n - behind : x.ndim - behind]
    first, last = (slice(None),) * (x.ndim - 2 * n - behind), (slice(None),) * behind
    for inside in np.ndindex(size):
        steps = [
            slice(i * d, i * d + (count - 1) * s + 1, s)
            for i, d, s, count in zip(inside, dilation, stride, counts)
        ]
        y[(*first, *steps, *last)] += x[first + inside]


def padded(x: Data, before: Sequence[int], after: Sequence[int]) -> Data:
    """`x` with zeros around its last dimensions; of a negative number, with so many numbers cut off."""
    first = x.ndim - len(before)
    sides = list(zip(x.shape[first:], before, after))
    whole = (*x.shape[:first], *(n + a + b for n, a, b in sides))
    if min((*before, *after), default=0) < 0:
        x = take(x, index=(..., *(slice(max(-a, 0), n + min(b, 0)) for n, a, b in sides)))
    if max((*before, *after), default=0) <= 0:
        return x
    inside = (slice(max(a, 0), max(a, 0) + n) for n, a in zip(x.shape[first:], before))
    return scatter(x, index=(..., *inside), shape=whole)


# The greatest of each window.

Rows = tuple[tuple[Sizes, ...], ...]  # [dimension][number inside][window]: its place along the dimension


@functools.lru_cache(maxsize=256)
def _index(row: Sizes) -> Any:
    """Places along a dimension, as a slice where they are equally far apart."""
    steps = range(row[0], row[-1] + 1, max(row[1] - row[0], 1) if len(row) > 1 else 1)
    return slice(steps.start, steps.stop, steps.step) if tuple(steps) == row else np.array(row)


@functools.lru_cache(maxsize=64)
def _table(rows: Rows, shape: Sizes) -> np.ndarray:
    """For each number inside a window and each window, its place in the plane of `shape`, counted row by row."""
    numbers = []
    for lines in itertools.product(*rows):
        place = np.zeros((), np.int64)
        for line, n in zip(lines, shape):
            place = place[..., None] * n + np.array(line)
        numbers.append(place.reshape(-1))
    return np.stack(numbers)


def _chosen(x: np.ndarray, rows: Rows) -> np.ndarray:
    """Which of the numbers inside each window is the greatest, counted row by row."""
    dtype = np.uint8 if math.prod(map(len, rows)) <= 256 else np.int64
    for number, lines in enumerate(itertools.product(*rows)):
        seen = x
        for dim, line in enumerate(lines, x.ndim - len(rows)):
            seen = seen[along(dim, _index(line))]
        seen = seen.copy()  # side by side: three times as quick as to compare numbers that lie apart
        if number == 0:
            top, chosen = seen, np.zeros(seen.shape, dtype)
            continue
        better = (seen > top) | np.isnan(seen)
        chosen = np.maximum(chosen, better * dtype(number))  # much quicker than np.where, which branches
        top = np.maximum(top, seen)
    return chosen


@operation(
    None,
    shape=lambda x, *, rows: (*x[: len(x) - len(rows)], *(len(lines[0]) for lines in rows)),
    notation=written.function("window_argmax"),
    example=lambda n: ([(2, 2 * n)], {"rows": (tuple(tuple(range(i, 2 * n, 2)) for i in (0, 1)),)}),
)
def window_argmax(x: np.ndarray, *, rows: Rows) -> np.ndarray:
    """The place of the greatest number of each window, the first of equals, in `x` counted row by row.

    What is no number (nan) counts as the greatest. The windows need not be equally far apart.
    """
    chosen, first = _chosen(x, rows), x.ndim - len(rows)
    table = _table(rows, x.shape[first:])
    count, size = table.shape[1], math.prod(x.shape[first:])
    found = table.reshape(-1)[chosen.reshape(-1, count) * np.int64(count) + np.arange(count)]
    found += size * np.arange(len(found)).reshape(-1, 1)
    return found.reshape(chosen.shape)


@operation(
    lambda g, _y, _x, *arrays, index, shape: take(g, *arrays, index=index),
    shape=lambda _x, *_arrays, index, shape: shape,
    notation=written.function("unpool"),
    jax="np.zeros(shape, x.dtype).at[filled(index, arrays)].set(x)",
    javascript="unpool",
    scalars=ARRAYS,
    example=lambda n: ([(n, n + 1), np.arange(n) * 2], {"index": ARRAY, "shape": (2 * n, n + 1)}),
)
def unpool(x: np.ndarray, *arrays: np.ndarray, index: Any, shape: Sizes) -> np.ndarray:
    """Zeros of `shape`, and `x` at `index`.

    Numbers at one place are taken for one and the same, as pooling finds it: each receives the gradient there.
    """
    y = np.zeros(shape, x.dtype)
    y[filled(index, arrays)] = x
    return y
