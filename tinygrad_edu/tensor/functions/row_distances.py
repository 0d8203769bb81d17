"""Distances between the rows of matrices."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.ops import elementwise
from tinygrad_edu.tensor.functions.matrix_arguments import need_dims, shapes_of
from tinygrad_edu.tensor.functions.norms import p_norm
from tinygrad_edu.tensor.functions.public import public

Data = Any
_BY_PRODUCTS = "use_mm_for_euclid_dist"


@public(method=False)
def cdist(
    x1: Data, x2: Data, p: float = 2.0, compute_mode: str = "use_mm_for_euclid_dist_if_necessary"
) -> Data:
    """The distance (sum |a - b| ** p) ** (1 / p) of each row a of `x1` and each row b of `x2`.

    For p = 2 and more than 25 rows it is computed from products of matrices, which needs less memory but loses digits
    of small distances, unless `compute_mode="donot_use_mm_for_euclid_dist"`. Of equal rows the gradient is 0.
    """
    if x1.ndim < 2 or x2.ndim < 2 or x1.shape[-1] != x2.shape[-1]:
        raise ValueError(f"cdist needs two matrices with rows of one length, got shapes {shapes_of(x1, x2)}")
    many = max(x1.shape[-2], x2.shape[-2]) > 25 and compute_mode == f"{_BY_PRODUCTS}_if_necessary"
    if p == 2 and (many or compute_mode == _BY_PRODUCTS):
        squares = (x1 * x1).sum(-1, True) - 2 * (x1 @ x2.mT) + (x2 * x2).sum(-1, True).mT
        return elementwise.root(squares.relu())
    return _row_norm("cdist", x1.unsqueeze(-2) - x2.unsqueeze(-3), p)


@public("nn.functional.pdist", method=False)
def pdist(input: Data, p: float = 2) -> Data:
    """The distances (sum |a - b| ** p) ** (1 / p) of all pairs of rows of a matrix, each pair once."""
    need_dims("pdist", (2,), input)
    first, second = np.triu_indices(len(input), 1)
    return _row_norm("pdist", input[first] - input[second], p)


def _row_norm(call: str, x: Data, p: float) -> Data:
    """The norm (sum |x| ** p) ** (1 / p) of the last dimension; its derivative at 0 is 0."""
    if p < 0 or x.dtype.kind != "f":
        raise ValueError(f"{call} needs floats and p of 0 or more, got {x.dtype} and {p}")
    if x.shape[-1] == 0:
        return x.sum(-1)
    return p_norm(x, p, (x.ndim - 1,), False)
