"""Factorizations: Cholesky, QR, eigenvectors of symmetric matrices, and singular values.

Eigenvectors, singular vectors and the columns of Q could have the other sign as well: only what does not depend on the
sign has a meaning.
"""

from __future__ import annotations

from collections import namedtuple
from typing import Any, NoReturn

from tinygrad_edu.ops import factorizations, shape, solvers, spectra
from tinygrad_edu.tensor.functions.linear_equations import solve_triangular, with_info
from tinygrad_edu.tensor.functions.matrix_arguments import need_matrices, need_square
from tinygrad_edu.tensor.functions.public import public

Data = Any
FactorAndInfo = namedtuple("FactorAndInfo", "L info")
QR = namedtuple("QR", "Q R")
Eigen = namedtuple("Eigen", "eigenvalues eigenvectors")
SVD = namedtuple("SVD", "U S Vh")


@public("linalg.cholesky")
def cholesky(input: Data, upper: bool = False) -> Data:
    """The lower triangular L with L @ L.T = input, or its transpose if `upper`, of which only that triangle is read.

    Raises `LinAlgError` if a matrix is not positive-definite.
    """
    need_square("cholesky", input)
    return factorizations.cholesky(input.mT).mT if upper else factorizations.cholesky(input)


@public(within="linalg", method=False)
def cholesky_ex(A: Data, *, upper: bool = False, check_errors: bool = False) -> FactorAndInfo:
    """The factor as `linalg.cholesky` has it, nan where there is none, and the size of the first part without, or 0."""
    need_square("linalg.cholesky_ex", A)
    lower = A.mT if upper else A
    factor, info = with_info(
        factorizations.cholesky, lower, factorizations.indefinite_step(lower), check_errors
    )
    return FactorAndInfo(factor.mT if upper else factor, info)


@public()
def cholesky_inverse(L: Data, upper: bool = False) -> Data:
    """The inverse of L @ L.T, or of L.T @ L if `upper`, from the factor of Cholesky."""
    need_square("cholesky_inverse", L)
    inner = solvers.inverse(solvers.lower(L.mT if upper else L, diagonal=0))
    return inner.mT @ inner


@public()
def cholesky_solve(B: Data, L: Data, upper: bool = False) -> Data:
    """X with L @ L.T @ X = B, or L.T @ L @ X = B if `upper`."""
    L = L.mT if upper else L
    inner = solve_triangular(L, B, upper=False)
    return solve_triangular(L.mT, inner, upper=True)


@public(within="linalg", method=False)
def qr(A: Data, mode: str = "reduced") -> QR:
    """Q with orthonormal columns and the upper triangular R, with A = Q @ R.

    `mode` "complete": Q is square, which has no derivative if A has more rows than columns; "r": R alone.
    """
    need_matrices("linalg.qr", A)
    if mode not in ("reduced", "complete", "r"):
        raise ValueError(f"linalg.qr needs mode 'reduced', 'complete' or 'r', got {mode!r}")
    m, n = A.shape[-2:]
    if mode == "complete" and m > n:
        parts = factorizations.complete_qr(A).mT
        return QR(parts[..., :m], parts[..., m:])
    parts = factorizations.qr(A[..., :m])
    q, r = parts[..., :m, :], parts[..., m:, :].mT
    if m < n:
        r = shape.cat(r, q.mT @ A[..., m:], dim=A.ndim - 1)
    return QR(A.detach().flatten()[:0] if mode == "r" else q, r)


def _is_upper(call: str, triangle: str) -> bool:
    if triangle.upper() not in ("L", "U"):
        raise ValueError(f"{call} needs UPLO 'L' or 'U', got {triangle!r}")
    return triangle.upper() == "U"


@public(within="linalg", method=False)
def eigh(A: Data, UPLO: str = "L") -> Eigen:
    """The eigenvalues of symmetric matrices, from the smallest on, and the eigenvectors as columns.

    One triangle is read: the lower, or the upper for UPLO="U".
    """
    need_square("linalg.eigh", A)
    upper = _is_upper("linalg.eigh", UPLO)
    return Eigen(spectra.eigenvalues(A, upper=upper), spectra.eigenvectors(A, upper=upper))


@public(within="linalg", method=False)
def eigvalsh(A: Data, UPLO: str = "L") -> Data:
    """The eigenvalues of symmetric matrices, from the smallest on."""
    need_square("linalg.eigvalsh", A)
    return spectra.eigenvalues(A, upper=_is_upper("linalg.eigvalsh", UPLO))


@public("linalg.eigvals", within="linalg", method=False)
def eig(A: Data) -> NoReturn:
    """Not computed: the eigenvalues of a matrix that is not symmetric are complex numbers."""
    raise NotImplementedError(
        "linalg.eig has complex results, which are not computed here; for symmetric A see eigh"
    )


@public(within="linalg", method=False)
def svd(A: Data, full_matrices: bool = True, *, driver: Any = None) -> SVD:
    """U, S and Vh with A = U * S @ Vh: orthonormal columns, singular values from the greatest on, orthonormal rows.

    With `full_matrices` U and Vh are square; what is added has no derivative.
    """
    need_matrices("linalg.svd", A)
    parts = spectra.singular_vectors(A)
    m, n = A.shape[-2:]
    u, v = parts[..., :m, :], parts[..., m:, :]
    if full_matrices and m != n:
        longer = shape.cat(u if m > n else v, spectra.further_singular_vectors(A), dim=A.ndim - 1)
        u, v = (longer, v) if m > n else (u, longer)
    return SVD(u, spectra.singular_values(A), v.mT)


@public(within="linalg", method=False)
def svdvals(A: Data, *, driver: Any = None) -> Data:
    """The singular values of each matrix, from the greatest on."""
    need_matrices("linalg.svdvals", A)
    return spectra.singular_values(A)
