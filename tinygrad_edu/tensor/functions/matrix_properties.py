"""Functions of matrices: determinants, powers, the exponential, the rank, the condition and the pseudoinverse."""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.ops import determinants, elementwise, factorizations, solvers, spectra
from tinygrad_edu.tensor.functions.linear_equations import inverse, is_vector
from tinygrad_edu.tensor.functions.matrix_arguments import need_matrices, need_square, same_batch, shapes_of
from tinygrad_edu.tensor.functions.public import public

Data = Any
SignAndLogarithm = namedtuple("SignAndLogarithm", "sign logabsdet")
LeastSquares = namedtuple("LeastSquares", "solution residuals rank singular_values")


@public("linalg.det")
def det(input: Data) -> Data:
    """The determinant of each square matrix."""
    need_square("det", input)
    return determinants.determinant(input)


@public("linalg.slogdet")
def slogdet(input: Data) -> SignAndLogarithm:
    """The sign of the determinant, and the logarithm of its absolute value, which does not overflow."""
    need_square("slogdet", input)
    return SignAndLogarithm(determinants.sign_of_determinant(input), determinants.logabsdet(input))


@public()
def logdet(input: Data) -> Data:
    """The logarithm of the determinant of each square matrix; nan if it is negative, -inf if it is 0."""
    sign, logarithm = slogdet(input)
    return elementwise.where(sign < 0, math.nan, logarithm)


