"""Convolution in one operation, and the two operations that its rules are.

The sum of all numbers of `g * convolve(x, w)` is linear in g, in x and in w. Its slopes are the three operations

    convolve(x, w)            in g: each kernel of w times each window of x
    convolve_back(g, w)       in x: each number of g times its kernel, added up where the windows overlap
    convolve_kernels(g, x)    in w: each number of g times its window, added up over the windows

and the rules of each are the other two. They are no compositions, as the windows of a whole batch would fill the
memory: they are copied for a few samples at a time, and anew for each slope.
Shapes: `x` (N, C, *sizes), `w` (O, C / groups, *kernel), `g` (N, O, *places).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.tested import operation
from tinygrad_edu.ops.windows import (
    Sizes,
    add_windows,
    overlap_add,
    view,
    windows,
    windows_shape,
)

_BLOCK = 2**19  # bytes of windows at a time, which stay in the cache


def _blocks(seen: Sizes, itemsize: int) -> Iterator[slice]:
    """A few samples at a time, of windows of the shape `seen`."""
    step = max(1, _BLOCK // max(1, math.prod(seen[1:]) * itemsize))
    return (slice(i, i + step) for i in range(0, seen[0], step))


# In matrices: a row for each kernel, a column for each window, by sample and group. For arrays and Tensors alike.


def _kernels(w: Data, groups: int) -> Data:
    return w.reshape(groups, w.shape[0] // groups, math.prod(w.shape[1:]))


def _columns(seen: Data, groups: int, n: int) -> Data:
    numbers, count = math.prod(seen.shape[1:-n]), math.prod(seen.shape[-n:])
    return seen.reshape(seen.shape[0], groups, numbers // groups, count)


def _channels(g: Data, groups: int) -> Data:
    return g.reshape(g.shape[0], groups, g.shape[1] // groups, math.prod(g.shape[2:]))


def _product(seen: Data, w: Data, b: Data, groups: int) -> Data:
    n = w.ndim - 2
    y = _kernels(w, groups) @ _columns(seen, groups, n)
    y = y.reshape(seen.shape[0], w.shape[0], *seen.shape[-n:])
    return y if b is None else y + b.reshape(-1, *[1] * n)


def _parts(g: Data, w: Data, groups: int) -> Data:
    parts = _kernels(w, groups).swapaxes(-1, -2) @ _channels(g, groups)
    return parts.reshape(g.shape[0], w.shape[1] * groups, *w.shape[2:], *g.shape[2:])


def _slopes(g: Data, seen: Data, size: Sizes, groups: int) -> Data:
    slopes = _channels(g, groups) @ _columns(seen, groups, len(size)).swapaxes(-1, -2)
    return slopes.sum(axis=0).reshape(g.shape[1], seen.shape[1] // groups, *size)


# The rules.


def _input_rule(g: Data, _y: Data, like: Data, w: Data, _b: Data = None, **how: Any) -> Data:
    return convolve_back(g, w, shape=like.shape[2:], **how)


def _weight_rule(g: Data, _y: Data, x: Data, like: Data, _b: Data = None, **how: Any) -> Data:
    return convolve_kernels(g, x, size=like.shape[2:], **how)


def _bias_rule(g: Data, _y: Data, _x: Data, _w: Data, _b: Data, **_how: Any) -> Data:
    return g.sum(axis=(0, *range(2, g.ndim)))


def _convolved_shape(x: Sizes, w: Sizes, *_b: Sizes, stride: Sizes, dilation: Sizes, groups: int) -> Sizes:
    return (x[0], w[0], *windows_shape(x, size=w[2:], stride=stride, dilation=dilation)[len(x) :])


def _on_paper(x: Data, w: Data, b: Data = None, *, stride: Sizes, dilation: Sizes, groups: int) -> Data:
    return _product(windows(x, size=w.shape[2:], stride=stride, dilation=dilation), w, b, groups)


@operation(
    _input_rule,
    _weight_rule,
    _bias_rule,
    shape=_convolved_shape,
    paper=_on_paper,
    jax="_product(at_places(x, w.shape[2:], stride, dilation), w, b, groups)",
    example=lambda n: ([(2, 2, n + 2), (n, 2, 2), (n,)], {"stride": (1,), "dilation": (2,), "groups": 1}),
)
def convolve(
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray | None = None,
    *,
    stride: Sizes,
    dilation: Sizes,
    groups: int,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Each kernel times each window, with `b` (O,) added: `y[n, o, p] = b[o] + sum of w[o, c, i] * x[n, c, p + i]`."""
    seen = view(x, w.shape[2:], stride, dilation)
    y = np.empty((len(x), len(w), *seen.shape[x.ndim :]), x.dtype) if out is None else out
    for some in _blocks(seen.shape, x.itemsize):
        y[some] = _product(seen[some], w, b, groups)
    return y


