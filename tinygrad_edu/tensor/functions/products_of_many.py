"""Products over chosen dimensions, of chains of matrices, and of layers."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from tinygrad_edu.ops import contractions
from tinygrad_edu.tensor.arguments import all_dims
from tinygrad_edu.tensor.functions.einsum import contracted, einsum
from tinygrad_edu.tensor.functions.matrix_arguments import need_one_dtype, shapes_of
from tinygrad_edu.tensor.functions.public import public
from tinygrad_edu.tensor.functions.tensor_products import perpendicular

Data = Any


@public(within="linalg", method=False)
def cross(input: Data, other: Data, *, dim: int = -1) -> Data:
    """The vectors perpendicular to those of `input` and `other` along `dim`."""
    return perpendicular(input, other, dim)


@public(within="linalg")
def vecdot(x: Data, y: Data, *, dim: int = -1) -> Data:
    """The sum over `dim` of the products of two tensors, which broadcast."""
    return (x * y).sum(dim)


@public(within="linalg")
def multi_dot(tensors: Sequence[Data]) -> Data:
    """The product of two or more matrices, multiplied in the order that is quickest; vectors at the ends."""
    factors = list(tensors)
    if len(factors) < 2:
        raise ValueError(f"linalg.multi_dot needs two matrices or more, got {len(factors)}")
    first, last = factors[0].ndim, factors[-1].ndim
    if not ({first, last} <= {1, 2} and all(x.ndim == 2 for x in factors[1:-1])):
        raise ValueError(
            f"linalg.multi_dot needs matrices, and vectors at the ends, got shapes {shapes_of(*factors)}"
        )
    need_one_dtype("linalg.multi_dot", *factors)
    if first == 1:
        factors[0] = factors[0].unsqueeze(0)
    if last == 1:
        factors[-1] = factors[-1].unsqueeze(1)
    result = _product_of(factors)
    if (first, last) == (2, 2):
        return result
    return result.reshape((*result.shape[: first - 1], *result.shape[3 - last :]))


def _product_of(factors: list[Data]) -> Data:
    sizes = (*(len(x) for x in factors), factors[-1].shape[1])
    split = _splitting(sizes)[1]
    if len(factors) == 1:
        return factors[0]
    return contractions.matmul(_product_of(factors[:split]), _product_of(factors[split:]))


@functools.lru_cache(maxsize=256)
def _splitting(sizes: tuple[int, ...]) -> tuple[int, int]:
    """The fewest multiplications for a chain of matrices of these sizes, and how many of them are multiplied first."""
    if len(sizes) < 3:
        return 0, 0
    return min(
        (_splitting(sizes[: i + 1])[0] + _splitting(sizes[i:])[0] + sizes[0] * sizes[i] * sizes[-1], i)
        for i in range(1, len(sizes) - 1)
    )


@public(method=False)
def chain_matmul(*matrices: Data) -> Data:
    """The product of one or more matrices, multiplied in the order that is quickest."""
    return multi_dot(matrices) if len(matrices) > 1 else matrices[0]


@public(method=False)
def tensordot(a: Data, b: Data, dims: Any = 2) -> Data:
    """The sum of products over `dims`: a pair of lists, or a number for so many last of `a` and first of `b`."""
    need_one_dtype("tensordot", a, b)
    over_a, over_b = _pair_of_dims(a, b, dims)
    of_a = list(range(a.ndim))
    of_b = list(range(a.ndim, a.ndim + b.ndim))
    for i, j in zip(over_a, over_b):
        if a.shape[i] != b.shape[j] and 1 not in (a.shape[i], b.shape[j]):
            raise ValueError(f"tensordot needs equal sizes along dims {dims}, got shapes {shapes_of(a, b)}")
        of_b[j] = of_a[i]
    result = [i for i in of_a if i not in over_a] + [of_b[j] for j in range(b.ndim) if j not in over_b]
    product = contracted([(a, tuple(of_a)), (b, tuple(of_b))], tuple(result))
    return product if product.dtype == a.dtype else product.astype(a.dtype)  # of uint8, a sum is int64


def _pair_of_dims(a: Data, b: Data, dims: Any) -> tuple[Sequence[int], Sequence[int]]:
    if isinstance(dims, int):
        if not 0 <= dims <= min(a.ndim, b.ndim):
            raise ValueError(f"tensordot needs dims from 0 to {min(a.ndim, b.ndim)}, got {dims}")
        return range(a.ndim - dims, a.ndim), range(dims)
    first, second = (d if isinstance(d, list | tuple) else [d] for d in dims)
    if len(first) != len(second):
        raise ValueError(f"tensordot needs as many dims of one tensor as of the other, got {dims}")
    return all_dims("tensordot", first, a.ndim) or (), all_dims("tensordot", second, b.ndim) or ()


@public(within="nn.functional", method=False)
def linear(input: Data, weight: Data, bias: Data | None = None) -> Data:
    """`input @ weight.T + bias`. Shapes: (..., in), (out, in), (out,); result (..., out)."""
    if weight.ndim == 1:
        return _plus(contractions.matmul(input, weight), bias)
    if bias is None:
        return contractions.linear(input, weight)
    if bias.shape != weight.shape[:1]:
        raise ValueError(f"linear needs a bias of shape {weight.shape[:1]}, got {bias.shape}")
    return contractions.linear(input, weight, bias)


@public(within="nn.functional", method=False)
def bilinear(input1: Data, input2: Data, weight: Data, bias: Data | None = None) -> Data:
    """`input1 @ weight[k] @ input2 + bias[k]` for each k.

    Shapes: (..., in1), (..., in2), (out, in1, in2), (out,); result (..., out).
    """
    if input1.shape[:-1] != input2.shape[:-1] or weight.shape[1:] != (input1.shape[-1], input2.shape[-1]):
        raise ValueError(
            "bilinear needs inputs (..., in1) and (..., in2) and a weight (out, in1, in2), "
            f"got shapes {shapes_of(input1, input2, weight)}"
        )
    return _plus(einsum("...i,kij,...j->...k", input1, weight, input2), bias)


def _plus(x: Data, bias: Data | None) -> Data:
    return x if bias is None else x + bias
