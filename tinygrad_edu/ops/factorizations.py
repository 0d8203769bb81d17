"""Matrices as products of triangular and orthogonal ones: Cholesky, QR and LU.

An operation has one result: q stands above r.T in one array, and both factors of LU share a matrix, as in LAPACK. All
take matrices in the last two dimensions, and stacks of them.
"""

from __future__ import annotations

import math

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.reduce import same_shape
from tinygrad_edu.ops.shape import cat
from tinygrad_edu.ops.solvers import (
    attempted,
    lower,
    row,
    solve,
    transposed,
    upper,
    well_conditioned,
)
from tinygrad_edu.ops.tested import operation


def mirrored(x: Data) -> Data:
    """The symmetric matrix with the lower triangle of `x`."""
    return lower(x, diagonal=0) + transposed(lower(x, diagonal=-1))


def divided_by_transposed(x: Data, y: Data) -> Data:
    """x @ inverse(y.T)."""
    return transposed(solve(y, transposed(x)))


def _cholesky_rule(g: Data, y: Data, _x: Data) -> Data:
    # Murray, Differentiation of the Cholesky decomposition (2016), eq. 10; the gradient is symmetric.
    t = transposed(y)
    return divided_by_transposed(solve(t, mirrored(t @ g)), t) / 2


@operation(
    _cholesky_rule,
    shape=same_shape,
    numpy="np.linalg.cholesky(x)",
    jax="np.linalg.cholesky(x, symmetrize_input=False)",
    example=well_conditioned,
)
def cholesky(x: np.ndarray) -> np.ndarray:
    """The lower triangular y with y @ y.T = x, of which only the lower triangle is read.

    Raises `LinAlgError` if x is not positive-definite.
    """
    return attempted(
        np.linalg.cholesky,
        "cholesky needs positive-definite matrices, got one with an eigenvalue of 0 or less",
        x,
    )


def _qr_rule(g: Data, y: Data, like: Data) -> Data:
    # Walter and Lehmann, Algorithmic Differentiation of Linear Algebra Functions (2010), eq. 18.
    m = like.shape[-2]
    q, r = y[..., :m, :], transposed(y[..., m:, :])
    gq, gr = g[..., :m, :], upper(transposed(g[..., m:, :]))
    return divided_by_transposed(gq + q @ mirrored(r @ transposed(gr) - transposed(gq) @ q), r)


@operation(
    _qr_rule,
    shape=lambda x: (*x[:-2], x[-2] + x[-1], x[-1]),
    numpy="np.concatenate([np.linalg.qr(x)[0], np.linalg.qr(x)[1].swapaxes(-1, -2)], axis=-2)",
    example=lambda n: ([(n + 1, n)], {}),
)
def qr(x: np.ndarray) -> np.ndarray:
    """q above r.T, with x = q @ r, of matrices with no more columns than rows.

    The columns of q are orthonormal, r is upper triangular.
    """
    q, r = np.linalg.qr(x)
    return np.concatenate([q, transposed(r)], axis=-2)


@operation(
    None,
    shape=lambda x: (*x[:-2], x[-2] + x[-1], x[-2]),
    numpy="np.concatenate([*np.linalg.qr(x, 'complete')], axis=-1).swapaxes(-1, -2)",
    example=lambda n: ([(n + 1, n)], {}),
)
def complete_qr(x: np.ndarray) -> np.ndarray:
    """q.T above r.T, with x = q @ r and a square q, whose further columns have no derivative: they could be others."""
    return transposed(np.concatenate([*np.linalg.qr(x, "complete")], axis=-1))


@operation(None, shape=lambda x: (*x[:-2], x[-2] + 1, x[-1]), example=lambda n: ([(n + 1, n)], {}))
def reflectors(x: np.ndarray) -> np.ndarray:
    """The Householder vectors of `qr` below the diagonal, r above, and their factors tau in a last row."""
    h, tau = np.linalg.qr(x, "raw")
    padding = [(0, 0)] * (tau.ndim - 1) + [(0, x.shape[-1] - tau.shape[-1])]
    return np.concatenate([transposed(h), row(np.pad(tau, padding))], axis=-2)


