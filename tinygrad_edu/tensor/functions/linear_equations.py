"""Linear equations: inverses and solutions, of matrices and of tensors taken as matrices."""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from tinygrad_edu.ops import factorizations, solvers
from tinygrad_edu.ops.elementwise import where
from tinygrad_edu.ops.factorizations import unit_lower
from tinygrad_edu.tensor.functions.matrix_arguments import need_matrices, need_square, same_batch, shapes_of
from tinygrad_edu.tensor.functions.public import public

Data = Any
InverseAndInfo = namedtuple("InverseAndInfo", "inverse info")
ResultAndInfo = namedtuple("ResultAndInfo", "result info")


@public("linalg.inv")
def inverse(input: Data) -> Data:
    """The inverse of each square matrix. Raises `LinAlgError` if one is singular."""
    need_square("inverse", input)
    return solvers.inverse(input)


@public(within="linalg", method=False)
def inv_ex(A: Data, *, check_errors: bool = False) -> InverseAndInfo:
    """The inverse, nan for a singular matrix, and the step of elimination at which it failed, 0 if it did not.

    With `check_errors` a singular matrix is refused.
    """
    need_square("linalg.inv_ex", A)
    return InverseAndInfo(*with_info(solvers.inverse, A, factorizations.singular_step(A), check_errors))


def with_info(function: Callable[[Data], Data], A: Data, info: Data, check_errors: bool) -> tuple[Data, Data]:
    """`function(A)` and `info`; unless `check_errors`, nan for the matrices for which `info` is not 0."""
    if check_errors:
        return function(A), info
    failed = (info != 0)[..., None, None]
    unit = np.eye(A.shape[-1], dtype=A.dtype)
    return where(failed, math.nan, function(where(failed, unit, A))), info


@public(within="linalg", method=False)
def solve(A: Data, B: Data, *, left: bool = True) -> Data:
    """X with A @ X = B, or with X @ A = B unless `left`; B holds matrices, or a vector for each matrix A.

    Raises `LinAlgError` if a matrix is singular.
    """
    need_square("linalg.solve", A)
    if is_vector(A, B):
        if not left:
            raise ValueError(f"linalg.solve needs matrices B for left=False, got shapes {shapes_of(A, B)}")
        return solve(A, B.unsqueeze(-1)).squeeze(-1)
    return solved("linalg.solve", A, B, left)


def solved(call: str, A: Data, B: Data, left: bool) -> Data:
    """The solution for matrices B."""
    if not left:
        return solved(call, A.mT, B.mT, True).mT
    need_matrices(call, A, B)
    if A.shape[-1] != B.shape[-2]:
        raise ValueError(f"{call} needs as many rows in B as in A, got shapes {shapes_of(A, B)}")
    return solvers.solve(*same_batch(call, A, B))


def is_vector(A: Data, B: Data) -> bool:
    """True if B holds one vector for each matrix A, not matrices."""
    return B.ndim == 1 or (A.ndim == B.ndim + 1 and tuple(B.shape) == tuple(A.shape[:-1]))


@public(within="linalg", method=False)
def solve_ex(A: Data, B: Data, *, left: bool = True, check_errors: bool = False) -> ResultAndInfo:
    """The solution as `linalg.solve` has it, nan for a singular matrix, and the step of elimination that failed."""
    need_square("linalg.solve_ex", A)
    if is_vector(A, B):
        found = solve_ex(A, B.unsqueeze(-1), left=left, check_errors=check_errors)
        return found._replace(result=found.result.squeeze(-1))
    info = factorizations.singular_step(A)
    return ResultAndInfo(*with_info(lambda A: solve(A, B, left=left), A, info, check_errors))


@public(within="linalg", method=False)
def solve_triangular(
    A: Data, B: Data, *, upper: bool, left: bool = True, unitriangular: bool = False
) -> Data:
    """X with A @ X = B, or X @ A = B unless `left`, for triangular A; the other triangle is not read.

    With `unitriangular` the diagonal counts as ones. Raises `LinAlgError` for a 0 on the diagonal.
    """
    need_square("linalg.solve_triangular", A)
    triangle = unit_lower if unitriangular else partial(solvers.lower, diagonal=0)
    return solved("linalg.solve_triangular", triangle(A.mT).mT if upper else triangle(A), B, left)


@public(within="linalg", method=False)
def tensorinv(A: Data, ind: int = 2) -> Data:
    """The inverse of a tensor as a matrix whose rows are the first `ind` dimensions, and whose columns the others."""
    if ind <= 0:
        raise ValueError(f"linalg.tensorinv needs ind of 1 or more, got {ind}")
    rows, columns = tuple(A.shape[:ind]), tuple(A.shape[ind:])
    if math.prod(rows) != math.prod(columns):
        raise ValueError(f"linalg.tensorinv needs as many rows as columns, got {rows} and {columns}")
    return inverse(A.reshape(math.prod(rows), math.prod(columns))).reshape(columns + rows)


@public(within="linalg", method=False)
def tensorsolve(A: Data, B: Data, dims: Any = None) -> Data:
    """X with tensordot(A, X, X.ndim) = B, after the `dims` of A are moved to its end."""
    if dims is not None:
        last = [d % A.ndim for d in dims]
        A = A.permute([d for d in range(A.ndim) if d not in last] + last)
    columns, count = tuple(A.shape[B.ndim :]), math.prod(B.shape)
    if math.prod(columns) != count or math.prod(A.shape) != count * count:
        raise ValueError(
            f"linalg.tensorsolve needs as many equations as unknowns, got shapes {shapes_of(A, B)}"
        )
    return solve(A.reshape(count, count), B.flatten()).reshape(columns)
