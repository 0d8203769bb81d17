"""Functions of PyTorch that those of `linalg` replace, with the older arguments and results."""

from __future__ import annotations

from collections import namedtuple
from typing import Any

from tinygrad_edu.tensor.arguments import Dim
from tinygrad_edu.tensor.functions import decompositions, linear_equations, tensor_products
from tinygrad_edu.tensor.functions.norms import matrix_norm, vector_norm
from tinygrad_edu.tensor.functions.public import public

Data = Any
SVD = namedtuple("SVD", "U S V")


@public()
def norm(input: Data, p: Any = "fro", dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Data:
    """sum(|x| ** p) ** (1 / p), of all or over `dim`; "fro" is 2, "nuc" the sum of a matrix's singular values."""
    few = dim is None or isinstance(dim, int) or len(dim) < 3
    if p is None or (p == "fro" and few):
        return vector_norm(input, 2, dim, keepdim, dtype=dtype)
    if isinstance(p, str):
        return matrix_norm(input, p, range(input.ndim) if dim is None else dim, keepdim, dtype=dtype)
    return vector_norm(input, p, dim, keepdim, dtype=dtype)


@public()
def dist(input: Data, other: Data, p: float = 2) -> Data:
    """The `p`-norm of `input - other`."""
    return vector_norm(input - other, p)


@public()
def cross(input: Data, other: Data, dim: int | None = None) -> Data:
    """`linalg.cross`, along the first dimension of size 3 if `dim` is None."""
    if dim is None and 3 not in input.shape:
        raise ValueError(f"cross needs a dimension of size 3, got shape {tuple(input.shape)}")
    return tensor_products.cross(input, other, dim=tuple(input.shape).index(3) if dim is None else dim)


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
    return linear_equations.pinv(input, rcond)
