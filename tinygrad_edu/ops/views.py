"""Views that slices cannot make: diagonals, windows, any strides; and numbers brought into their usual order.

A view is known by its kernel: what it shows of an array of places says where each of its numbers stands in the other
array, and so where their gradients belong, and what to overwrite. One that shows a number twice is read-only.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data, Derived, Operation
from tinygrad_edu.engine.readings import ARRAYS
from tinygrad_edu.ops.index import along, put, scatter, take
from tinygrad_edu.ops.tested import operation
from tinygrad_edu.text import notation as written

Shape = tuple[int, ...]
Kernel = Callable[..., np.ndarray]


def index_of(kernel: Callable[..., Any], shape: Shape, **settings: Any) -> tuple[np.ndarray, ...]:
    """The index of the elements that a view by `kernel` shows of an array of `shape`."""
    places = np.arange(math.prod(shape)).reshape(shape)
    return np.unravel_index(kernel(places, **settings), shape)


def view(**readings: Any) -> Callable[[Kernel], Operation]:
    """Make a kernel that returns a view an operation, with a rule and all that its index says."""

    def made(kernel: Kernel) -> Operation:
        def rule(g: Data, _y: Data, like: Data, **settings: Any) -> Data:
            return scatter(g, index=index_of(kernel, like.shape, **settings), shape=like.shape)

        def back(x: Data, y: Data, **settings: Any) -> Derived:
            return put, (x, y), {"index": index_of(kernel, x.shape, **settings)}

        def paper(x: Data, **settings: Any) -> Data:
            return take(x, index=index_of(kernel, x.shape, **settings))

        def shape(x: Shape, **settings: Any) -> Shape:
            return kernel(np.broadcast_to(0, x), **settings).shape

        known = {"shape": shape, "paper": paper, "scalars": ARRAYS, **readings}
        return operation(rule, view=True, view_back=back, **known)(kernel)

    return made


@view(
    numpy="np.diagonal(x, offset, dim1, dim2)",
    jax="np.diagonal(x, offset, dim1, dim2)",
    example=lambda n: ([(n, n + 1)], {"offset": 1, "dim1": 0, "dim2": 1}),
)
def diagonal(x: np.ndarray, *, offset: int, dim1: int, dim2: int) -> np.ndarray:
    """The numbers `x[i, i + offset]` of the dimensions `dim1` and `dim2`, along a new last dimension."""
    matrices = np.moveaxis(x, (dim1, dim2), (-2, -1))[..., max(-offset, 0) :, max(offset, 0) :]
    n = min(matrices.shape[-2:])
    return np.einsum("...ii->...i", matrices[..., :n, :n])  # np.diagonal makes it read-only


@view(
    jax="np.moveaxis(np.take(x, step * np.arange((x.shape[dim] - size) // step + 1)[:, None] + np.arange(size), dim), "
    "dim + 1, -1)",
    example=lambda n: ([(n + 1, 2)], {"dim": 0, "size": 2, "step": 1}),
)
def unfold(x: np.ndarray, *, dim: int, size: int, step: int) -> np.ndarray:
    """The windows of `size` numbers along `dim`, one at every `step`; the numbers of each in a new last dimension."""
    repeated = step < size and x.shape[dim] >= size + step
    windows = np.lib.stride_tricks.sliding_window_view(x, size, dim, writeable=not repeated)
    return windows[along(dim, slice(None, None, step))]


@view(
    jax="x.reshape(-1)[start + sum(n * i for n, i in zip(stride, np.indices(size)))]",
    example=lambda n: ([(n * n,)], {"size": (n, 2), "stride": (2, 1), "start": 0}),
)
def as_strided(x: np.ndarray, *, size: Shape, stride: Shape, start: int) -> np.ndarray:
    """`y[i, j, ...] = x[start + i * stride[0] + j * stride[1] + ...]`, where x is counted number by number."""
    flat = x.reshape(-1)
    steps = [n * flat.itemsize for n in stride]
    return np.lib.stride_tricks.as_strided(flat[start:], size, steps, writeable=not _overlap(size, stride))


def _overlap(size: Shape, stride: Shape) -> bool:
    """True if two of the places that strides lead to may be one."""
    reach = 0
    for step, n in sorted(zip(stride, size)):
        if n > 1 and step <= reach:
            return True
        reach += step * (n - 1)
    return False


@operation(
    lambda g, _y, _x: g,
    shape=lambda x: x,
    notation=written.UNWRITTEN,
    numpy="np.array(x, order='C')",
    jax="x",
    paper=lambda x: x,
    example=lambda n: ([(n, n + 1)], {}),
)
def contiguous(x: np.ndarray, *, out: np.ndarray | None = None) -> np.ndarray:
    """The same numbers in memory of their own, row by row."""
    if out is None:
        return np.array(x, order="C")
    np.copyto(out, x)
    return out