@public("linalg.matrix_power")
def matrix_power(input: Data, n: int) -> Data:
    """`input @ input @ ...`, n times, by repeated squaring; of the inverse for a negative n."""
    need_square("matrix_power", input)
    if isinstance(n, bool) or not isinstance(n, int | np.integer):
        raise TypeError(f"matrix_power needs n as a whole number, got {n!r}; see matrix_exp")
    if n < 0:
        return matrix_power(inverse(input), -n)
    if n == 0:
        return factorizations.unit_lower(solvers.lower(input, diagonal=-input.shape[-1]))
    if n == 1:
        return input.clone()
    half = matrix_power(input, n // 2)
    return half @ half @ input if n % 2 else half @ half


@public("linalg.matrix_exp")
def matrix_exp(input: Data) -> Data:
    """`1 + A + A @ A / 2 + ...` of each square matrix A."""
    need_square("matrix_exp", input)
    return solvers.matrix_exp(input)


def _tolerances(A: Data, atol: Any, rtol: Any) -> dict[str, Any]:
    """Absolute, and relative to the greatest singular value: max(A.shape) * eps unless one of both is given."""
    atol, rtol = (x.numpy(force=True) if hasattr(x, "numpy") else x for x in (atol, rtol))
    if rtol is None:
        default = max(A.shape[-2:]) * float(np.finfo(A.dtype).eps)
        rtol = default if atol is None else np.where(np.greater(atol, 0), 0.0, default)
    return {"atol": 0.0 if atol is None else atol, "rtol": rtol}


def _symmetric(A: Data, hermitian: bool) -> Data:
    return factorizations.mirrored(A) if hermitian else A


@public(within="linalg", method=False)
def pinv(A: Data, rcond: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None) -> Data:
    """The pseudoinverse of each matrix: of those of linear equations the shortest solution with the least squares.

    Singular values up to max(atol, rtol * the greatest) count as 0; `rcond` is `rtol`, which is max(A.shape) * eps if
    neither is given. `hermitian`: A is symmetric, and only its lower triangle is read. The derivative takes the rank
    for fixed.
    """
    (need_square if hermitian else need_matrices)("linalg.pinv", A)
    tolerances = _tolerances(A, atol, rcond if rtol is None else rtol)
    return solvers.pinverse(_symmetric(A, hermitian), **tolerances)


@public(within="linalg", method=False)
def matrix_rank(
    A: Data, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None
) -> Data:
    """The number of singular values above max(atol, rtol * the greatest), or above `tol` alone."""
    (need_square if hermitian else need_matrices)("linalg.matrix_rank", A)
    tolerances = _tolerances(A, atol, rtol) if tol is None else _tolerances(A, tol, 0.0)
    return solvers.rank(_symmetric(A, hermitian), **tolerances)


_DRIVERS = (None, "gels", "gelsy", "gelsd", "gelss")


@public(within="linalg", method=False)
def lstsq(A: Data, B: Data, rcond: float | None = None, *, driver: str | None = None) -> LeastSquares:
    """X with the least (A @ X - B) ** 2, the shortest if there are many; B holds matrices, or a vector for each A.

    Beside it the squares that are left, the rank and the singular values, as far as PyTorch's `driver` has them.
    """
    need_matrices("linalg.lstsq", A)
    if driver not in _DRIVERS:
        raise ValueError(f"linalg.lstsq needs driver as one of {_DRIVERS}, got {driver!r}")
    if is_vector(A, B):
        found = lstsq(A, B.unsqueeze(-1), rcond, driver=driver)
        return found._replace(solution=found.solution.squeeze(-1))
    need_matrices("linalg.lstsq", A, B)
    if A.shape[-2] != B.shape[-2]:
        raise ValueError(f"linalg.lstsq needs as many rows in B as in A, got shapes {shapes_of(A, B)}")
    A, B = same_batch("linalg.lstsq", A, B)
    solution = pinv(A, rcond) @ B
    none = A.detach().flatten()[:0]
    s, rank = spectra.singular_values(A.detach()), matrix_rank(A, rtol=rcond)
    full = driver == "gels" or bool((rank == A.shape[-1]).all())
    has_squares = full and driver not in (None, "gelsy") and A.shape[-2] > A.shape[-1]
    return LeastSquares(
        solution,
        ((A @ solution - B) ** 2).sum(-2) if has_squares else none,
        none.astype(np.int64) if driver == "gels" else rank,
        s if driver in ("gelsd", "gelss") else none,
    )


def _frobenius(A: Data) -> Data:
    return (A * A).sum((-2, -1)).sqrt()


def _nuclear(A: Data) -> Data:
    return spectra.singular_values(A).sum(-1)


_NORMS: dict[Any, Callable[[Data], Data]] = {
    "fro": _frobenius,
    "nuc": _nuclear,
    math.inf: lambda A: abs(A).sum(-1).amax(-1),
    -math.inf: lambda A: abs(A).sum(-1).amin(-1),
    1: lambda A: abs(A).sum(-2).amax(-1),
    -1: lambda A: abs(A).sum(-2).amin(-1),
}


@public(within="linalg", method=False)
def cond(A: Data, p: Any = None) -> Data:
    """How much a relative error grows in linear equations: norm(A, p) * norm(inverse(A), p).

    `p` of None or 2: the greatest singular value by the smallest, also of a matrix that is not square; -2: the smallest
    by the greatest. A singular matrix has the condition inf.
    """
    need_matrices("linalg.cond", A)
    if p in (None, 2, -2):
        s = spectra.singular_values(A)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    if p not in _NORMS:
        raise ValueError(f"linalg.cond needs p as None, 2, -2 or one of {list(_NORMS)}, got {p!r}")
    need_square("linalg.cond", A)
    singular = factorizations.singular_step(A) != 0
    safe = elementwise.where(singular[..., None, None], np.eye(A.shape[-1], dtype=A.dtype), A)
    return elementwise.where(singular, math.inf, _NORMS[p](safe) * _NORMS[p](inverse(safe)))


@public(within="linalg", method=False)
def vander(x: Data, N: int | None = None) -> Data:
    """The powers 0 to N - 1 of each number of vectors, in rows: N is the length of x unless it is given."""
    count = N if N is not None else x.shape[-1] if x.ndim else 1
    if count < 2:
        raise ValueError(f"linalg.vander needs N of 2 or more, got {count}")
    x = x if x.dtype.kind == "f" else x.astype(np.int64)
    return (x if x.ndim else x.unsqueeze(0)).unsqueeze(-1) ** np.arange(count)
