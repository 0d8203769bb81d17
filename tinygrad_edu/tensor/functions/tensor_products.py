"""Products of vectors, matrices and stacks of them, and sums of such products."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

from tinygrad_edu.ops import contractions
from tinygrad_edu.ops.index import along
from tinygrad_edu.tensor.arguments import all_dims, one_dim
from tinygrad_edu.tensor.functions.diagonals import diagonal
from tinygrad_edu.tensor.functions.einsum import einsum
from tinygrad_edu.tensor.functions.matrix_arguments import need_dims, need_one_dtype, shapes_of
from tinygrad_edu.tensor.functions.public import public

Data = Any


@public("linalg.matmul")
def matmul(input: Data, other: Data) -> Data:
    """`input @ other`: matrices, vectors as rows or columns, and stacks of them, which broadcast."""
    return input.apply(contractions.matmul, (input, other), {})


@public()
def mm(input: Data, mat2: Data) -> Data:
    """`input @ mat2` of two matrices, and nothing else."""
    need_dims("mm", (2, 2), input, mat2)
    return contractions.matmul(input, mat2)


@public()
def bmm(input: Data, mat2: Data) -> Data:
    """`input @ mat2` of two stacks of as many matrices, and nothing else."""
    need_dims("bmm", (3, 3), input, mat2)
    if len(input) != len(mat2):
        raise ValueError(f"bmm needs as many matrices on both sides, got shapes {shapes_of(input, mat2)}")
    return contractions.matmul(input, mat2)


@public()
def mv(input: Data, vec: Data) -> Data:
    """`input @ vec` of a matrix and a vector."""
    need_dims("mv", (2, 1), input, vec)
    return contractions.matmul(input, vec)


@public("vdot")
def dot(input: Data, tensor: Data) -> Data:
    """The sum of the products of two vectors of one length."""
    need_dims("dot", (1, 1), input, tensor)
    return contractions.matmul(input, tensor)


@public()
def inner(input: Data, other: Data) -> Data:
    """The sums of products over the last dimension of both, for all pairs of rows; of a single number, the product."""
    need_one_dtype("inner", input, other)
    if input.ndim == 0 or other.ndim == 0:
        return input * other
    rows = other.reshape(math.prod(other.shape[:-1]), other.shape[-1])
    return contractions.matmul(input, rows.T).reshape((*input.shape[:-1], *other.shape[:-1]))


@public("ger")
def outer(input: Data, vec2: Data) -> Data:
    """The matrix of all products of a number of one vector with one of the other."""
    need_dims("outer", (1, 1), input, vec2)
    return input.unsqueeze(1) * vec2


@public(in_place=True)
def addmm(input: Data, mat1: Data, mat2: Data, *, beta: float = 1, alpha: float = 1) -> Data:
    """`beta * input + alpha * (mat1 @ mat2)` for matrices."""
    return _added("addmm", input, mm(mat1, mat2), beta, alpha)


@public(in_place=True)
def addmv(input: Data, mat: Data, vec: Data, *, beta: float = 1, alpha: float = 1) -> Data:
    """`beta * input + alpha * (mat @ vec)`."""
    return _added("addmv", input, mv(mat, vec), beta, alpha)


@public(in_place=True)
def addbmm(input: Data, batch1: Data, batch2: Data, *, beta: float = 1, alpha: float = 1) -> Data:
    """`beta * input + alpha * (the sum of batch1[i] @ batch2[i])`."""
    return _added("addbmm", input, bmm(batch1, batch2).sum(0).to(batch1.dtype), beta, alpha)


@public(in_place=True)
def baddbmm(input: Data, batch1: Data, batch2: Data, *, beta: float = 1, alpha: float = 1) -> Data:
    """`beta * input + alpha * (batch1 @ batch2)` for stacks of matrices."""
    return _added("baddbmm", input, bmm(batch1, batch2), beta, alpha)


@public(in_place=True)
def addr(input: Data, vec1: Data, vec2: Data, *, beta: float = 1, alpha: float = 1) -> Data:
    """`beta * input + alpha * outer(vec1, vec2)`."""
    return _added("addr", input, outer(vec1, vec2), beta, alpha)


def _added(call: str, x: Data, product: Data, beta: float, alpha: float) -> Data:
    """`beta * x + alpha * product` in the shape of the product; without `x`, even if it is nan, for a `beta` of 0.

    Among whole numbers the factors are whole: addmm and addr refuse others, the rest cut them off, as PyTorch does.
    """
    if product.dtype.kind != "f":
        if call in ("addmm", "addr") and isinstance(beta + alpha, float):
            raise TypeError(
                f"{call} needs whole beta and alpha beside {product.dtype}, got {beta} and {alpha}"
            )
        beta, alpha = (product.dtype.type(factor).item() for factor in (beta, alpha))
    x = x if x.shape == product.shape else x.expand(product.shape)
    scaled = product if alpha == 1 else product * alpha
    if beta == 0:
        return scaled
    return (x if beta == 1 else x * beta) + scaled


@public()
def kron(input: Data, other: Data) -> Data:
    """The Kronecker product: each number of `input` times the whole of `other`, in its place."""
    ndim = max(input.ndim, other.ndim)
    left, right = ((1,) * (ndim - x.ndim) + tuple(x.shape) for x in (input, other))
    spread = input.reshape([n for size in left for n in (size, 1)])
    repeated = other.reshape([n for size in right for n in (1, size)])
    return (spread * repeated).reshape([m * n for m, n in zip(left, right)])


@public(within="linalg", method=False)
def cross(input: Data, other: Data, *, dim: int = -1) -> Data:
    """The vectors perpendicular to those of `input` and `other` along `dim`, in tensors that broadcast."""
    if input.ndim != other.ndim:
        raise ValueError(f"cross needs tensors with as many dimensions, got shapes {shapes_of(input, other)}")
    dim = one_dim("cross", dim, input.ndim)
    if not input.ndim or input.shape[dim] != 3 or other.shape[dim] != 3:
        raise ValueError(f"cross needs size 3 along dimension {dim}, got shapes {shapes_of(input, other)}")
    following, last = along(dim, [1, 2, 0]), along(dim, [2, 0, 1])
    return input[following] * other[last] - input[last] * other[following]


@public()
def trace(input: Data) -> Data:
    """The sum of the diagonal of a matrix."""
    need_dims("trace", (2,), input)
    return diagonal(input).sum()


@public(within="linalg")
def vecdot(x: Data, y: Data, *, dim: int = -1) -> Data:
    """The sum over `dim` of the products of two tensors, which broadcast."""
    return (x * y).sum(dim)


@public(method=False)
def chain_matmul(*matrices: Data) -> Data:
    """The product of one or more matrices, multiplied in the order that is quickest."""
    need_dims("chain_matmul", (2,) * len(matrices), *matrices)
    return _product_of(matrices, (*(len(x) for x in matrices), matrices[-1].shape[1]))


def _product_of(factors: Sequence[Data], sizes: tuple[int, ...]) -> Data:
    if len(factors) == 1:
        return factors[0]
    i = _splitting(sizes)[1]
    return contractions.matmul(_product_of(factors[:i], sizes[: i + 1]), _product_of(factors[i:], sizes[i:]))


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
def tensordot(a: Data, b: Data, dims: Any = 2) -> Data:
    """The sum of products over `dims`: a pair of lists, or a number for so many last of `a` and first of `b`."""
    need_one_dtype("tensordot", a, b)
    if isinstance(dims, int):
        dims = [list(range(a.ndim - dims, a.ndim)), list(range(dims))]
    over_a, over_b = (all_dims("tensordot", d, x.ndim) or () for d, x in zip(dims, (a, b)))
    if len(over_a) != len(over_b):
        raise ValueError(f"tensordot needs as many dims of one tensor as of the other, got {dims}")
    of_a, of_b = list(range(a.ndim)), list(range(a.ndim, a.ndim + b.ndim))
    for i, j in zip(over_a, over_b):
        of_b[j] = i
    result = [i for i in of_a if i not in over_a] + [i for i in of_b if i >= a.ndim]
    product = einsum(a, of_a, b, of_b, result)
    return product if product.dtype == a.dtype else product.astype(a.dtype)  # of uint8, a sum is int64


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
