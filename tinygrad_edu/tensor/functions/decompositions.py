"""Factorizations: Cholesky, QR, eigenvectors of symmetric matrices, and singular values.

Eigenvectors, singular vectors and the columns of Q could have the other sign as well: only what does not depend on the
sign has a meaning.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from tinygrad_edu.ops import shape, solvers, spectra
from tinygrad_edu.tensor.functions.matrix_arguments import need_matrices
from tinygrad_edu.tensor.functions.public import public

Data = Any
QR = namedtuple("QR", "Q R")
Eigen = namedtuple("Eigen", "eigenvalues eigenvectors")
SVD = namedtuple("SVD", "U S Vh")


@public("linalg.cholesky")
def cholesky(input: Data, upper: bool = False) -> Data:
    """The lower triangular L with L @ L.T = input, or its transpose if `upper`, of which only that triangle is read.

    Raises `LinAlgError` if a matrix is not positive-definite.
    """
    need_matrices("cholesky", input, square=True)
    return solvers.cholesky(input.mT).mT if upper else solvers.cholesky(input)


@public(within="linalg", method=False)
def qr(A: Data, mode: str = "reduced") -> QR:
    """Q with orthonormal columns and the upper triangular R, with A = Q @ R.

    `mode` "complete": Q is square, which has no derivative if A has more rows than columns; "r": R alone.
    """
    need_matrices("linalg.qr", A)
    if mode not in ("reduced", "complete", "r"):
        raise ValueError(f"linalg.qr needs mode 'reduced', 'complete' or 'r', got {mode!r}")
    m, n = A.shape[-2:]
    completed = mode == "complete" and m > n
    A = A.detach() if completed else A
    Q = _completed(A) if completed else solvers.orthonormal(A[..., :m])
    return QR(A.detach().flatten()[:0] if mode == "r" else Q, solvers.upper(Q.mT @ A))


def _completed(A: Data) -> Data:
    """The orthonormal columns of matrices, and as many more as make them square."""
    return shape.cat(solvers.orthonormal(A), solvers.complement(A), dim=A.ndim - 1)


def _triangle(call: str, A: Data, UPLO: str) -> Data:
    """The matrices, transposed if the upper triangle is to be read."""
    need_matrices(call, A, square=True)
    if UPLO.upper() not in ("L", "U"):
        raise ValueError(f"{call} needs UPLO 'L' or 'U', got {UPLO!r}")
    return A.mT if UPLO.upper() == "U" else A


@public(within="linalg", method=False)
def eigh(A: Data, UPLO: str = "L") -> Eigen:
    """The eigenvalues of symmetric matrices, from the smallest on, and the eigenvectors as columns.

    One triangle is read: the lower, or the upper for UPLO="U".
    """
    A = _triangle("linalg.eigh", A, UPLO)
    return Eigen(spectra.eigenvalues(A), spectra.eigenvectors(A))


@public(within="linalg", method=False)
def eigvalsh(A: Data, UPLO: str = "L") -> Data:
    """The eigenvalues of symmetric matrices, from the smallest on."""
    return spectra.eigenvalues(_triangle("linalg.eigvalsh", A, UPLO))


@public(within="linalg", method=False)
def svd(A: Data, full_matrices: bool = True, *, driver: Any = None) -> SVD:
    """U, S and Vh with A = U * S @ Vh: orthonormal columns, singular values from the greatest on, orthonormal rows.

    With `full_matrices` U and Vh are square; what is added has no derivative.
    """
    need_matrices("linalg.svd", A)
    U, V = spectra.left_and_right(A, spectra.singular_vectors(A))
    if full_matrices:
        U, V = (shape.cat(x, solvers.complement(x), dim=A.ndim - 1) for x in (U, V))
    return SVD(U, spectra.singular_values(A), V.mT)


@public(within="linalg", method=False)
def svdvals(A: Data, *, driver: Any = None) -> Data:
    """The singular values of each matrix, from the greatest on."""
    need_matrices("linalg.svdvals", A)
    return spectra.singular_values(A)
