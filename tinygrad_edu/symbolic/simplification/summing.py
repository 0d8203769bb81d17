"""Sums over dimensions, and what can be taken out of them."""

from __future__ import annotations

import math
from typing import Any

from tinygrad_edu.ops import linalg, reduce, shape
from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.symbolic.simplification.products import Product, product, product_of
from tinygrad_edu.symbolic.simplification.rationals import NumberError


def sum_rewritten(node: Expression) -> Any:
    """The sum with what does not vary in front, and dimensions in which nothing varies counted."""
    x, keepdim = node.inputs[0], node.settings["keepdim"]
    dims = tuple(range(x.ndim)) if node.settings["dims"] is None else node.settings["dims"]
    try:
        factors = product_of(x)
    except NumberError:
        return node
    if x.operation is reduce.sum and len(dims) == x.ndim and not keepdim:
        return reduce.sum(x.inputs[0], dims=None, keepdim=False)
    if (
        dims == (0,)
        and x.ndim == 2
        and not keepdim
        and (as_product := _matrix_by_vector(factors)) is not None
    ):
        return as_product
    live = [d for d in dims if any(_varies(base, d, x) for base, _ in factors.factors)]
    count = math.prod(x.shape[d] for d in dims if d not in live)
    if not live:
        return _without_dims(product(Product(factors.number * count, factors.factors)), x.ndim, dims, keepdim)
    outside, inside = _parted(factors, live, x, keepdim)
    everything = None if len(dims) == x.ndim and not keepdim else dims  # one way to say it
    if count == 1 and outside.number.is_(1) and not outside.factors and node.settings["dims"] == everything:
        return node
    sizes = tuple(1 if d in dims and d not in live else n for d, n in enumerate(x.shape))
    outside.number = outside.number * count
    return product(outside) * reduce.sum(repeated(product(inside), sizes), dims=everything, keepdim=keepdim)


def _matrix_by_vector(factors: Product) -> Any:
    """Σ rows (d ⊙ X) of a vector d, written as a column, and a matrix: Xᵀ · d; None for anything else."""
    if len(factors.factors) != 2 or any(power != 1 for _, power in factors.factors):
        return None
    for (d, _), (matrix, _) in (factors.factors, factors.factors[::-1]):
        column = d.operation is shape.reshape and d.inputs[0].ndim == 1 and d.shape == (*d.inputs[0].shape, 1)
        if column and matrix.ndim == 2 and matrix.shape[0] == d.shape[0] and matrix.shape[1] > 1:
            return product(Product(factors.number)) * linalg.matmul(
                shape.permute(matrix, dims=(1, 0)), d.inputs[0]
            )
    return None


def _varies(base: Expression, dim: int, x: Expression) -> bool:
    at = dim - x.ndim + base.ndim
    return at >= 0 and base.shape[at] != 1


def _parted(factors: Product, live: list[int], x: Expression, keepdim: bool) -> tuple[Product, Product]:
    """What can stand in front of the sum over the dimensions `live`, and what must stay inside."""
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
    """A single number without dimensions."""
    return x if x.shape == () else shape.reshape(x, shape=())


def repeated(x: Any, sizes: tuple[int, ...]) -> Any:
    """`x` with these sizes."""
    return x if x.shape == sizes else x.expand(sizes)


def _without_dims(x: Any, ndim: int, dims: tuple[int, ...], keepdim: bool) -> Any:
    """`x`, which does not vary along `dims` out of `ndim` dimensions, without them."""
    if keepdim or not isinstance(x, Expression):
        return x
    sizes = (1,) * (ndim - x.ndim) + x.shape
    return x.reshape(tuple(n for d, n in enumerate(sizes) if d not in dims))
