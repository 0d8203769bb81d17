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
from tinygrad_edu.ops.windows import Sizes, add_windows, overlap_add, view, windows, windows_shape
from tinygrad_edu.text import notation as written

_WINDOW_BYTES = 2**19  # of windows at a time, which stay in the cache
_MANY = 8  # samples, from which on it pays to have them as the last dimension, ...
_SAMPLES_LAST = 4  # ... where so many blocks are taken at a time


def _blocks(seen: Sizes, itemsize: int, times: int = 1) -> Iterator[slice]:
    """A few samples at a time, of windows of the shape `seen`."""
    step = max(1, times * _WINDOW_BYTES // max(1, math.prod(seen[1:]) * itemsize))
    return (slice(i, i + step) for i in range(0, seen[0], step))


# In matrices: a row for each kernel, a column for each window, by sample and group. For arrays and Tensors alike.


def _kernels(w: Data, groups: int) -> Data:
    return w.reshape(groups, w.shape[0] // groups, math.prod(w.shape[1:]))


def _columns(x: Data, groups: int, n: int) -> Data:
    """The numbers of each place of the last `n` dimensions as a column: of windows, and of channels."""
    numbers, count = math.prod(x.shape[1:-n]), math.prod(x.shape[-n:])
    return x.reshape(x.shape[0], groups, numbers // groups, count)


def _product(seen: Data, w: Data, b: Data, groups: int) -> Data:
    n = w.ndim - 2
    y = _kernels(w, groups) @ _columns(seen, groups, n)
    y = y.reshape(seen.shape[0], w.shape[0], *seen.shape[-n:])
    return y if b is None else y + b.reshape(-1, *[1] * n)


def _parts(g: Data, w: Data, groups: int) -> Data:
    parts = _kernels(w, groups).swapaxes(-1, -2) @ _columns(g, groups, g.ndim - 2)
    return parts.reshape(g.shape[0], w.shape[1] * groups, *w.shape[2:], *g.shape[2:])


def _slopes(g: Data, seen: Data, size: Sizes, groups: int) -> Data:
    slopes = _columns(g, groups, len(size)) @ _columns(seen, groups, len(size)).swapaxes(-1, -2)
    return slopes.sum(axis=0).reshape(g.shape[1], seen.shape[1] // groups, *size)


# In JAX, where slopes of a convolution are its transposes.
_JAX = (
    "jax.lax.conv_general_dilated(x, w, stride, 'VALID', rhs_dilation=dilation, feature_group_count=groups)"
)


def _transposed(g: str, variable: str, shape: str, line: str) -> str:
    return (
        f"jax.linear_transpose(lambda {variable}: {line}, jax.ShapeDtypeStruct(({shape}), {g}.dtype))({g})[0]"
    )


_HOW = {"stride": (1,), "dilation": (2,), "groups": 1}  # of the examples


def _input_rule(g: Data, _y: Data, like: Data, w: Data, _b: Data = None, **how: Any) -> Data:
    return convolve_back(g, w, shape=like.shape[2:], **how)


def _weight_rule(g: Data, _y: Data, x: Data, like: Data, _b: Data = None, **how: Any) -> Data:
    return convolve_kernels(g, x, size=like.shape[2:], **how)


@operation(
    _input_rule,
    _weight_rule,
    lambda g, _y, _x, _w, _b, **_how: g.sum(axis=(0, *range(2, g.ndim))),
    shape=lambda x, w, *_b, groups, **how: (x[0], w[0], *windows_shape(x, size=w[2:], **how)[len(x) :]),
    notation=written.function("conv"),
    keeps_name=True,
    paper=lambda x, w, b=None, *, groups, **how: _product(windows(x, size=w.shape[2:], **how), w, b, groups),
    jax=f"{_JAX} + (0 if b is None else b.reshape(-1, *[1] * (w.ndim - 2)))",
    example=lambda n: ([(2, 2, n + 2), (n, 2, 2), (n,)], _HOW),
)
def convolve(
    x: Data, w: Data, b: Data = None, *, stride: Sizes, dilation: Sizes, groups: int, out: Data = None
) -> np.ndarray:
    """Each kernel times each window, with `b` (O,) added: `y[n, o, p] = b[o] + sum of w[o, c, i] * x[n, c, p + i]`."""
    seen = view(x, w.shape[2:], stride, dilation)
    y = np.empty((len(x), len(w), *seen.shape[x.ndim :]), np.result_type(x, w)) if out is None else out
    for some in _blocks(seen.shape, x.itemsize):
        y[some] = _product(seen[some], w, b, groups)
    return y


def _back_weight_rule(g: Data, _y: Data, x: Data, like: Data, *, shape: Sizes, **how: Any) -> Data:
    return convolve_kernels(x, g, size=like.shape[2:], **how)


@operation(
    lambda g, _y, _x, w, *, shape, **how: convolve(g, w, **how),
    _back_weight_rule,
    shape=lambda x, w, *, groups, shape, **_: (x[0], w[1] * groups, *shape),
    notation=written.function("conv_back", "shape"),
    keeps_name=True,
    paper=lambda x, w, *, groups, **how: overlap_add(_parts(x, w, groups), size=w.shape[2:], **how),
    jax=_transposed("x", "y", "len(x), w.shape[1] * groups, *shape", _JAX.replace("(x, w", "(y, w")),
    example=lambda n: ([(2, n, n), (n, 2, 2)], {**_HOW, "shape": (n + 2,)}),
)
def convolve_back(
    x: Data, w: Data, *, stride: Sizes, dilation: Sizes, groups: int, shape: Sizes, out: Data = None
) -> np.ndarray:
    """Each number times its kernel, added up where the windows in the result, of sizes `shape`, overlap."""
    y = np.empty((len(x), w.shape[1] * groups, *shape), np.result_type(x, w)) if out is None else out
    seen = (len(x), math.prod(w.shape[1:]) * groups, *x.shape[2:])
    for some in _blocks(seen, x.itemsize, _SAMPLES_LAST if groups == 1 and len(x) >= _MANY else 1):
        if groups == 1 and len(x[some]) >= _MANY:
            _add_parts(y[some], x[some], w, stride, dilation)
        else:
            y[some] = 0
            add_windows(y[some], _parts(x[some], w, groups), w.shape[2:], stride, dilation)
    return y


def _add_parts(y: np.ndarray, x: np.ndarray, w: np.ndarray, stride: Sizes, dilation: Sizes) -> None:
    """What `convolve_back` computes, with the samples as the last dimension while the windows are added up.

    Rows of a picture are short; beside one another, the samples make long ones, and the sum is twice as quick.
    """
    size, last = w.shape[2:], np.ascontiguousarray(np.moveaxis(x, 0, -1))
    parts = (w.reshape(len(w), -1).T @ last.reshape(len(w), -1)).reshape(*w.shape[1:], *last.shape[1:])
    total = np.zeros((*y.shape[1:], len(y)), y.dtype)
    add_windows(total, parts, size, stride, dilation, behind=1)
    y[...] = np.moveaxis(total, -1, 0)


@operation(
    lambda g, _y, _z, x, *, size, **how: convolve(x, g, **how),
    lambda g, _y, z, like, *, size, **how: convolve_back(z, g, shape=like.shape[2:], **how),
    shape=lambda z, x, *, groups, size, **_: (z[1], x[1] // groups, *size),
    notation=written.function("conv_kernels", "size"),
    keeps_name=True,
    paper=lambda z, x, *, groups, size, **how: _slopes(z, windows(x, size=size, **how), size, groups),
    jax=_transposed("z", "w", "z.shape[1], x.shape[1] // groups, *size", _JAX),
    example=lambda n: ([(2, n, n), (2, 2, n + 2)], {**_HOW, "size": (2,)}),
)
def convolve_kernels(
    z: Data, x: Data, *, stride: Sizes, dilation: Sizes, groups: int, size: Sizes, out: Data = None
) -> np.ndarray:
    """Each number of `z` (N, O, *places) times its window in `x`, added up over the windows of all samples."""
    seen = view(x, size, stride, dilation)
    y = np.empty((z.shape[1], x.shape[1] // groups, *size), np.result_type(z, x)) if out is None else out
    y.fill(0)
    for some in _blocks(seen.shape, x.itemsize):
        y += _slopes(z[some], seen[some], size, groups)
    return y
