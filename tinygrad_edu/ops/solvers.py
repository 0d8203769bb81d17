"""Functions of whole matrices: the inverse, linear equations, the pseudoinverse and the exponential.

All take matrices in the last two dimensions, and stacks of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.engine.readings import ARRAYS, Example
from tinygrad_edu.ops.index import scatter
from tinygrad_edu.ops.reduce import same_shape
from tinygrad_edu.ops.shape import cat
from tinygrad_edu.ops.tested import operation


class LinAlgError(RuntimeError):
    """The error for a matrix without the wanted result: it is singular, or not positive-definite."""


def transposed(x: Data) -> Data:
    """Each matrix transposed."""
    return x.swapaxes(-1, -2)


def row(x: Data) -> Data:
    """A vector as a matrix of one row."""
    return x.reshape((*x.shape[:-1], 1, x.shape[-1]))


def column(x: Data) -> Data:
    """A vector as a matrix of one column."""
    return x.reshape((*x.shape, 1))


def _lower_rule(g: Data, _y: Data, _x: Data, *, diagonal: int) -> Data:
    return lower(g, diagonal=diagonal)


@operation(
    _lower_rule,
    shape=lambda x, *, diagonal: x,
    numpy="np.tril(x, diagonal)",
    scalars=ARRAYS,
    example=lambda n: ([(n, n + 1)], {"diagonal": 0}),
)
def lower(x: np.ndarray, *, diagonal: int) -> np.ndarray:
    """The lower triangle of each matrix, and zeros above the `diagonal`: 0 is the main one, -1 the one below."""
    return np.tril(x, diagonal)


def upper(x: Data) -> Data:
    """The upper triangle of each matrix, with its diagonal."""
    return transposed(lower(transposed(x), diagonal=0))


def diagonal(x: Data) -> Data:
    """The numbers on the diagonal of square matrices."""
    places = np.arange(x.shape[-1])
    return x[..., places, places]


def diagonal_matrix(x: Data) -> Data:
    """Square matrices with the numbers of vectors on their diagonals."""
    places = np.arange(x.shape[-1])
    return scatter(x, index=(..., places, places), shape=(*x.shape, x.shape[-1]))


def attempted(kernel: Callable[..., Any], failure: str, *inputs: Any) -> Any:
    """The result of a function of NumPy; where it has none, `LinAlgError` with the words `failure`."""
    try:
        return kernel(*inputs)
    except np.linalg.LinAlgError as error:
        raise LinAlgError(failure) from error


def well_conditioned(n: int) -> Example:
    """A symmetric matrix with eigenvalues around 1, all different."""
    steps = np.arange(1.0, n + 1)
    return [np.diag(steps) / n + np.outer(steps, steps) / (4 * n * n)], {}


def _inverse_rule(g: Data, y: Data, _x: Data) -> Data:
    return -transposed(y) @ g @ transposed(y)


@operation(_inverse_rule, shape=same_shape, numpy="np.linalg.inv(x)", example=well_conditioned)
def inverse(x: np.ndarray) -> np.ndarray:
    """The inverse of each matrix. Raises `LinAlgError` if one is singular."""
    return attempted(np.linalg.inv, "inverse needs invertible matrices, got a singular one; see pinverse", x)


def _coefficients_rule(g: Data, z: Data, x: Data, _y: Data) -> Data:
    return -solve(transposed(x), g) @ transposed(z)


def _right_sides_rule(g: Data, _z: Data, x: Data, _y: Data) -> Data:
    return solve(transposed(x), g)


@operation(
    _coefficients_rule,
    _right_sides_rule,
    promotes=True,
    shape=lambda _x, y: y,
    numpy="np.linalg.solve(x, y)",
    example=lambda n: ([*well_conditioned(n)[0], (n, n + 1)], {}),
)
def solve(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The matrices z with x @ z = y, in stacks of one size. Raises `LinAlgError` if an x is singular."""
    return attempted(
        np.linalg.solve, "solve needs invertible matrices, got a singular one; see linalg.lstsq", x, y
    )


