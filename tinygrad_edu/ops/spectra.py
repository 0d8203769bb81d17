"""Eigenvalues and eigenvectors of symmetric matrices; singular values, and what is computed by them.

Values and vectors are operations of their own: where two values are equal, only the vectors have no derivative. All
take matrices in the last two dimensions, and stacks of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.engine.readings import Example
from tinygrad_edu.ops.contractions import column, row, transposed
from tinygrad_edu.ops.elementwise import equal, exp, log, where
from tinygrad_edu.ops.index import scatter
from tinygrad_edu.ops.reduce import same_shape
from tinygrad_edu.ops.solvers import LinAlgError, lower, sign_of_determinant, well_conditioned
from tinygrad_edu.ops.tested import operation


def _finite(name: str, x: np.ndarray) -> np.ndarray:
    """The matrices themselves, if their numbers are finite: with others, LAPACK may never end."""
    if not np.isfinite(x).all():
        raise LinAlgError(f"{name} needs finite numbers, got nan or inf")
    return x


def _wide(n: int) -> Example:
    return [(n, n + 1)], {}


def _skew(x: Data) -> Data:
    """x - x.T: what turns an orthonormal basis, which cannot be stretched."""
    return x - transposed(x)


def _inverse_gaps_rule(g: Data, y: Data, _x: Data) -> Data:
    shares = g * y * y
    return shares.sum(axis=-1) - shares.sum(axis=-2)


@operation(
    _inverse_gaps_rule,
    shape=lambda x: (*x, x[-1]),
    numpy="(1 - np.eye(x.shape[-1])) / (x[..., None, :] - x[..., None] + np.eye(x.shape[-1]))",
    example=lambda n: ([np.arange(1.0, n + 1)], {}),
)
def inverse_gaps(x: np.ndarray) -> np.ndarray:
    """1 / (x[j] - x[i]) in row i and column j, and 0 on the diagonal."""
    same = np.eye(x.shape[-1], dtype=bool)
    return ~same / (row(x) - column(x) + same)


def _eigenvalues_rule(g: Data, _y: Data, x: Data) -> Data:
    v = eigenvectors(x)
    return (v * row(g)) @ transposed(v)


@operation(
    _eigenvalues_rule,
    shape=lambda x: x[:-1],
    numpy="np.linalg.eigvalsh(x)",
    jax="np.linalg.eigvalsh(x, symmetrize_input=False)",
    example=well_conditioned,
)
def eigenvalues(x: np.ndarray) -> np.ndarray:
    """The eigenvalues of symmetric matrices, of which the lower triangle is read, from the smallest on."""
    return np.linalg.eigvalsh(_finite("eigenvalues", x))


def _eigenvectors_rule(g: Data, y: Data, x: Data) -> Data:
    t = transposed(y)
    return y @ (_skew(t @ g) / 2 * inverse_gaps(eigenvalues(x))) @ t


@operation(
    _eigenvectors_rule,
    shape=same_shape,
    numpy="np.linalg.eigh(x)[1]",
    jax="np.linalg.eigh(x, symmetrize_input=False)[1]",
    example=well_conditioned,
    slope_advice="eigenvectors of equal eigenvalues are not unique and have no derivative",
)
def eigenvectors(x: np.ndarray) -> np.ndarray:
    """The eigenvectors of symmetric matrices as columns, in the order of `eigenvalues`. Each could have the other sign.

    The derivative divides by the differences of the eigenvalues.
    """
    return np.linalg.eigh(_finite("eigenvectors", x))[1]


def _singular_values_rule(g: Data, _y: Data, x: Data) -> Data:
    u, v = left_and_right(x, singular_vectors(x))
    return (u * row(g)) @ transposed(v)


def left_and_right(x: Data, vectors: Data) -> tuple[Data, Data]:
    """The two parts of `singular_vectors(x)`."""
    return vectors[..., : x.shape[-2], :], vectors[..., x.shape[-2] :, :]


@operation(
    _singular_values_rule,
    shape=lambda x: (*x[:-2], min(x[-2:])),
    numpy="np.linalg.svdvals(x)",
    jax="np.linalg.svd(x, False, False)",
    example=_wide,
)
def singular_values(x: np.ndarray) -> np.ndarray:
    """The singular values s of each matrix, from the greatest on."""
    return np.linalg.svd(_finite("singular_values", x), False, False)


def _singular_vectors_rule(g: Data, y: Data, x: Data) -> Data:
    # Townsend, Differentiating the Singular Value Decomposition (2016), eq. 2.
    s = singular_values(x)
    (u, v), (gu, gv) = left_and_right(x, y), left_and_right(x, g)
    gaps = inverse_gaps(s * s)
    by_u, by_v = transposed(u) @ gu, transposed(v) @ gv
    inner = _skew(by_u) * gaps * row(s) + column(s) * (_skew(by_v) * gaps)
    total = u @ inner @ transposed(v)
    if x.shape[-2] > x.shape[-1]:
        return total + (gu - u @ by_u) / row(s) @ transposed(v)
    if x.shape[-2] < x.shape[-1]:
        return total + u / row(s) @ transposed(gv - v @ by_v)
    return total


_UV = "np.concatenate([np.linalg.svd(x, False)[0], np.linalg.svd(x, False)[2].swapaxes(-1, -2)], axis=-2)"


@operation(
    _singular_vectors_rule,
    shape=lambda x: (*x[:-2], x[-2] + x[-1], min(x[-2:])),
    numpy=_UV,
    jax=_UV,
    example=_wide,
    slope_advice="singular vectors of equal singular values are not unique and have no derivative",
)
def singular_vectors(x: np.ndarray) -> np.ndarray:
    """u above v, with x = u * s @ v.T for s = singular_values(x). Both columns of a pair could have the other sign.

    The derivative divides by the differences of the squares of s.
    """
    u, _, vh = np.linalg.svd(_finite("singular_vectors", x), False)
    return np.concatenate([u, transposed(vh)], axis=-2)


def counting(s: Data, atol: Any, rtol: Any) -> Data:
    """True for the singular values that do not count as 0: above `atol`, and above the greatest times `rtol`."""
    return s > np.maximum(np.asarray(atol)[..., None], np.asarray(rtol)[..., None] * s[..., :1])


def _pinverse_rule(g: Data, y: Data, x: Data, *, atol: Any, rtol: Any) -> Data:
    # Golub and Pereyra, The Differentiation of Pseudo-Inverses (1973), eq. 4.12; the rank stays.
    h, t = transposed(g), transposed(y)
    return -t @ g @ t + (h - x @ (y @ h)) @ y @ t + t @ y @ (h - (h @ y) @ x)


@operation(
    _pinverse_rule,
    shape=lambda x, *, atol, rtol: (*x[:-2], x[-1], x[-2]),
    numpy="np.linalg.pinv(x, rtol)",
    example=lambda n: ([(n, n + 1)], {"atol": 0.0, "rtol": 1e-12}),
)
def pinverse(x: np.ndarray, *, atol: Any, rtol: Any) -> np.ndarray:
    """The pseudoinverse of each matrix, from the singular values that count."""
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    kept = counting(s, atol, rtol)
    return transposed(vh) * row(np.where(kept, 1 / np.where(kept, s, 1), 0)) @ transposed(u)


def _determinant_rule(g: Data, _y: Data, x: Data) -> Data:
    return column(column(g)) * cofactors(x)


@operation(_determinant_rule, shape=lambda x: x[:-2], numpy="np.linalg.det(x)", example=well_conditioned)
def determinant(x: np.ndarray) -> np.ndarray:
    """The determinant of each matrix; it has derivatives where there is no inverse, too."""
    return np.linalg.det(x)


def _products_without_two(s: Data) -> Data:
    """In row i and column j the product of all numbers of a vector but the i-th and the j-th; 0 on the diagonal."""
    zero = equal(s, 0)
    filled = where(zero, 1, s)
    product = exp(log(filled).sum(axis=-1, keepdims=True))
    zeros_left = column(zero.sum(axis=-1, keepdims=True)) - row(zero) - column(zero)
    pairs = where(equal(zeros_left, 0), column(product) / (row(filled) * column(filled)), 0)
    return lower(pairs, diagonal=-1) + transposed(lower(pairs, diagonal=-1))


def _cofactors_rule(g: Data, _y: Data, x: Data) -> Data:
    # In the basis of the singular vectors x is diagonal, where each cofactor has at most two derivatives.
    u, v = left_and_right(x, singular_vectors(x))
    pairs, turned = _products_without_two(singular_values(x)), transposed(u) @ g @ v
    places = np.arange(x.shape[-1])
    sums = (pairs * row(turned[..., places, places])).sum(axis=-1)
    inner = scatter(sums, index=(..., places, places), shape=x.shape) - pairs * transposed(turned)
    sign = sign_of_determinant(u) * sign_of_determinant(v)
    return column(column(sign)) * (u @ inner @ transposed(v))


@operation(
    _cofactors_rule,
    shape=same_shape,
    numpy="np.linalg.det(x)[..., None, None] * np.linalg.inv(x).swapaxes(-1, -2)",
    example=well_conditioned,
)
def cofactors(x: np.ndarray) -> np.ndarray:
    """The derivative of the determinant by each number: the determinant without its row and column, and a sign.

    From the singular value decomposition, which needs no inverse.
    """
    u, s, vh = np.linalg.svd(x)
    others = np.where(np.eye(x.shape[-1], dtype=bool), 1, row(s)).prod(axis=-1)
    sign = np.linalg.det(u) * np.linalg.det(vh)
    return column(column(sign)) * (u * row(others) @ vh)
