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

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.engine.readings import ARRAYS
from tinygrad_edu.ops.index import ARRAY, along, filled, scatter, take
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


def view(
    x: np.ndarray, size: Sizes, stride: Sizes, dilation: Sizes, *, writeable: bool = False
) -> np.ndarray:
    """The windows, as a view."""
    shape = windows_shape(x.shape, size=size, stride=stride, dilation=dilation)
    first = x.ndim - len(size)
    inside = [step * d for step, d in zip(x.strides[first:], dilation)]
    between = [step * s for step, s in zip(x.strides[first:], stride)]
    return np.lib.stride_tricks.as_strided(
        x, shape, (*x.strides[:first], *inside, *between), writeable=writeable
    )


def places(shape: Sizes, size: Sizes, stride: Sizes, dilation: Sizes) -> list[np.ndarray]:
    """For each dimension of an array of `shape`, the places of the numbers of all windows."""
    n, found = len(shape), []
    counts = windows_shape(shape, size=size, stride=stride, dilation=dilation)[n:]
    for i in range(n):
        inside = np.arange(size[i]).reshape(-1, *[1] * (2 * n - 1 - i)) * dilation[i]
        found.append(inside + np.arange(counts[i]).reshape(-1, *[1] * (n - 1 - i)) * stride[i])
    return found


def at_places(x: np.ndarray, size: Sizes, stride: Sizes, dilation: Sizes) -> np.ndarray:
    """The windows by their places, for JAX, which has no such views."""
    index: Any = (..., *places(x.shape[x.ndim - len(size) :], size, stride, dilation))
    return x[index]


def added_at_places(x: np.ndarray, size: Sizes, stride: Sizes, dilation: Sizes, shape: Sizes) -> np.ndarray:
    """The sum of windows by their places, in JAX."""
    y: Any = np.zeros((*x.shape[: x.ndim - 2 * len(size)], *shape), x.dtype)
    return y.at[(..., *places(shape, size, stride, dilation))].add(x)


def _line(*, size: Sizes, stride: Sizes, dilation: Sizes) -> str:
    n = len(size)
    axes, before = tuple(range(-n, 0)), tuple(range(-2 * n, -n))
    steps = ", ".join(f"::{step}" for step in (*stride, *dilation))
    sliding = f"np.lib.stride_tricks.sliding_window_view(x, {spans(size, dilation)}, {axes})"
    return f"np.moveaxis({sliding}[..., {steps}], {axes}, {before})"


def _windows_rule(g: Data, _y: Data, like: Data, *, size: Sizes, stride: Sizes, dilation: Sizes) -> Data:
    shape = like.shape[len(like.shape) - len(size) :]
    return overlap_add(g, size=size, stride=stride, dilation=dilation, shape=shape)


@operation(
    _windows_rule,
    view=True,
    shape=windows_shape,
    notation=written.of_first("windows"),
    numpy=_line,
    jax="at_places(x, size, stride, dilation)",
    javascript="windows",
    scalars=ARRAYS,
    example=lambda n: ([(2, n + 2)], {"size": (2,), "stride": (1,), "dilation": (2,)}),
)
def windows(x: np.ndarray, *, size: Sizes, stride: Sizes, dilation: Sizes) -> np.ndarray:
    """`y[..., i, j, p, q] = x[..., dilation * i + stride * p, dilation * j + stride * q]`, without copying."""
    return view(x, size, stride, dilation)


def _overlap_add_rule(
    g: Data, _y: Data, _x: Data, *, size: Sizes, stride: Sizes, dilation: Sizes, shape: Sizes
) -> Data:
    return windows(g, size=size, stride=stride, dilation=dilation)