def _eliminated(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gaussian elimination with exchange of rows: both factors in one matrix, and the row exchanged at each step."""
    *batch, m, n = x.shape
    work = x.reshape(math.prod(batch), m, n).copy()
    stack, steps = np.arange(len(work)), min(m, n)
    pivots = np.empty((len(work), steps), np.int32)
    for k in range(steps):
        chosen = k + np.abs(work[:, k:, k]).argmax(axis=1)
        pivots[:, k] = chosen + 1  # counted from 1, as in LAPACK
        work[stack, k], work[stack, chosen] = work[stack, chosen], work[stack, k]
        top = work[:, k, k, None]
        work[:, k + 1 :, k] /= np.where(top == 0, 1, top)
        work[:, k + 1 :, k + 1 :] -= work[:, k + 1 :, k, None] * work[:, k, None, k + 1 :]
    return work.reshape(x.shape), pivots.reshape(*batch, steps)


def _lu_rule(g: Data, y: Data, _x: Data) -> Data:
    n = y.shape[-1]
    top = y[..., :n, :]
    below, g_below = y[..., n:, :], g[..., n:, :]
    left, right = transposed(unit_lower(top)), upper(top)
    inner = lower(left @ g[..., :n, :], diagonal=-1)
    outer = upper(upper(g[..., :n, :]) @ transposed(right) - transposed(below) @ g_below)
    shares = cat(solve(left, inner + outer), g_below, dim=g.ndim - 2)
    return divided_by_transposed(shares, right)


@operation(
    lambda g, _y, _x: lower(g, diagonal=-1),
    shape=same_shape,
    numpy="np.tril(x, -1) + np.eye(x.shape[-2], x.shape[-1])",
    example=well_conditioned,
)
def unit_lower(x: np.ndarray) -> np.ndarray:
    """The lower triangle of each matrix, with ones on the diagonal: the first factor of `lu`."""
    return np.tril(x, -1) + np.eye(*x.shape[-2:], dtype=x.dtype)


@operation(_lu_rule, shape=same_shape, example=well_conditioned)
def lu(x: np.ndarray) -> np.ndarray:
    """Both triangular factors of x in one matrix: x = unit_lower(y) @ upper(y).

    The rows of x are in the order of `lu_pivots`, and not fewer than its columns.
    """
    return _eliminated(x)[0]


@operation(None, shape=lambda x: (*x[:-2], min(x[-2:])), example=well_conditioned)
def lu_pivots(x: np.ndarray) -> np.ndarray:
    """The number of the row with which each row is exchanged in elimination, counted from 1, as in LAPACK."""
    return _eliminated(x)[1]


@operation(None, shape=lambda x: x[:-2], example=well_conditioned)
def singular_step(x: np.ndarray) -> np.ndarray:
    """The first step of elimination, counted from 1, at which there is no number to divide by; 0 if there is none."""
    return _first(np.diagonal(_eliminated(x)[0], axis1=-2, axis2=-1) == 0)


@operation(None, shape=lambda x: x[:-2], example=well_conditioned)
def indefinite_step(x: np.ndarray) -> np.ndarray:
    """The size of the smallest corner that is not positive-definite; 0 if there is none. Reads the lower triangle."""
    work, failed = mirrored(x), np.empty(x.shape[:-1], bool)
    for k in range(x.shape[-1]):
        top, below = work[..., k, k, None, None], work[..., k + 1 :, k, None]
        failed[..., k] = ~(top[..., 0, 0] > 0)
        work[..., k + 1 :, k + 1 :] -= below * transposed(below) / np.where(top > 0, top, 1)
    return _first(failed)


def _first(failed: np.ndarray) -> np.ndarray:
    """The place of the first True along the last dimension, counted from 1; 0 if there is none."""
    end = failed.shape[-1] + 1
    places = np.where(failed, np.arange(1, end), end)
    return (places.min(axis=-1, initial=end) % end).astype(np.int32)


@operation(
    None,
    shape=lambda pivots, like, *, size: (*pivots[:-1], size, size),
    example=lambda n: ([np.arange(1, n + 1), (n, n)], {"size": n}),
)
def permutation(pivots: np.ndarray, like: np.ndarray, *, size: int) -> np.ndarray:
    """The matrix p of the exchanges of rows: p.T @ x has the rows of x in the order of `lu`; in the dtype of `like`."""
    if not ((pivots >= 1) & (pivots <= size)).all():
        raise ValueError(f"permutation needs rows from 1 to {size}, got {pivots.min()} to {pivots.max()}")
    order = np.broadcast_to(np.arange(size), (*pivots.shape[:-1], size)).copy()
    for k in range(pivots.shape[-1]):
        chosen = pivots[..., k, None] - 1
        other, own = np.take_along_axis(order, chosen, -1), order[..., k, None].copy()
        np.put_along_axis(order, chosen, own, -1)
        order[..., k, None] = other
    return transposed(np.eye(size, dtype=like.dtype)[order])
