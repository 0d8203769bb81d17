"""Products of vectors, matrices and stacks of them, and sums of such products."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tinygrad_edu.ops import contractions
from tinygrad_edu.ops.index import along
from tinygrad_edu.tensor.arguments import one_dim
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
    _need_stacks("bmm", input, mat2)
    return contractions.matmul(input, mat2)


def _need_stacks(call: str, x: Data, y: Data) -> None:
    need_dims(call, (3, 3), x, y)
    if len(x) != len(y) or x.shape[2] != y.shape[1]:
        raise ValueError(
            f"{call} needs as many matrices on both sides, and as many columns as rows, got shapes {shapes_of(x, y)}"
        )


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
    _need_stacks("addbmm", batch1, batch2)
    return _added("addbmm", input, einsum("kij,kjl->il", batch1, batch2), beta, alpha)


@public(in_place=True)
def baddbmm(input: Data, batch1: Data, batch2: Data, *, beta: float = 1, alpha: float = 1) -> Data:
    """`beta * input + alpha * (batch1 @ batch2)` for stacks of matrices."""
    return _added("baddbmm", input, bmm(batch1, batch2), beta, alpha)


@public(in_place=True)
def addr(input: Data, vec1: Data, vec2: Data, *, beta: float = 1, alpha: float = 1) -> Data:
    """`beta * input + alpha * outer(vec1, vec2)`."""
    need_dims("addr", (1, 1), vec1, vec2)
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
    x = _expanded(call, x, product)
    scaled = product if alpha == 1 else product * alpha
    if beta == 0:
        return scaled
    return (x if beta == 1 else x * beta) + scaled


def _expanded(call: str, x: Data, product: Data) -> Data:
    if x.shape == product.shape:
        return x
    try:
        return x.expand(product.shape)
    except ValueError:
        raise ValueError(
            f"{call} needs an input that broadcasts to {product.shape}, the shape of the product, got {x.shape}"
        ) from None


@public()
def kron(input: Data, other: Data) -> Data:
    """The Kronecker product: each number of `input` times the whole of `other`, in its place."""
    ndim = max(input.ndim, other.ndim)
    left, right = ((1,) * (ndim - x.ndim) + tuple(x.shape) for x in (input, other))
    spread = input.reshape([n for size in left for n in (size, 1)])
    repeated = other.reshape([n for size in right for n in (1, size)])
    return (spread * repeated).reshape([m * n for m, n in zip(left, right)])


@public()
def cross(input: Data, other: Data, dim: int | None = None) -> Data:
    """The vectors perpendicular to those of `input` and `other` along `dim`: the first of size 3 if it is None."""
    if dim is None:
        dim = next((i for i, n in enumerate(input.shape) if n == 3), None)
        if dim is None:
            raise ValueError(f"cross needs a dimension of size 3, got shape {tuple(input.shape)}")
    return perpendicular(input, other, dim)


def perpendicular(x: Data, y: Data, dim: int) -> Data:
    """The cross products of two tensors that broadcast, of vectors along `dim`."""
    if x.ndim != y.ndim:
        raise ValueError(f"cross needs tensors with as many dimensions, got shapes {shapes_of(x, y)}")
    dim = one_dim("cross", dim, x.ndim)
    if not x.ndim or x.shape[dim] != 3 or y.shape[dim] != 3:
        raise ValueError(f"cross needs size 3 along dimension {dim}, got shapes {shapes_of(x, y)}")
    following, last = along(dim, [1, 2, 0]), along(dim, [2, 0, 1])
    return x[following] * y[last] - x[last] * y[following]


@public()
def trace(input: Data) -> Data:
    """The sum of the diagonal of a matrix."""
    need_dims("trace", (2,), input)
    places = np.arange(min(input.shape))
    return input[places, places].sum()
