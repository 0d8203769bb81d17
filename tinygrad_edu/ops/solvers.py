"""Linear equations, and what else LAPACK computes of matrices by elimination or by reflections.

All operations take matrices in the last two dimensions, and stacks of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.engine.readings import ARRAYS, Example
from tinygrad_edu.ops.contractions import column, transposed
from tinygrad_edu.ops.elementwise import sum_to
from tinygrad_edu.ops.reduce import same_shape
from tinygrad_edu.ops.shape import cat
from tinygrad_edu.ops.tested import operation


class LinAlgError(RuntimeError):
    """The error for a matrix without the wanted result: it is singular, or not positive-definite."""


def _attempted(kernel: Callable[..., Any], failure: str, *inputs: Any) -> Any:
    """The result of a function of NumPy; where it has none, `LinAlgError` with the words `failure`."""
    try:
        return kernel(*inputs)
    except np.linalg.LinAlgError as error:
        raise LinAlgError(failure) from error


def well_conditioned(n: int) -> Example:
    """A symmetric matrix with eigenvalues around 1, all different."""
    steps = np.arange(1.0, n + 1)
    return [np.diag(steps) / n + np.outer(steps, steps) / (4 * n * n)], {}


def _tall(n: int) -> Example:
    return [(n + 1, n)], {}


def _lower_rule(g: Data, _y: Data, _x: Data, *, diagonal: int) -> Data:
    return lower(g, diagonal=diagonal)


@operation(
    _lower_rule,
    shape=same_shape,
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


def mirrored(x: Data) -> Data:
    """The symmetric matrix with the lower triangle of `x`."""
    return lower(x, diagonal=0) + transposed(lower(x, diagonal=-1))


_SINGULAR = "inverse and solve need invertible matrices, got a singular one; see linalg.pinv and linalg.lstsq"


@operation(
    lambda g, y, _x: -transposed(y) @ g @ transposed(y),
    shape=same_shape,
    numpy="np.linalg.inv(x)",
    example=well_conditioned,
)
def inverse(x: np.ndarray) -> np.ndarray:
    """The inverse of each matrix, by its own rule: half the time of `solve` with a unit matrix, and its derivative."""
    return _attempted(np.linalg.inv, _SINGULAR, x)


def _coefficients_rule(g: Data, z: Data, x: Data, _y: Data) -> Data:
    return sum_to(-solve(transposed(x), g) @ transposed(z), x)


def _right_sides_rule(g: Data, _z: Data, x: Data, like: Data) -> Data:
    return sum_to(solve(transposed(x), g), like)


@operation(
    _coefficients_rule,
    _right_sides_rule,
    promotes=True,
    shape=lambda x, y: (*np.broadcast_shapes(x[:-2], y[:-2]), *y[-2:]),
    numpy="np.linalg.solve(x, y)",
    example=lambda n: ([*well_conditioned(n)[0], (n, n + 1)], {}),
    mismatch="the right sides need as many rows as the matrices, and stacks as many of both, or 1",
)
def solve(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The matrices z with x @ z = y. Raises `LinAlgError` if an x is singular."""
    return _attempted(np.linalg.solve, _SINGULAR, x, y)


def _logabsdet_rule(g: Data, _y: Data, x: Data) -> Data:
    return column(column(g)) * transposed(inverse(x))


@operation(_logabsdet_rule, shape=lambda x: x[:-2], numpy="np.linalg.slogdet(x)[1]", example=well_conditioned)
def logabsdet(x: np.ndarray) -> np.ndarray:
    """The logarithm of the absolute value of the determinant, without overflow; -inf of a singular matrix."""
    return np.linalg.slogdet(x)[1]


@operation(None, shape=lambda x: x[:-2], numpy="np.linalg.slogdet(x)[0]", example=well_conditioned)
def sign_of_determinant(x: np.ndarray) -> np.ndarray:
    """1, -1, or 0 of a singular matrix."""
    return np.linalg.slogdet(x)[0]


def _cholesky_rule(g: Data, y: Data, _x: Data) -> Data:
    # Murray, Differentiation of the Cholesky decomposition (2016), eq. 10; the gradient is symmetric.
    t = transposed(y)
    return transposed(solve(t, transposed(solve(t, mirrored(t @ g))))) / 2


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
    failure = "cholesky needs positive-definite matrices, got one with an eigenvalue of 0 or less"
    return _attempted(np.linalg.cholesky, failure, x)


def _orthonormal_rule(g: Data, y: Data, x: Data) -> Data:
    # Walter and Lehmann, Algorithmic Differentiation of Linear Algebra Functions (2010), eq. 18.
    inner = g - y @ mirrored(transposed(g) @ y)
    return transposed(solve(transposed(y) @ x, transposed(inner)))


@operation(_orthonormal_rule, shape=same_shape, numpy="np.linalg.qr(x)[0]", example=_tall)
def orthonormal(x: np.ndarray) -> np.ndarray:
    """The columns made orthonormal: q with x = q @ r and r upper triangular, for no more columns than rows."""
    return np.linalg.qr(x)[0]


@operation(
    None,
    shape=lambda x: (*x[:-1], x[-2] - x[-1]),
    numpy="np.linalg.qr(x, 'complete')[0][..., x.shape[-1]:]",
    example=_tall,
)
def complement(x: np.ndarray) -> np.ndarray:
    """Orthonormal columns perpendicular to those of x, that complete `orthonormal`; any others would do as well."""
    return np.linalg.qr(x, "complete")[0][..., x.shape[-1] :]


def _matrix_exp_rule(g: Data, _y: Data, x: Data) -> Data:
    # exp of [[x.T, g], [0, x.T]] has the gradient in its upper right corner: Najfeld and Havel (1995), eq. 42.
    n, t = x.shape[-1], transposed(x)
    block = cat(cat(t, g, dim=g.ndim - 1), cat(t * 0, t, dim=g.ndim - 1), dim=g.ndim - 2)
    return matrix_exp(block)[..., :n, n:]


@operation(_matrix_exp_rule, shape=same_shape, example=well_conditioned)
def matrix_exp(x: np.ndarray) -> np.ndarray:
    """`1 + x + x @ x / 2 + ...` of each matrix: of x halved until its norm is at most 1, then squared as often."""
    norm = np.abs(x).sum(axis=-2).max(axis=-1, initial=0)
    halvings = np.ceil(np.log2(np.maximum(norm, 1)))[..., None, None]
    small = x / np.exp2(halvings).astype(x.dtype)
    y = one = np.eye(x.shape[-1], dtype=x.dtype)
    for k in range(18, 0, -1):  # 1 / 19! is below the last digit of float64
        y = one + small @ y / k
    for i in range(int(halvings.max(initial=0))):
        y = np.where(i < halvings, y @ y, y)
    return y
