"""Operations that only move numbers: reshape, permute, expand, diagonal, cast, cat."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data, Derived
from tinygrad_edu.engine.readings import ARRAYS
from tinygrad_edu.ops.elementwise import sum_to
from tinygrad_edu.ops.index import along, put, scatter
from tinygrad_edu.ops.tested import operation
from tinygrad_edu.text import notation as written

Shape = tuple[int, ...]


def _reshape_back(x: Data, y: Data, *, shape: Shape) -> Derived:
    return reshape, (y,), {"shape": x.shape}


def _reshaped_shape(x: Shape, *, shape: Shape) -> Shape:
    rest = math.prod(x) // max(1, -math.prod(shape)) if -1 in shape else 0
    return tuple(rest if n == -1 else n for n in shape)


@operation(
    lambda g, _y, like, *, shape: g.reshape(like.shape),
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
def reshape(x: np.ndarray, *, shape: Shape) -> np.ndarray:
    """The same numbers, row by row, in another shape; one size may be -1."""
    return x.reshape(shape)


def _permute_rule(g: Data, _y: Data, _x: Data, *, dims: Shape) -> Data:
    return permute(g, dims=_inverse(dims))


def _permute_back(_x: Data, y: Data, *, dims: Shape) -> Derived:
    return permute, (y,), {"dims": _inverse(dims)}


def _inverse(dims: Shape) -> Shape:
    return tuple(dims.index(i) for i in range(len(dims)))


@operation(
    _permute_rule,
    view=True,
    view_back=_permute_back,
    shape=lambda x, *, dims: tuple(x[i] for i in dims),
    notation=written.TRANSPOSE,
    numpy=lambda *, dims, **_: "x.T" if dims == (1, 0) else "x.transpose(*dims)",
    javascript="permute",
    scalars=ARRAYS,
    example=lambda n: ([(n, n + 1)], {"dims": (1, 0)}),
)
def permute(x: np.ndarray, *, dims: Shape) -> np.ndarray:
    """`y[i_dims[0], i_dims[1], ...] = x[i_0, i_1, ...]`; `dims` are non-negative."""
    return x.transpose(dims)


@operation(
    lambda g, _y, like, *, shape: sum_to(g, like),
    view=True,
    shape=lambda x, *, shape: np.broadcast_shapes(x, shape),
    notation=written.REPEATED,
    numpy="np.broadcast_to(x, shape)",
    javascript="(x, { shape }) => ({ shape, data: Float64Array.from(places(x.shape, shape), (at) => x.data[at]) })",
    scalars=ARRAYS,
    example=lambda n: ([(1, n)], {"shape": (n, n)}),
)
def expand(x: np.ndarray, *, shape: Shape) -> np.ndarray:
    """`x` repeated to `shape` as broadcasting does, without copying. Every repetition sends its gradient back."""
    return np.broadcast_to(x, shape)


def _diagonal_rule(g: Data, _y: Data, like: Data) -> Data:
    n = like.shape[-1]
    in_a_row = scatter(g, index=(..., slice(None, None, n + 1)), shape=(*g.shape[:-1], n * n))
    return in_a_row.reshape(like.shape)


def _diagonal_back(x: Data, y: Data) -> Derived:
    places = np.arange(x.shape[-1])
    return put, (x, y), {"index": (..., places, places)}


@operation(
    _diagonal_rule,
    view=True,
    view_back=_diagonal_back,
    shape=lambda x: x[:-1],
    numpy="np.diagonal(x, 0, -2, -1)",
    jax="np.diagonal(x, 0, -2, -1)",
    paper=lambda x: x.reshape(*x.shape[:-2], x.shape[-1] ** 2)[..., :: x.shape[-1] + 1],
    scalars=ARRAYS,
    example=lambda n: ([(n, n)], {}),
)
def diagonal(x: np.ndarray) -> np.ndarray:
    """`y[..., i] = x[..., i, i]`, of square matrices."""
    return np.einsum("...ii->...i", x)  # np.diagonal makes it read-only


@operation(
    lambda g, _y, like, *, dtype: g.astype(like.dtype),
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


def _cat_shape(*xs: Shape, dim: int) -> Shape:
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
