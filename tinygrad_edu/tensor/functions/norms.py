"""Norms of vectors and matrices, as `torch.linalg` has them, and distances between rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import elementwise, reduce, spectra
from tinygrad_edu.ops.reduce import kept_shape
from tinygrad_edu.tensor.arguments import Dim, Dims, all_dims, in_float32, only_floats
from tinygrad_edu.tensor.functions.matrix_arguments import shapes_of
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.reducing import cast
from tinygrad_edu.tensor.functions.reshaping import movedim


@public(within="linalg")
@in_float32
def vector_norm(
    input: Data, ord: float = 2, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None
) -> Data:
    """sum(|x| ** ord) ** (1 / ord), of all or over `dim`; the greatest |x| for inf, how many x are not 0 for 0.

    Where a norm has no derivative, at 0 say, it is taken as 0.
    """
    only_floats("vector_norm", input)
    if isinstance(ord, str) or not hasattr(ord, "__float__"):
        raise ValueError(f"vector_norm needs the order of the norm as a number, got {ord!r}")
    return p_norm(cast(input, dtype), ord, all_dims("vector_norm", dim, input.ndim), keepdim)


def p_norm(x: Data, order: float, dims: Dims, keepdim: bool) -> Data:
    """(sum |x| ** order) ** (1 / order) over `dims`, as `vector_norm` has it; its derivative at 0 is 0."""
    over: dict[str, Any] = {"dims": dims, "keepdim": keepdim}
    if order == 2:
        return elementwise.root(reduce.sum(x * x, **over))
    if order == 0:
        return reduce.sum(elementwise.not_equal(x, 0).to(x.dtype), **over)
    size = elementwise.absolute(x)
    if math.isinf(order):
        return (reduce.amax if order > 0 else reduce.amin)(size, **over)
    if order == 1:
        return reduce.sum(size, **over)
    return _power(reduce.sum(_power(size, order), **over), 1 / order)


def _power(x: Data, exponent: float) -> Data:
    """x ** exponent for x >= 0; its derivative at 0, which may be infinite, is taken as 0."""
    zero = elementwise.equal(x, 0)
    return elementwise.where(
        zero, 0.0 if exponent > 0 else math.inf, elementwise.where(zero, 1, x) ** exponent
    )


_OF_MATRICES: dict[Any, Callable[[Data], Data]] = {
    "fro": lambda A: p_norm(A, 2, (A.ndim - 2, A.ndim - 1), False),
    "nuc": lambda A: spectra.singular_values(A).sum(-1),
    2: lambda A: spectra.singular_values(A).amax(-1),
    -2: lambda A: spectra.singular_values(A).amin(-1),
    1: lambda A: abs(A).sum(-2).amax(-1),
    -1: lambda A: abs(A).sum(-2).amin(-1),
    math.inf: lambda A: abs(A).sum(-1).amax(-1),
    -math.inf: lambda A: abs(A).sum(-1).amin(-1),
}


@public(within="linalg")
@in_float32
def matrix_norm(
    input: Data, ord: Any = "fro", dim: Any = (-2, -1), keepdim: bool = False, *, dtype: Any = None
) -> Data:
    """The norm of each matrix in the two dimensions `dim`: "fro", "nuc", or 1, -1, inf, -inf, 2, -2.

    "fro": the root of the sum of squares. 1 and inf: the greatest sum of |x| along columns and rows, -1 and -inf the
    least. 2, -2 and "nuc": the greatest, the least and the sum of the singular values.
    """
    only_floats("matrix_norm", input)
    if input.ndim < 2 or isinstance(dim, int) or len(dim) != 2:
        raise ValueError(f"matrix_norm needs matrices and two dimensions, got shape {input.shape} and {dim}")
    if ord not in _OF_MATRICES:
        raise ValueError(f"matrix_norm needs ord as one of {[*_OF_MATRICES]}, got {ord!r}")
    dims, A = all_dims("matrix_norm", tuple(dim), input.ndim), cast(input, dtype)
    result = _OF_MATRICES[ord](A if dims == (A.ndim - 2, A.ndim - 1) else movedim(A, dims, (-2, -1)))
    return result.reshape(kept_shape(input.shape, dims)) if keepdim else result


@public(within="linalg", method=False)
def norm(input: Data, ord: Any = None, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Data:
    """The `matrix_norm` of a matrix, or over two dimensions, if `ord` is given; else the `vector_norm`."""
    dims = tuple(range(input.ndim)) if dim is None else (dim,) if isinstance(dim, int) else tuple(dim)
    if len(dims) not in (1, 2) and not (ord is None and dim is None):
        raise ValueError(f"linalg.norm needs one or two dimensions, got shape {input.shape} and dim={dim}")
    if ord is None or len(dims) == 1:
        return vector_norm(input, 2 if ord is None else ord, dim, keepdim, dtype=dtype)
    return matrix_norm(input, ord, dims, keepdim, dtype=dtype)


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
    if p < 0 or x1.dtype.kind != "f":
        raise ValueError(f"cdist needs floats and p of 0 or more, got {x1.dtype} and {p}")
    gaps = x1.unsqueeze(-2) - x2.unsqueeze(-3)
    return p_norm(gaps, p, (gaps.ndim - 1,), False) if gaps.shape[-1] else gaps.sum(-1)
