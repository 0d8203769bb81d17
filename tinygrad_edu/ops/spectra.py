"""Eigenvalues and eigenvectors of symmetric matrices, singular values and singular vectors of any.

Values and vectors are operations of their own: where two values are equal, only the vectors have no derivative. All
take matrices in the last two dimensions, and stacks of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops.solvers import LinAlgError, column, row, transposed, well_conditioned
from tinygrad_edu.ops.tested import operation

_UPLO: dict[bool, Any] = {True: "U", False: "L"}


def finite(name: str, x: np.ndarray) -> np.ndarray:
    """The matrices themselves, if their numbers are finite: for others, the algorithms do not converge."""
    if not np.isfinite(x).all():
        raise LinAlgError(f"{name} needs finite numbers, got nan or inf")
    return x


def skew(x: Data) -> Data:
    """x - x.T: what turns an orthonormal basis, which cannot be stretched."""
    return x - transposed(x)


def _eigenvalues_rule(g: Data, _y: Data, x: Data, *, upper: bool) -> Data:
    v = eigenvectors(x, upper=upper)
    return (v * row(g)) @ transposed(v)


@operation(
    _eigenvalues_rule,
    shape=lambda x, *, upper: x[:-1],
    numpy="np.linalg.eigvalsh(x, 'U' if upper else 'L')",
    jax="np.linalg.eigvalsh(x, 'U' if upper else 'L', symmetrize_input=False)",
    example=lambda n: (well_conditioned(n)[0], {"upper": False}),
)
def eigenvalues(x: np.ndarray, *, upper: bool) -> np.ndarray:
    """The eigenvalues of symmetric matrices, of which one triangle is read, from the smallest on."""
    return np.linalg.eigvalsh(finite("eigenvalues", x), _UPLO[upper])


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
    same = np.eye(x.shape[-1], dtype=x.dtype)
    return (1 - same) / (row(x) - column(x) + same)


def _eigenvectors_rule(g: Data, y: Data, x: Data, *, upper: bool) -> Data:
    t = transposed(y)
    return y @ (skew(t @ g) / 2 * inverse_gaps(eigenvalues(x, upper=upper))) @ t


@operation(
    _eigenvectors_rule,
    shape=lambda x, *, upper: x,
    numpy="np.linalg.eigh(x, 'U' if upper else 'L')[1]",
    jax="np.linalg.eigh(x, 'U' if upper else 'L', symmetrize_input=False)[1]",
    example=lambda n: (well_conditioned(n)[0], {"upper": False}),
    slope_advice="eigenvectors of equal eigenvalues are not unique and have no derivative",
)
def eigenvectors(x: np.ndarray, *, upper: bool) -> np.ndarray:
    """The eigenvectors of symmetric matrices as columns, in the order of `eigenvalues`. Each could have the other sign.

    The derivative divides by the differences of the eigenvalues.
    """
    return np.linalg.eigh(finite("eigenvectors", x), _UPLO[upper])[1]


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
    example=lambda n: ([(n, n + 1)], {}),
)
def singular_values(x: np.ndarray) -> np.ndarray:
    """The singular values s of each matrix, from the greatest on."""
    return np.linalg.svd(finite("singular_values", x), False, False)


def _singular_vectors_rule(g: Data, y: Data, x: Data) -> Data:
    # Townsend, Differentiating the Singular Value Decomposition (2016), eq. 2.
    s = singular_values(x)
    (u, v), (gu, gv) = left_and_right(x, y), left_and_right(x, g)
    gaps = inverse_gaps(s * s)
    by_u, by_v = transposed(u) @ gu, transposed(v) @ gv
    inner = skew(by_u) * gaps * row(s) + column(s) * (skew(by_v) * gaps)
    total = u @ inner @ transposed(v)
    if x.shape[-2] > x.shape[-1]:
        return total + (gu - u @ by_u) / row(s) @ transposed(v)
    if x.shape[-2] < x.shape[-1]:
        return total + u / row(s) @ transposed(gv - v @ by_v)
    return total


@operation(
    _singular_vectors_rule,
    shape=lambda x: (*x[:-2], x[-2] + x[-1], min(x[-2:])),
    numpy="np.concatenate([np.linalg.svd(x, False)[0], np.linalg.svd(x, False)[2].swapaxes(-1, -2)], axis=-2)",
    jax="np.concatenate([np.linalg.svd(x, False)[0], np.linalg.svd(x, False)[2].swapaxes(-1, -2)], axis=-2)",
    example=lambda n: ([(n, n + 1)], {}),
    slope_advice="singular vectors of equal singular values are not unique and have no derivative",
)
def singular_vectors(x: np.ndarray) -> np.ndarray:
    """u above v, with x = u * s @ v.T for s = singular_values(x). Both columns of a pair could have the other sign.

    The derivative divides by the differences of the squares of s.
    """
    u, _, vh = np.linalg.svd(finite("singular_vectors", x), False)
    return np.concatenate([u, transposed(vh)], axis=-2)


@operation(
    None,
    shape=lambda x: (*x[:-2], max(x[-2:]), max(x[-2:]) - min(x[-2:])),
    example=lambda n: ([(n, n + 1)], {}),
)
def further_singular_vectors(x: np.ndarray) -> np.ndarray:
    """Orthonormal columns that complete the longer part of `singular_vectors`; any others would do as well."""
    u, s, vh = np.linalg.svd(finite("further_singular_vectors", x), True)
    longer = u if x.shape[-2] >= x.shape[-1] else transposed(vh)
    return longer[..., s.shape[-1] :]
