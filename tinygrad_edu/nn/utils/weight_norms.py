"""Norms of weights, as the two ways to write weights in other coordinates need them."""

from __future__ import annotations

import math
from typing import Any

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.nn.functional import normalize
from tinygrad_edu.tensor.functions.norms import p_norm
from tinygrad_edu.tensor.random_tensors import randn
from tinygrad_edu.tensor.tensor import Tensor


def norm_except_dim(weight: Any, dim: int) -> Any:
    """The norm of each slice at one place of `dim`, with all dimensions; that of everything for -1."""
    if dim == -1:
        return p_norm(weight, 2, None, False)
    others = tuple(d for d in range(weight.ndim) if d != dim % weight.ndim)
    return p_norm(weight, 2, others, True)


def as_matrix(weight: Any, dim: int) -> Any:
    """The weight with `dim` as rows and all other dimensions as columns."""
    if dim:
        weight = weight.permute(dim, *(d for d in range(weight.ndim) if d != dim))
    return weight.reshape(weight.shape[0], math.prod(weight.shape[1:]))


def random_direction(size: int, like: Tensor, eps: float) -> Tensor:
    """A random vector of length 1."""
    return normalize(randn(size, dtype=like.dtype), dim=0, eps=eps)


def power_iteration(matrix: Tensor, u: Tensor, v: Tensor, steps: int, eps: float) -> None:
    """Turn u and v, in place, towards the singular vectors of the greatest singular value, which is then u · matrix v.

    Source: Miyato et al., Spectral Normalization for Generative Adversarial Networks (2018), algorithm 1.
    """
    with no_grad():
        for _ in range(steps):
            u.copy_(normalize(matrix @ v, dim=0, eps=eps))
            v.copy_(normalize(matrix.T @ u, dim=0, eps=eps))