@operation(
    _overlap_add_rule,
    shape=lambda x, *, size, shape, **_: (*x[: len(x) - 2 * len(size)], *shape),
    notation=written.of_first("overlap_add"),
    jax="added_at_places(x, size, stride, dilation, shape)",
    javascript="overlapAdd",
    scalars=ARRAYS,
    example=lambda n: ([(2, 2, n)], {"size": (2,), "stride": (1,), "dilation": (2,), "shape": (n + 2,)}),
)
def overlap_add(
    x: np.ndarray,
    *,
    size: Sizes,
    stride: Sizes,
    dilation: Sizes,
    shape: Sizes,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """The array whose last dimensions have `shape`, and each number of it the sum of what all windows have for it."""
    kept = x.shape[: x.ndim - 2 * len(size)]
    y = np.empty((*kept, *shape), x.dtype) if out is None else out
    y.fill(0)
    add_windows(y, x, size, stride, dilation)
    return y


def add_windows(y: np.ndarray, x: np.ndarray, size: Sizes, stride: Sizes, dilation: Sizes) -> None:
    """Add the numbers `x` of all windows to those of `y`, which they belong to."""
    seen = view(y, size, stride, dilation, writeable=True)
    first = (slice(None),) * (seen.ndim - 2 * len(size))
    for inside in np.ndindex(size):
        seen[first + inside] += x[first + inside]


def padded(x: Data, before: Sequence[int], after: Sequence[int]) -> Data:
    """`x` with zeros around its last dimensions; of a negative number, with so many numbers cut off."""
    kept = x.shape[: x.ndim - len(before)]
    sizes = x.shape[len(kept) :]
    cut = [slice(max(0, -a), n - max(0, -b)) for a, b, n in zip(before, after, sizes)]
    if any(a < 0 or b < 0 for a, b in zip(before, after)):
        x = take(x, index=(..., *cut))
    if all(a <= 0 and b <= 0 for a, b in zip(before, after)):
        return x
    inner = [slice(max(0, a), max(0, a) + n) for a, n in zip(before, x.shape[len(kept) :])]
    whole = [a + n + b for a, n, b in zip(before, sizes, after)]
    return scatter(x, index=(..., *inner), shape=(*kept, *whole))


# The greatest of each window.

Rows = tuple[tuple[Sizes, ...], ...]  # [dimension][number inside][window]: its place along the dimension


@functools.lru_cache(maxsize=256)
def _index(row: Sizes) -> Any:
    """Places along a dimension, as a slice where they are equally far apart."""
    step = row[1] - row[0] if len(row) > 1 else 1
    regular = step > 0 and row == tuple(range(row[0], row[0] + step * len(row), step))
    return slice(row[0], row[-1] + 1, step) if regular else np.array(row)


@functools.lru_cache(maxsize=64)
def _table(rows: Rows, shape: Sizes) -> np.ndarray:
    """For each number inside a window and each window, its place in the plane of `shape`, counted row by row."""
    n, total = len(rows), np.zeros((), np.int64)
    for i, places in enumerate(rows):
        k, p = len(places), len(places[0])
        sizes = [k if j == i else p if j == n + i else 1 for j in range(2 * n)]
        total = total * shape[i] + np.array(places).reshape(sizes)
    return total.reshape(math.prod(total.shape[:n]), -1)


def _chosen(x: np.ndarray, rows: Rows) -> np.ndarray:
    """Which of the numbers inside each window is the greatest, counted row by row."""
    first, top, chosen = x.ndim - len(rows), x, np.zeros((), np.uint8)
    dtype = np.uint8 if math.prod(map(len, rows)) <= 256 else np.int64
    for number, lines in enumerate(itertools.product(*rows)):
        seen = x
        for dim, line in enumerate(lines, first):
            seen = seen[along(dim, _index(line))]
        better = (seen > top) | np.isnan(seen) if number else np.zeros(seen.shape, bool)
        top = np.maximum(top, seen) if number else seen
        chosen = np.maximum(chosen, better * dtype(number))  # much quicker than np.where, which branches
    return chosen


@operation(
    None,
    shape=lambda x, *, rows: (*x[: len(x) - len(rows)], *(len(along[0]) for along in rows)),
    notation=written.of_first("window_argmax"),
    example=lambda n: ([(2, 2 * n)], {"rows": (tuple(tuple(range(i, 2 * n, 2)) for i in (0, 1)),)}),
)
def window_argmax(x: np.ndarray, *, rows: Rows) -> np.ndarray:
    """The place of the greatest number of each window, the first of equals, in `x` counted row by row.

    What is no number (nan) counts as the greatest. The windows need not be equally far apart.
    """
    chosen, first = _chosen(x, rows), x.ndim - len(rows)
    table = _table(rows, x.shape[first:])
    count = table.shape[1]
    picked = chosen.reshape(-1, count).astype(np.int64)
    picked *= count
    picked += np.arange(count)
    found = table.reshape(-1)[picked]
    found += np.arange(math.prod(x.shape[:first])).reshape(-1, 1) * math.prod(x.shape[first:])
    return found.reshape(chosen.shape)


def _unpool_rule(g: Data, _y: Data, _x: Data, *arrays: Data, index: Any, shape: Sizes) -> Data:
    return take(g, *arrays, index=index)


@operation(
    _unpool_rule,
    shape=lambda _x, *_arrays, index, shape: shape,
    notation=written.of_first("unpool"),
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
