"""Sums over dimensions, and constant factors taken out of them."""

from __future__ import annotations

import math
from typing import Any

from tinygrad_edu.ops import contractions, reduce, shape
from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.symbolic.simplification.products import Product, product, product_of, shaped
from tinygrad_edu.symbolic.simplification.rationals import NumberError


def sum_rewritten(node: Expression) -> Any:
    """The sum with constant factors in front, and dimensions along which no factor varies counted."""
    x, keepdim = node.inputs[0], node.settings["keepdim"]
    dims = tuple(range(x.ndim)) if node.settings["dims"] is None else node.settings["dims"]
    try:
        factors = product_of(x)
    except NumberError:
        return node
    if x.operation is reduce.sum and len(dims) == x.ndim and not keepdim:
        return reduce.sum(x.inputs[0], dims=None, keepdim=False)
    rows_of_matrix = dims == (0,) and x.ndim == 2 and not keepdim
    by_vector = _matrix_by_vector(factors) if rows_of_matrix else None
    if by_vector is not None:
        return by_vector
    live = [d for d in dims if any(_varies(base, d, x) for base, _ in factors.factors)]
    if not live:
        count = math.prod(x.shape[d] for d in dims)
        return _without_dims(product(Product(factors.number * count, factors.factors)), x.ndim, dims, keepdim)
    return _taken_out(node, factors, dims, live)


def _taken_out(node: Expression, factors: Product, dims: tuple[int, ...], live: list[int]) -> Any:
    """The sum over the dimensions `live` of `dims`, times what does not vary along them."""
    x, keepdim = node.inputs[0], node.settings["keepdim"]
    outside, inside = _parted(factors, live, x, keepdim)
    everything = (
        None if len(dims) == x.ndim and not keepdim else dims
    )  # one way to write a sum of all numbers
    count = math.prod(x.shape[d] for d in dims if d not in live)
    if count == 1 and outside.is_one and node.settings["dims"] == everything:
        return node
    varying = [d for d in range(x.ndim) if any(_varies(base, d, x) for base, _ in inside.factors)]
    needed = [*live, *(d for d in range(x.ndim) if d not in dims and (d in varying or not keepdim))]
    sizes = tuple(n if d in needed else 1 for d, n in enumerate(x.shape))
    outside.number = outside.number * count
    return product(outside) * reduce.sum(shaped(product(inside), sizes), dims=everything, keepdim=keepdim)


def _matrix_by_vector(factors: Product) -> Any:
    """Σ rows (d ⊙ X) of a vector d, written as a column, and a matrix: Xᵀ · d; None for anything else."""
    if len(factors.factors) != 2 or any(power != 1 for _, power in factors.factors):
        return None
    for (d, _), (matrix, _) in (factors.factors, factors.factors[::-1]):
        column = d.operation is shape.reshape and d.inputs[0].ndim == 1 and d.shape == (*d.inputs[0].shape, 1)
        if column and matrix.ndim == 2 and matrix.shape[0] == d.shape[0] and matrix.shape[1] > 1:
            return product(Product(factors.number)) * contractions.matmul(
                shape.permute(matrix, dims=(1, 0)), d.inputs[0]
            )
    return None


def _varies(base: Expression, dim: int, x: Expression) -> bool:
    at = dim - x.ndim + base.ndim
    return at >= 0 and base.shape[at] != 1


def _parted(factors: Product, live: list[int], x: Expression, keepdim: bool) -> tuple[Product, Product]:
    """The factors in front of the sum over the dimensions `live`, and the factors that stay inside."""
    outside, inside = Product(factors.number), Product()
    for base, power in factors.factors:
        single = math.prod(base.shape) == 1
        even = not any(_varies(base, d, x) for d in live)
        if even and (keepdim or single):
            outside.factors.append((_alone(base) if single else base, power))
        else:
            inside.factors.append((base, power))
    return outside, inside


def _alone(x: Expression) -> Expression:
    """The single number `x` without dimensions."""
    return x if x.shape == () else shape.reshape(x, shape=())


def _without_dims(x: Any, ndim: int, dims: tuple[int, ...], keepdim: bool) -> Any:
    """`x`, which does not vary along `dims` out of `ndim` dimensions, without them."""
    if keepdim or not isinstance(x, Expression):
        return x
    sizes = (1,) * (ndim - x.ndim) + x.shape
    return x.reshape(tuple(n for d, n in enumerate(sizes) if d not in dims))