def _back_rule(g: Data, _y: Data, _x: Data, w: Data, *, shape: Sizes, **how: Any) -> Data:
    return convolve(g, w, **how)


def _back_weight_rule(g: Data, _y: Data, x: Data, like: Data, *, shape: Sizes, **how: Any) -> Data:
    return convolve_kernels(x, g, size=like.shape[2:], **how)


def _back_on_paper(x: Data, w: Data, *, stride: Sizes, dilation: Sizes, groups: int, shape: Sizes) -> Data:
    parts = _parts(x, w, groups)
    return overlap_add(parts, size=w.shape[2:], stride=stride, dilation=dilation, shape=shape)


@operation(
    _back_rule,
    _back_weight_rule,
    shape=lambda x, w, *, groups, shape, **_: (x[0], w[1] * groups, *shape),
    paper=_back_on_paper,
    jax="added_at_places(_parts(x, w, groups), w.shape[2:], stride, dilation, shape)",
    example=lambda n: (
        [(2, n, n), (n, 2, 2)],
        {"stride": (1,), "dilation": (2,), "groups": 1, "shape": (n + 2,)},
    ),
)
def convolve_back(
    x: np.ndarray,
    w: np.ndarray,
    *,
    stride: Sizes,
    dilation: Sizes,
    groups: int,
    shape: Sizes,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Each number times its kernel, added up where the windows in the result, of sizes `shape`, overlap."""
    y = np.empty((len(x), w.shape[1] * groups, *shape), x.dtype) if out is None else out
    y.fill(0)
    for some in _blocks((len(x), math.prod(w.shape[1:]) * groups, *x.shape[2:]), x.itemsize):
        add_windows(y[some], _parts(x[some], w, groups), w.shape[2:], stride, dilation)
    return y


def _kernels_rule(g: Data, _y: Data, _z: Data, x: Data, *, size: Sizes, **how: Any) -> Data:
    return convolve(x, g, **how)


def _kernels_input_rule(g: Data, _y: Data, z: Data, like: Data, *, size: Sizes, **how: Any) -> Data:
    return convolve_back(z, g, shape=like.shape[2:], **how)


def _kernels_on_paper(z: Data, x: Data, *, stride: Sizes, dilation: Sizes, groups: int, size: Sizes) -> Data:
    return _slopes(z, windows(x, size=size, stride=stride, dilation=dilation), size, groups)


@operation(
    _kernels_rule,
    _kernels_input_rule,
    shape=lambda z, x, *, groups, size, **_: (z[1], x[1] // groups, *size),
    paper=_kernels_on_paper,
    jax="_slopes(z, at_places(x, size, stride, dilation), size, groups)",
    example=lambda n: (
        [(2, n, n), (2, 2, n + 2)],
        {"stride": (1,), "dilation": (2,), "groups": 1, "size": (2,)},
    ),
)
def convolve_kernels(
    z: np.ndarray,
    x: np.ndarray,
    *,
    stride: Sizes,
    dilation: Sizes,
    groups: int,
    size: Sizes,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Each number of `z` (N, O, *places) times its window in `x`, added up over the windows of all samples."""
    seen = view(x, size, stride, dilation)
    y = np.empty((z.shape[1], x.shape[1] // groups, *size), x.dtype) if out is None else out
    y.fill(0)
    for some in _blocks(seen.shape, x.itemsize):
        y += _slopes(z[some], seen[some], size, groups)
    return y
