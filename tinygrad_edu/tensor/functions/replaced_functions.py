"""The functions of PyTorch that those of `linalg` replace, with the older arguments and results."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from tinygrad_edu.tensor.functions import decompositions, lu_factors, matrix_properties
from tinygrad_edu.tensor.functions.linear_equations import solve_triangular
from tinygrad_edu.tensor.functions.matrix_arguments import same_batch
from tinygrad_edu.tensor.functions.public import public

Data = Any
SVD = namedtuple("SVD", "U S V")
TriangularSolution = namedtuple("TriangularSolution", "solution cloned_coefficient")


@public()
def qr(input: Data, some: bool = True) -> Any:
    """`linalg.qr` with mode "reduced", or "complete" unless `some`."""
    return decompositions.qr(input, "reduced" if some else "complete")


@public()
def svd(input: Data, some: bool = True, compute_uv: bool = True) -> SVD:
    """`linalg.svd` with V in place of its transpose; zeros in place of U and V unless `compute_uv`."""
    u, s, vh = decompositions.svd(input, full_matrices=not some)
    return SVD(u, s, vh.mT) if compute_uv else SVD(u.detach() * 0, s, vh.mT.detach() * 0)


@public()
def pinverse(input: Data, rcond: float = 1e-15) -> Data:
    """`linalg.pinv` with another tolerance."""
    return matrix_properties.pinv(input, rcond)


@public()
def lu(A: Data, pivot: bool = True, get_infos: bool = False) -> Any:
    """`linalg.lu_factor`, or `linalg.lu_factor_ex` with `get_infos`."""
    return (lu_factors.lu_factor_ex if get_infos else lu_factors.lu_factor)(A, pivot=pivot)


@public()
def lu_solve(b: Data, LU_data: Data, LU_pivots: Data) -> Data:
    """`linalg.lu_solve` with the right side first."""
    return lu_factors.lu_solve(LU_data, LU_pivots, b)


@public()
def triangular_solve(
    b: Data, A: Data, upper: bool = True, transpose: bool = False, unitriangular: bool = False
) -> TriangularSolution:
    """X with A @ X = b, or A.T @ X = b if `transpose`, for triangular A, and a copy of A."""
    b, A = same_batch("triangular_solve", b, A)
    if transpose:
        return TriangularSolution(
            solve_triangular(A.mT, b, upper=not upper, unitriangular=unitriangular), A.clone()
        )
    return TriangularSolution(solve_triangular(A, b, upper=upper, unitriangular=unitriangular), A.clone())