def _pinverse_rule(g: Data, y: Data, x: Data, *, atol: Any, rtol: Any) -> Data:
    # Golub and Pereyra, The Differentiation of Pseudo-Inverses (1973), eq. 4.12; the rank stays.
    h, t = transposed(g), transposed(y)
    return -t @ g @ t + (h - x @ (y @ h)) @ y @ t + t @ y @ (h - (h @ y) @ x)


def _counting(s: np.ndarray, atol: Any, rtol: Any) -> np.ndarray:
    """True for the singular values that do not count as 0."""
    return s > np.maximum(np.asarray(atol)[..., None], np.asarray(rtol)[..., None] * s[..., :1])


@operation(
    _pinverse_rule,
    shape=lambda x, *, atol, rtol: (*x[:-2], x[-1], x[-2]),
    numpy="np.linalg.pinv(x, rtol)",
    example=lambda n: ([(n, n + 1)], {"atol": 0.0, "rtol": 1e-12}),
)
def pinverse(x: np.ndarray, *, atol: Any, rtol: Any) -> np.ndarray:
    """The pseudoinverse of each matrix. Singular values up to `atol`, or the greatest times `rtol`, count as 0."""
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    kept = _counting(s, atol, rtol)
    return transposed(vh) * row(np.where(kept, 1 / np.where(kept, s, 1), 0)) @ transposed(u)


@operation(
    None,
    shape=lambda x, *, atol, rtol: x[:-2],
    numpy="np.linalg.matrix_rank(x, rtol=rtol)",
    example=lambda n: ([(n, n + 1)], {"atol": 0.0, "rtol": 1e-12}),
)
def rank(x: np.ndarray, *, atol: Any, rtol: Any) -> np.ndarray:
    """The number of singular values that do not count as 0, as in `pinverse`."""
    return _counting(np.linalg.svd(x, compute_uv=False), atol, rtol).sum(axis=-1)


def _matrix_exp_rule(g: Data, _y: Data, x: Data) -> Data:
    # exp of [[x.T, g], [0, x.T]] has the gradient in its upper right corner: Najfeld and Havel (1995), eq. 42.
    n, t = x.shape[-1], transposed(x)
    block = cat(cat(t, g, dim=g.ndim - 1), cat(t * 0, t, dim=g.ndim - 1), dim=g.ndim - 2)
    return matrix_exp(block)[..., :n, n:]


# Of the rational approximation of degree 13 in both parts, and the norm up to which it has all digits of float64.
_PADE = (
    *(1, 1 / 2, 3 / 25, 11 / 600, 11 / 5520, 3 / 18400, 1 / 96600, 1 / 1932000, 1 / 48944000, 1 / 1585785600),
    *(1 / 67395888000, 1 / 3953892096000, 1 / 355850288640000, 1 / 64764752532480000),
)
_PADE_NORM = 5.37


@operation(_matrix_exp_rule, shape=same_shape, example=well_conditioned)
def matrix_exp(x: np.ndarray) -> np.ndarray:
    """`1 + x + x @ x / 2 + ...` of each matrix.

    Source: Higham, The Scaling and Squaring Method for the Matrix Exponential Revisited (2005).
    """
    norm = np.abs(x).sum(axis=-2).max(axis=-1, initial=0)
    halvings = np.ceil(np.log2(np.maximum(norm / _PADE_NORM, 1)))[..., None, None]
    small = x / np.exp2(halvings).astype(x.dtype)
    term = np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape)
    even = odd = np.zeros_like(x)
    for k in range(0, len(_PADE), 2):
        even, odd = even + _PADE[k] * term, odd + _PADE[k + 1] * (small @ term)
        term = small @ small @ term
    y = np.linalg.solve(even - odd, even + odd)
    for i in range(int(halvings.max(initial=0))):
        y = np.where(i < halvings, y @ y, y)
    return y
