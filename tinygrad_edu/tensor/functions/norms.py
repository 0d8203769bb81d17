"""Norms of vectors and matrices, as `torch.linalg` has them."""

from __future__ import annotations

import math
from typing import Any

from tinygrad_edu.engine.operation import Data
from tinygrad_edu.ops import elementwise, reduce, spectra
from tinygrad_edu.ops.reduce import kept_shape
from tinygrad_edu.tensor.arguments import Dim, Dims, all_dims, in_float32, only_floats
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.reducing import cast
from tinygrad_edu.tensor.functions.reshaping import movedim

# Of vectors.


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
    dims = all_dims("vector_norm", dim, input.ndim)
    if (ord < 0 or ord == math.inf) and 0 in _sizes(input.shape, dims):
        raise ValueError(f"vector_norm of order {ord} needs at least one number, got shape {input.shape}")
    return p_norm(cast(input, dtype), ord, dims, keepdim)


def _sizes(shape: tuple[int, ...], dims: Dims) -> list[int]:
    return [n for i, n in enumerate(shape) if dims is None or i in dims]


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


# Of matrices.

_OF_SUMS = {
    1: (0, reduce.amax),
    -1: (0, reduce.amin),
    math.inf: (1, reduce.amax),
    -math.inf: (1, reduce.amin),
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
    dims = _two_dims(input, dim)
    input = cast(input, dtype)
    if ord == "fro":
        return p_norm(input, 2, dims, keepdim)
    if ord in _OF_SUMS:
        along, extreme = _OF_SUMS[ord]
        sums = reduce.sum(elementwise.absolute(input), dims=(dims[along],), keepdim=True)
        return extreme(sums, dims=dims, keepdim=keepdim)
    if ord in (2, -2, "nuc"):
        return _of_singular_values(input, ord, dims, keepdim)
    raise ValueError(f"matrix_norm needs ord of fro, nuc, inf, -inf, 1, -1, 2 or -2, got {ord!r}")


def _two_dims(input: Data, dim: Any) -> tuple[int, int]:
    if input.ndim < 2:
        raise ValueError(f"matrix_norm needs a matrix, or a stack of them, got shape {input.shape}")
    if isinstance(dim, int) or len(dim) != 2:
        raise ValueError(f"matrix_norm needs two dimensions, got {dim}")
    rows, columns = all_dims("matrix_norm", tuple(dim), input.ndim) or ()
    return rows, columns


def _of_singular_values(input: Data, order: Any, dims: tuple[int, int], keepdim: bool) -> Data:
    values = spectra.singular_values(movedim(input, dims, (-2, -1)))
    last = (values.ndim - 1,)
    if order == "nuc":
        result = reduce.sum(values, dims=last, keepdim=False)
    else:
        result = (reduce.amax if order == 2 else reduce.amin)(values, dims=last, keepdim=False)
    return result.reshape(kept_shape(input.shape, dims)) if keepdim else result


@public(within="linalg", method=False)
def norm(input: Data, ord: Any = None, dim: Dim = None, keepdim: bool = False, *, dtype: Any = None) -> Data:
    """The `matrix_norm` of a matrix, or over two dimensions, if `ord` is given; else the `vector_norm`."""
    if dim is not None and not isinstance(dim, int) and len(dim) not in (1, 2):
        raise ValueError(f"linalg.norm needs one or two dimensions, got {dim}")
    if ord is None:
        return vector_norm(input, 2, dim, keepdim, dtype=dtype)
    if dim is None and input.ndim not in (1, 2):
        raise ValueError(f"linalg.norm with ord needs dim, or a vector or a matrix, got shape {input.shape}")
    dims = (dim,) if isinstance(dim, int) else dim or tuple(range(input.ndim))
    if len(dims) == 2:
        return matrix_norm(input, ord, dims, keepdim, dtype=dtype)
    return vector_norm(input, ord, dims, keepdim, dtype=dtype)
