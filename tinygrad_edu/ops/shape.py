"""Operations that only move numbers: reshape, permute, expand, cast, cat."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data, operation
from tinygrad_edu.ops.elementwise import sum_to


def _reshape_rule(g: Data, _y: Data, like: Data, *, shape: tuple[int, ...]) -> Data:
    return g.reshape(like.shape)


@operation(_reshape_rule, view=True)
def reshape(x: np.ndarray, *, shape: tuple[int, ...]) -> np.ndarray:
    """The same numbers, row by row, in another shape; one size may be -1."""
    return x.reshape(shape)


def _permute_rule(g: Data, _y: Data, _x: Data, *, dims: tuple[int, ...]) -> Data:
    return permute(g, dims=tuple(dims.index(i) for i in range(len(dims))))


@operation(_permute_rule, view=True)
def permute(x: np.ndarray, *, dims: tuple[int, ...]) -> np.ndarray:
    """`y[i_dims[0], i_dims[1], ...] = x[i_0, i_1, ...]`; `dims` are non-negative."""
    return x.transpose(dims)


def _expand_rule(g: Data, _y: Data, like: Data, *, shape: tuple[int, ...]) -> Data:
    return sum_to(g, like)


@operation(_expand_rule, view=True)
def expand(x: np.ndarray, *, shape: tuple[int, ...]) -> np.ndarray:
    """`x` repeated to `shape` as broadcasting does, without copying. Every repetition sends its gradient back."""
    return np.broadcast_to(x, shape)


def _cast_rule(g: Data, _y: Data, like: Data, *, dtype: Any) -> Data:
    return g.astype(like.dtype)


@operation(_cast_rule)
def cast(x: np.ndarray, *, dtype: Any) -> np.ndarray:
    """The numbers as another floating dtype."""
    return x.astype(dtype)


@operation(None)
def cast_whole(x: np.ndarray, *, dtype: Any) -> np.ndarray:
    """The numbers as whole numbers or booleans; a step function, so its derivative is zero."""
    return x.astype(dtype)


def _cat_rule(g: Data, _y: Data, *like: Data, dim: int, position: int) -> Data:
    start = sum(x.shape[dim] for x in like[:position])
    rows = slice(start, start + like[position].shape[dim])
    return g[(slice(None),) * dim + (rows,)]


@operation(_cat_rule, variadic=True)
def cat(*xs: np.ndarray, dim: int, out: np.ndarray | None = None) -> np.ndarray:
    """The arrays one after the other along `dim`, which is non-negative."""
    return np.concatenate(xs, axis=dim, out=out)
