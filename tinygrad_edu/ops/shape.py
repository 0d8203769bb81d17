"""Operations that only move numbers: reshape, permute, expand, cast, cat."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data, Derived
from tinygrad_edu.engine.readings import ARRAYS
from tinygrad_edu.ops.elementwise import sum_to
from tinygrad_edu.ops.index import along
from tinygrad_edu.ops.tested import operation
from tinygrad_edu.text import notation as written


def _reshape_rule(g: Data, _y: Data, like: Data, *, shape: tuple[int, ...]) -> Data:
    return g.reshape(like.shape)


def _reshape_back(x: Data, y: Data, *, shape: tuple[int, ...]) -> Derived:
    return reshape, (y,), {"shape": x.shape}


def _reshaped_shape(x: tuple[int, ...], *, shape: tuple[int, ...]) -> tuple[int, ...]:
    rest = math.prod(x) // max(1, -math.prod(shape)) if -1 in shape else 0
    return tuple(rest if n == -1 else n for n in shape)


@operation(
    _reshape_rule,
    view=True,
    view_back=_reshape_back,
    shape=_reshaped_shape,
    notation=written.RESHAPED,
    numpy="x.reshape(*shape)",
    javascript="(x, { shape }) => ({ ...x, shape })",
    scalars=ARRAYS,
    example=lambda n: ([(n, n)], {"shape": (n * n,)}),
    mismatch="the number of elements must stay the same",
)
def reshape(x: np.ndarray, *, shape: tuple[int, ...]) -> np.ndarray:
    """The same numbers, row by row, in another shape; one size may be -1."""
    return x.reshape(shape)


def _permute_rule(g: Data, _y: Data, _x: Data, *, dims: tuple[int, ...]) -> Data:
    return permute(g, dims=_inverse(dims))


def _permute_back(_x: Data, y: Data, *, dims: tuple[int, ...]) -> Derived:
    return permute, (y,), {"dims": _inverse(dims)}


def _inverse(dims: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(dims.index(i) for i in range(len(dims)))


@operation(
    _permute_rule,
    view=True,
    view_back=_permute_back,
    shape=lambda x, *, dims: tuple(x[i] for i in dims),
    notation=written.TRANSPOSE,
    numpy=lambda *, dims: "x.T" if dims == (1, 0) else "x.transpose(*dims)",
    javascript="permute",
    scalars=ARRAYS,
    example=lambda n: ([(n, n + 1)], {"dims": (1, 0)}),
)
def permute(x: np.ndarray, *, dims: tuple[int, ...]) -> np.ndarray:
    """`y[i_dims[0], i_dims[1], ...] = x[i_0, i_1, ...]`; `dims` are non-negative."""
    return x.transpose(dims)


def _expand_rule(g: Data, _y: Data, like: Data, *, shape: tuple[int, ...]) -> Data:
    return sum_to(g, like)


@operation(
    _expand_rule,
    view=True,
    shape=lambda x, *, shape: np.broadcast_shapes(x, shape),
    notation=written.REPEATED,
    numpy="np.broadcast_to(x, shape)",
    javascript="(x, { shape }) => ({ shape, data: Float64Array.from(places(x.shape, shape), (at) => x.data[at]) })",
    scalars=ARRAYS,
    example=lambda n: ([(1, n)], {"shape": (n, n)}),
)
def expand(x: np.ndarray, *, shape: tuple[int, ...]) -> np.ndarray:
    """`x` repeated to `shape` as broadcasting does, without copying. Every repetition sends its gradient back."""
    return np.broadcast_to(x, shape)


def _cast_rule(g: Data, _y: Data, like: Data, *, dtype: Any) -> Data:
    return g.astype(like.dtype)


@operation(
    _cast_rule,
    shape=lambda x, *, dtype: x,
    notation=written.UNWRITTEN,
    numpy="x.astype(dtype)",
    paper=lambda x, *, dtype: x,
    example=lambda n: ([(n, n + 1)], {"dtype": np.dtype(np.float32)}),
)
def cast(x: np.ndarray, *, dtype: Any) -> np.ndarray:
    """The numbers as another floating dtype."""
    return x.astype(dtype)


@operation(
    None,
    shape=lambda x, *, dtype: x,
    numpy="x.astype(dtype)",
    example=lambda n: ([(n, n + 1)], {"dtype": np.dtype(np.int64)}),
)
def cast_whole(x: np.ndarray, *, dtype: Any) -> np.ndarray:
    """The numbers as whole numbers or booleans; a step function, so its derivative is zero."""
    return x.astype(dtype)


def _cat_rule(g: Data, _y: Data, *like: Data, dim: int, position: int) -> Data:
    start = sum(x.shape[dim] for x in like[:position])
    rows = slice(start, start + like[position].shape[dim])
    return g[along(dim, rows)]


def _cat_shape(*xs: tuple[int, ...], dim: int) -> tuple[int, ...]:
    first = xs[0]
    return (*first[:dim], sum(x[dim] for x in xs), *first[dim + 1 :])


@operation(
    _cat_rule,
    variadic=True,
    promotes=True,
    shape=_cat_shape,
    numpy="np.concatenate([*xs], axis=dim)",
    javascript="cat",
    scalars=ARRAYS,
    example=lambda n: ([(n, n + 1), (n + 2, n + 1)], {"dim": 0}),
)
def cat(*xs: np.ndarray, dim: int, out: np.ndarray | None = None) -> np.ndarray:
    """The arrays one after the other along `dim`, which is non-negative."""
    return np.concatenate(xs, axis=dim, out=out)
