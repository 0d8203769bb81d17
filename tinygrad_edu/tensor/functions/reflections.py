"""Householder reflections: the form in which LAPACK keeps Q, and products with it."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from tinygrad_edu.ops import factorizations, solvers
from tinygrad_edu.tensor.functions.matrix_arguments import need_matrices, shapes_of
from tinygrad_edu.tensor.functions.public import public

Data = Any
Reflectors = namedtuple("Reflectors", "a tau")


@public()
def geqrf(input: Data) -> Reflectors:
    """The Householder vectors of `linalg.qr` below the diagonal, R above, and their factors tau; without derivative."""
    need_matrices("geqrf", input)
    parts = factorizations.reflectors(input)
    return Reflectors(parts[..., :-1, :], parts[..., -1, : min(input.shape[-2:])])


def _reflected(vectors: Data, tau: Data, x: Data, *, backwards: bool) -> Data:
    """(1 - tau[0] v0 @ v0.T) @ (1 - tau[1] v1 @ v1.T) @ ... @ x, or the transpose of that product times x."""
    vectors = factorizations.unit_lower(vectors[..., : tau.shape[-1]])
    steps = range(tau.shape[-1])
    for i in steps if backwards else reversed(steps):
        v = vectors[..., i : i + 1]
        x = x - tau[..., i : i + 1, None] * v @ (v.mT @ x)
    return x


@public("orgqr", within="linalg")
def householder_product(A: Data, tau: Data) -> Data:
    """The first columns of the product of reflections 1 - tau[i] v @ v.T, whose v stand below the diagonal of A."""
    need_matrices("linalg.householder_product", A)
    if A.shape[-2] < A.shape[-1]:
        raise ValueError(f"linalg.householder_product needs no more columns than rows, got shape {A.shape}")
    _check_reflections("linalg.householder_product", A, tau)
    unit = factorizations.unit_lower(solvers.lower(A.detach(), diagonal=-A.shape[-2]))
    return _reflected(A, tau, unit, backwards=False)


@public()
def ormqr(input: Data, tau: Data, other: Data, left: bool = True, transpose: bool = False) -> Data:
    """Q @ other for the square Q of the reflections in `input`, or other @ Q unless `left`; Q.T if `transpose`."""
    need_matrices("ormqr", input, other)
    _check_reflections("ormqr", input, tau)
    if input.shape[-2] != other.shape[-2 if left else -1]:
        raise ValueError(f"ormqr needs sizes that fit, got shapes {shapes_of(input, other)}")
    if left:
        return _reflected(input, tau, other, backwards=transpose)
    return _reflected(input, tau, other.mT, backwards=not transpose).mT


def _check_reflections(call: str, A: Data, tau: Data) -> None:
    if tau.shape[-1] > min(A.shape[-2:]) or tau.shape[:-1] != A.shape[:-2]:
        raise ValueError(
            f"{call} needs no more tau than rows and columns, for each matrix, got shapes {shapes_of(A, tau)}"
        )
