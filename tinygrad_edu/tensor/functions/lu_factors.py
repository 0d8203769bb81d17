"""The factorization A = P @ L @ U: P exchanges rows, L has ones on its diagonal, U is upper triangular."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from tinygrad_edu.ops import factorizations, shape, solvers
from tinygrad_edu.ops.solvers import LinAlgError
from tinygrad_edu.tensor.functions.linear_equations import solve_triangular
from tinygrad_edu.tensor.functions.matrix_arguments import need_matrices, need_square
from tinygrad_edu.tensor.functions.public import public

Data = Any
LU = namedtuple("LU", "P L U")
Factors = namedtuple("Factors", "LU pivots")
FactorsAndInfo = namedtuple("FactorsAndInfo", "LU pivots info")


def _factored(call: str, A: Data, pivot: bool) -> Factors:
    """L and U in one matrix, and the row exchanged at each step, counted from 1."""
    need_matrices(call, A)
    if not pivot:
        raise ValueError(
            f"{call} needs pivot=True, as PyTorch does on a CPU: without exchanges it can divide by 0"
        )
    pivots = factorizations.lu_pivots(A)
    m, n = A.shape[-2:]
    ordered = factorizations.permutation(pivots, A, size=m).mT @ A
    both = factorizations.lu(ordered[..., :m])
    if m < n:
        rest = solve_triangular(both, ordered[..., m:], upper=False, unitriangular=True)
        both = shape.cat(both, rest, dim=A.ndim - 1)
    return Factors(both, pivots)


@public(within="linalg", method=False)
def lu(A: Data, *, pivot: bool = True) -> LU:
    """P, L and U with A = P @ L @ U."""
    return lu_unpack(*_factored("linalg.lu", A, pivot))


@public(within="linalg", method=False)
def lu_factor(A: Data, *, pivot: bool = True) -> Factors:
    """L and U in one matrix, and the row exchanged at each step, counted from 1.

    Raises `LinAlgError` if A is singular.
    """
    return Factors(*lu_factor_ex(A, pivot=pivot, check_errors=True)[:2])


@public(within="linalg", method=False)
def lu_factor_ex(A: Data, *, pivot: bool = True, check_errors: bool = False) -> FactorsAndInfo:
    """As `linalg.lu_factor`, and the first step with 0 on the diagonal of U, or 0; refused with `check_errors`."""
    factors = _factored("linalg.lu_factor", A, pivot)
    info = factorizations.singular_step(A)
    if check_errors and bool((info != 0).any()):
        raise LinAlgError("linalg.lu_factor needs invertible matrices, got a 0 on the diagonal of U")
    return FactorsAndInfo(*factors, info)


@public(method=False)
def lu_unpack(LU_data: Data, LU_pivots: Data, unpack_data: bool = True, unpack_pivots: bool = True) -> LU:
    """P, L and U from what `linalg.lu_factor` returns; empty where they are not asked for."""
    m, n = LU_data.shape[-2:]
    none = LU_data.detach().flatten()[:0]
    left = factorizations.unit_lower(LU_data[..., : min(m, n)]) if unpack_data else none
    right = solvers.upper(LU_data[..., : min(m, n), :]) if unpack_data else none
    return LU(factorizations.permutation(LU_pivots, LU_data, size=m) if unpack_pivots else none, left, right)


@public(within="linalg", method=False)
def lu_solve(LU: Data, pivots: Data, B: Data, *, left: bool = True, adjoint: bool = False) -> Data:
    """X with A @ X = B for the A of `linalg.lu_factor`; X @ A = B unless `left`; of A.T in place of A if `adjoint`."""
    need_square("linalg.lu_solve", LU)
    if not left:
        return lu_solve(LU, pivots, B.mT, adjoint=not adjoint).mT
    P = factorizations.permutation(pivots, LU, size=LU.shape[-1])
    if adjoint:
        inner = solve_triangular(LU.mT, B, upper=False)
        return P @ solve_triangular(LU.mT, inner, upper=True, unitriangular=True)
    inner = solve_triangular(LU, P.mT @ B, upper=False, unitriangular=True)
    return solve_triangular(LU, inner, upper=True)
