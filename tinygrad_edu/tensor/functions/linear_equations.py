"""Linear equations, and what says whether they have a solution: inverses, determinants, powers and ranks."""

from __future__ import annotations

import math
from collections import namedtuple
from typing import Any

import numpy as np

from tinygrad_edu.ops import solvers, spectra
from tinygrad_edu.ops.elementwise import where
from tinygrad_edu.tensor.functions.matrix_arguments import need_matrices, shapes_of
from tinygrad_edu.tensor.functions.public import public

Data = Any
SignAndLogarithm = namedtuple("SignAndLogarithm", "sign logabsdet")
LeastSquares = namedtuple("LeastSquares", "solution residuals rank singular_values")


@public("linalg.inv")
def inverse(input: Data) -> Data:
    """The inverse of each square matrix. Raises `LinAlgError` if one is singular."""
    need_matrices("inverse", input, square=True)
    return solvers.inverse(input)


def _columns(A: Data, B: Data) -> tuple[Data, bool]:
    """B as matrices, and True if it held one vector for each matrix A."""
    is_vector = B.ndim == 1 or (A.ndim == B.ndim + 1 and tuple(B.shape) == tuple(A.shape[:-1]))
    return (B.unsqueeze(-1) if is_vector else B), is_vector


@public(within="linalg", method=False)
def solve(A: Data, B: Data, *, left: bool = True) -> Data:
    """X with A @ X = B, or with X @ A = B unless `left`; B holds matrices, or a vector for each matrix A.

    Raises `LinAlgError` if a matrix is singular.
    """
    B, is_vector = _columns(A, B)
    if is_vector and not left:
        raise ValueError(f"linalg.solve needs matrices B for left=False, got shapes {shapes_of(A, B)}")
    need_matrices("linalg.solve", A, B, square=True)
    X = solvers.solve(A, B) if left else solvers.solve(A.mT, B.mT).mT
    return X.squeeze(-1) if is_vector else X


@public()
def cholesky_solve(B: Data, L: Data, upper: bool = False) -> Data:
    """X with L @ L.T @ X = B, or L.T @ L @ X = B if `upper`."""
    need_matrices("cholesky_solve", L, B, square=True)
    L = solvers.lower(L.mT if upper else L, diagonal=0)
    return solvers.solve(L.mT, solvers.solve(L, B))


@public()
def cholesky_inverse(L: Data, upper: bool = False) -> Data:
    """The inverse of L @ L.T, or of L.T @ L if `upper`, from the factor of Cholesky."""
    inner = inverse(solvers.lower(L.mT if upper else L, diagonal=0))
    return inner.mT @ inner


@public("linalg.det")
def det(input: Data) -> Data:
    """The determinant of each square matrix."""
    need_matrices("det", input, square=True)
    return spectra.determinant(input)


@public("linalg.slogdet")
def slogdet(input: Data) -> SignAndLogarithm:
    """The sign of the determinant, and the logarithm of its absolute value, which does not overflow."""
    need_matrices("slogdet", input, square=True)
    return SignAndLogarithm(solvers.sign_of_determinant(input), solvers.logabsdet(input))


@public()
def logdet(input: Data) -> Data:
    """The logarithm of the determinant of each square matrix; nan if it is negative, -inf if it is 0."""
    sign, logarithm = slogdet(input)
    return where(sign < 0, math.nan, logarithm)


@public("linalg.matrix_power")
def matrix_power(input: Data, n: int) -> Data:
    """`input @ input @ ...`, n times, by repeated squaring; of the inverse for a negative n."""
    need_matrices("matrix_power", input, square=True)
    if isinstance(n, bool) or not isinstance(n, int | np.integer):
        raise TypeError(f"matrix_power needs n as a whole number, got {n!r}; see matrix_exp")
    if n < 0:
        return matrix_power(inverse(input), -n)
    if n < 2:
        return input.clone() if n else where(True, np.eye(input.shape[-1], dtype=input.dtype), input)
    half = matrix_power(input, n // 2)
    return half @ half @ input if n % 2 else half @ half


@public("linalg.matrix_exp")
def matrix_exp(input: Data) -> Data:
    """`1 + A + A @ A / 2 + ...` of each square matrix A."""
    need_matrices("matrix_exp", input, square=True)
    return solvers.matrix_exp(input)


def _tolerances(A: Data, atol: Any, rtol: Any) -> dict[str, Any]:
    """Absolute, and relative to the greatest singular value: max(A.shape) * eps unless one of both is given."""
    atol, rtol = (x.numpy(force=True) if hasattr(x, "numpy") else x for x in (atol, rtol))
    if rtol is None:
        default = max(A.shape[-2:]) * float(np.finfo(A.dtype).eps)
        rtol = default if atol is None else np.where(np.greater(atol, 0), 0.0, default)
    return {"atol": 0.0 if atol is None else atol, "rtol": rtol}


@public(within="linalg", method=False)
def pinv(A: Data, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None) -> Data:
    """The pseudoinverse of each matrix: of those of linear equations the shortest solution with the least squares.

    Singular values up to max(atol, rtol * the greatest) count as 0; `rcond` is `rtol`, which is max(A.shape) * eps if
    neither is given. `hermitian`: A is symmetric, and only its lower triangle is read. The derivative takes the rank
    for fixed.
    """
    need_matrices("linalg.pinv", A, square=hermitian)
    A = solvers.mirrored(A) if hermitian else A
    return spectra.pinverse(A, **_tolerances(A, atol, rcond if rtol is None else rtol))


@public(within="linalg", method=False)
def matrix_rank(
    A: Data, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Data:
    """The number of singular values above max(atol, rtol * the greatest), or above `tol` alone."""
    need_matrices("linalg.matrix_rank", A, square=hermitian)
    tolerances = _tolerances(A, atol, rtol) if tol is None else _tolerances(A, tol, 0.0)
    s = spectra.singular_values(solvers.mirrored(A) if hermitian else A)
    return spectra.counting(s, **tolerances).sum(-1)


_DRIVERS = (None, "gels", "gelsy", "gelsd", "gelss")


@public(within="linalg", method=False)
def lstsq(A: Data, B: Data, rcond: float | None = None, *, driver: str | None = None) -> LeastSquares:
    """X with the least (A @ X - B) ** 2, the shortest if there are many; B holds matrices, or a vector for each A.

    Beside it the squares that are left, the rank and the singular values, as far as PyTorch's `driver` has them.
    """
    if driver not in _DRIVERS:
        raise ValueError(f"linalg.lstsq needs driver as one of {_DRIVERS}, got {driver!r}")
    B, is_vector = _columns(A, B)
    need_matrices("linalg.lstsq", A, B)
    if A.shape[-2] != B.shape[-2]:
        raise ValueError(f"linalg.lstsq needs as many rows in B as in A, got shapes {shapes_of(A, B)}")
    X, s, rank = pinv(A, rcond) @ B, spectra.singular_values(A.detach()), matrix_rank(A, rtol=rcond)
    none = A.detach().flatten()[:0]
    full = driver == "gels" or bool((rank == A.shape[-1]).all())
    has_squares = full and driver not in (None, "gelsy") and A.shape[-2] > A.shape[-1]
    return LeastSquares(
        X.squeeze(-1) if is_vector else X,
        ((A @ X - B) ** 2).sum(-2) if has_squares else none,
        none.astype(np.int64) if driver == "gels" else rank,
        s if driver in ("gelsd", "gelss") else none,
    )
