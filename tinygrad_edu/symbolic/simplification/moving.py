"""Rewritings of operations that only move numbers: shapes, transposes, parts of arrays; see `rewriting`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import contractions, index, reduce, shape
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.symbolic.expression import Expression, number_in
from tinygrad_edu.symbolic.simplification.equality import REDUCTIONS
from tinygrad_edu.symbolic.simplification.products import is_sum, product, product_of, shaped
from tinygrad_edu.symbolic.simplification.rationals import NumberError


def operation_of(x: Any) -> Any:
    """The operation of an expression; None for symbols and plain numbers."""
    return x.operation if isinstance(x, Expression) else None


def _take(node: Expression) -> Any:
    number = number_in(node.inputs[0])
    if number is not None and len(node.inputs) == 1:
        return number
    if _keeps_order(node.settings["index"]):
        return shape.reshape(node.inputs[0], shape=node.shape)
    joined = _taken_of_joined(node.inputs[0], node.settings["index"])
    if joined is not None:
        return joined
    return linear_part(node, lambda part: index.take(part, *node.inputs[1:], **node.settings))


def _taken_of_joined(x: Expression, places: Any) -> Expression | None:
    """The array of `cat` that an index picks, if it is just one of them."""
    *before, chosen = index.parts_of(places)
    if x.operation is not shape.cat or not isinstance(chosen, slice) or not _keeps_order(tuple(before)):
        return None
    dim = x.settings["dim"]
    if len(before) != dim or None in before or Ellipsis in before:
        return None
    start = 0
    for part in x.inputs:
        end = start + part.shape[dim]
        if chosen.indices(x.shape[dim]) == (start, end, 1):
            return part
        start = end
    return None


def _keeps_order(places: Any) -> bool:
    """True for x[:, None], which only adds dimensions of size 1."""
    parts = index.parts_of(places)
    return all(part is None or part is Ellipsis or _is_everything(part) for part in parts)


def _is_everything(part: Any) -> bool:
    return isinstance(part, slice) and part == slice(None)


def _scatter(node: Expression) -> Any:
    if _keeps_order(node.settings["index"]):
        return shape.reshape(node.inputs[0], shape=node.shape)
    return linear_part(
        node, lambda part: index.scatter(part, *node.inputs[1:], **node.settings), keeps_all=False
    )


def linear_part(node: Expression, again: Callable[[Expression], Any], *, keeps_all: bool = True) -> Any:
    """Plain numbers and signs put before an operation that moves numbers.

    If it `keeps_all`, a number in every place stays in every place; `scatter` puts zeros into the other places.
    """
    try:
        outside, inside = product_of(node.inputs[0]).parted(is_single)
    except NumberError:
        return node
    if not inside.factors:
        return product(outside) if keeps_all or outside.number.is_(0) else node
    if outside.is_one:
        return node
    return product(outside) * again(shaped(product(inside), node.inputs[0].shape))


def is_single(x: Expression) -> bool:
    """True for a single number, without dimensions."""
    return x.shape == ()


def _reshape(node: Expression) -> Any:
    x = node.inputs[0]
    if not isinstance(x, Expression) or x.shape == node.shape:
        return x
    if x.operation is shape.reshape:
        return shape.reshape(x.inputs[0], shape=node.shape)
    if x.operation is reduce.sum and node.shape == ():  # the sum of all numbers
        return reduce.sum(x.inputs[0], dims=None, keepdim=False)
    moved = _moved(x, node.shape)
    if moved is not None:
        return moved
    everywhere = _everywhere(x, node.shape)
    if everywhere is not None:
        return everywhere
    return linear_part(node, lambda part: shape.reshape(part, shape=node.shape))


def _moved(x: Any, to: tuple[int, ...]) -> Any:
    """`x` in a shape with other dimensions of size 1, if its sums can keep or lose them; None if not."""
    if not isinstance(x, Expression) or x.shape == ():
        return x
    if number_in(x) is not None:
        return shaped(number_in(x), to)
    if x.operation is shape.reshape:
        return x.inputs[0] if x.inputs[0].shape == to else None
    if x.operation in REDUCTIONS:
        for keepdim in (True, False):
            other = x.operation(x.inputs[0], dims=x.settings["dims"], keepdim=keepdim)
            if other.shape == to:
                return other
    if not isinstance(x.operation, ops.Elementwise):
        return None
    parts = [_moved(part, to) for part in x.inputs]
    return None if any(part is None for part in parts) else x.operation(*parts)


def _expand(node: Expression) -> Any:
    x = node.inputs[0]
    number = number_in(x)
    if number is not None:
        return number
    if x.shape == node.shape:
        return x
    everywhere = _everywhere(x, node.shape)
    return node if everywhere is None else everywhere


def _everywhere(x: Expression, to: tuple[int, ...]) -> Expression | None:
    """The single number in every place of `x`, in every place of the shape `to`."""
    inner = x.inputs[0] if x.operation is shape.expand else None
    return shape.expand(inner, shape=to) if isinstance(inner, Expression) and inner.shape == () else None


def _permute(node: Expression) -> Any:
    x, dims = node.inputs[0], node.settings["dims"]
    if dims == tuple(range(len(dims))):
        return x
    if x.operation is shape.permute:
        return shape.permute(x.inputs[0], dims=tuple(x.settings["dims"][d] for d in dims))
    if _is_transpose(node) and _is_easily_transposed(x):
        return _transposed(x)
    return linear_part(node, lambda part: shape.permute(part, dims=dims))


def _is_transpose(x: Any) -> bool:
    return operation_of(x) is shape.permute and x.settings["dims"] == _exchanged(x.ndim)


def _is_easily_transposed(x: Any) -> bool:
    """True for Qᵀ · δ, whose transpose is δᵀ · Q, and for sums of such products."""
    if is_sum(x):
        return all(_is_easily_transposed(part) and part.ndim == x.ndim for part in x.inputs)
    is_product = operation_of(x) is contractions.matmul and x.inputs[0].ndim == x.inputs[1].ndim
    return is_product and any(map(_is_transpose, x.inputs))


def _transposed(x: Expression) -> Expression:
    if _is_transpose(x):
        return x.inputs[0]
    if is_sum(x) and all(getattr(part, "ndim", 0) == x.ndim for part in x.inputs):
        return x.operation(*map(_transposed, x.inputs))  # type: ignore[misc]
    if _is_easily_transposed(x):
        left, right = x.inputs
        return contractions.matmul(_transposed(right), _transposed(left))
    return shape.permute(x, dims=_exchanged(x.ndim))


def _exchanged(ndim: int) -> tuple[int, ...]:
    """The order of dimensions with the last two exchanged."""
    return (*range(ndim - 2), ndim - 1, ndim - 2)


MOVES: dict[Operation, Callable[[Expression], Any]] = {
    shape.reshape: _reshape,
    shape.expand: _expand,
    shape.permute: _permute,
    index.take: _take,
    index.scatter: _scatter,
}
