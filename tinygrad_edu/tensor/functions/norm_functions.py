"""The norm of all numbers, the distance of two tensors, and slices kept within a norm."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import elementwise
from tinygrad_edu.tensor.arguments import Dim, one_dim
from tinygrad_edu.tensor.functions.norms import matrix_norm, vector_norm
from tinygrad_edu.tensor.functions.public import public


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


@public(in_place=True)
def renorm(input: Data, p: float, dim: int, maxnorm: float) -> Data:
    """Each slice at `dim` whose `p`-norm is above `maxnorm` scaled down to it."""
    if input.ndim < 2 or p <= 0 or maxnorm < 0:
        raise ValueError(
            f"renorm needs two dimensions or more, p above 0 and maxnorm of 0 or more, "
            f"got shape {input.shape}, p={p} and maxnorm={maxnorm}"
        )
    dim = one_dim("renorm", dim, input.ndim)
    norms = vector_norm(input, p, [i for i in range(input.ndim) if i != dim], keepdim=True)
    return input * elementwise.where(norms > maxnorm, maxnorm / (norms + 1e-7), norms.dtype.type(1))
