"""Rewritings of single operations, one function each, exact for all (finite) numbers.

A rewriting gets a node whose inputs are simple, and returns the node itself or a formula that is simpler to read, of a
shape that can be repeated to the node's. The result is simplified again, so that a rewriting may do a single step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import contractions, index, reduce, shape, softmax
from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.symbolic.expression import Expression, number_in, same
from tinygrad_edu.symbolic.simplification.equality import REDUCTIONS
from tinygrad_edu.symbolic.simplification.products import is_sum, product, product_of, shaped
from tinygrad_edu.symbolic.simplification.rationals import NumberError
from tinygrad_edu.symbolic.simplification.recognize import without_shift
from tinygrad_edu.symbolic.simplification.summing import sum_rewritten

_OPPOSITE = {
    ops.equal: ops.not_equal,
    ops.not_equal: ops.equal,
    ops.greater: ops.less_equal,
    ops.less_equal: ops.greater,
    ops.less: ops.greater_equal,
    ops.greater_equal: ops.less,
}


def _operation(x: Any) -> Any:
    return x.operation if isinstance(x, Expression) else None


def _where(node: Expression) -> Any:
    condition, x, y = node.inputs
    decided = number_in(condition)
    if decided is not None or same(x, y):
        return x if decided is None or decided else y
    if not (condition.mask or condition.operation in _OPPOSITE):
        return node  # any number counts as true, so the condition cannot be a factor
    if number_in(y) == 0:
        return _masked(x, condition)
    if number_in(x) == 0 and _operation(condition) in _OPPOSITE:
        return _masked(y, _OPPOSITE[condition.operation](*condition.inputs))
    return _masked(y, 1 - condition) if number_in(x) == 0 else node


def _masked(x: Any, condition: Any) -> Any:
    return condition if number_in(x) == 1 else x * condition


def _compared(node: Expression) -> Any:
    numbers = [number_in(x) for x in node.inputs]
    if None in numbers or node.operation is None:
        return node
    return int(node.operation(*numbers))


def _power(node: Expression) -> Any:
    x, y = node.inputs
    exponent = number_in(y)
    if exponent in (0.5, -0.5):
        return ops.sqrt(x) if exponent > 0 else 1 / ops.sqrt(x)
    return {0: 1, 1: x}.get(exponent, node)


def _exp(node: Expression) -> Any:
    x = node.inputs[0]
    if _operation(x) is ops.log:
        return x.inputs[0]
    return softmax.softmax(x.inputs[0], **x.settings) if _operation(x) is softmax.log_softmax else node


def _log(node: Expression) -> Any:
    x = node.inputs[0]
    if _operation(x) is ops.exp:
        return x.inputs[0]
    return softmax.log_softmax(x.inputs[0], **x.settings) if _operation(x) is softmax.softmax else node


def _sigmoid(node: Expression) -> Any:
    x = node.inputs[0]
    return 1 - ops.sigmoid(x.inputs[0]) if _operation(x) is ops.negative else node


def _softmax(node: Expression) -> Any:
    x, dim = node.inputs[0], node.settings["dim"]
    if number_in(x) is not None:
        return Expression(shape=(), operation=ops.divide, inputs=(1, x.shape[dim]))
    unshifted = without_shift(x, dim)
    return node if unshifted is x else softmax.softmax(unshifted, dim=dim)


def _shifted(node: Expression) -> Any:
    x, dim = node.inputs[0], node.settings["dim"]
    if number_in(x) is not None:
        return -math.log(x.shape[dim])
    unshifted = without_shift(x, dim)
    return node if unshifted is x else softmax.log_softmax(unshifted, dim=dim)


def _take(node: Expression) -> Any:
    number = number_in(node.inputs[0])
    if number is not None and len(node.inputs) == 1:
        return number
    if _keeps_order(node.settings["index"]):
        return shape.reshape(node.inputs[0], shape=node.shape)
    joined = _taken_of_joined(node.inputs[0], node.settings["index"])
    if joined is not None:
        return joined
    return _linear_part(node, lambda part: index.take(part, *node.inputs[1:], **node.settings))


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
            return part  # type: ignore[no-any-return]
        start = end
    return None


def _keeps_order(places: Any) -> bool:
    """True for x[:, None], which only adds dimensions of size 1."""
    parts = index.parts_of(places)
    return all(part is None or part is Ellipsis or isinstance(part, slice) and part == slice(None) for part in parts)


def _scatter(node: Expression) -> Any:
    if _keeps_order(node.settings["index"]):
        return shape.reshape(node.inputs[0], shape=node.shape)
    return _linear_part(
        node, lambda part: index.scatter(part, *node.inputs[1:], **node.settings), keeps_all=False
    )


def _linear_part(node: Expression, again: Callable[[Expression], Any], *, keeps_all: bool = True) -> Any:
    """Plain numbers and signs put before an operation that moves numbers.

    If it `keeps_all`, a number in every place stays in every place; `scatter` puts zeros into the other places.
    """
    try:
        outside, inside = product_of(node.inputs[0]).parted(_is_single)
    except NumberError:
        return node
    if not inside.factors:
        return product(outside) if keeps_all or outside.number.is_(0) else node
    if outside.is_one:
        return node
    return product(outside) * again(shaped(product(inside), node.inputs[0].shape))


def _is_single(x: Expression) -> bool:
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
    return _linear_part(node, lambda part: shape.reshape(part, shape=node.shape))


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
    return _linear_part(node, lambda part: shape.permute(part, dims=dims))


def _is_transpose(x: Any) -> bool:
    return _operation(x) is shape.permute and x.settings["dims"] == _exchanged(x.ndim)


def _is_easily_transposed(x: Any) -> bool:
    """True for Qᵀ · δ, whose transpose is δᵀ · Q, and for sums of such products."""
    if is_sum(x):
        return all(_is_easily_transposed(part) and part.ndim == x.ndim for part in x.inputs)
    is_product = _operation(x) is contractions.matmul and x.inputs[0].ndim == x.inputs[1].ndim
    return is_product and any(map(_is_transpose, x.inputs))


def _transposed(x: Expression) -> Expression:
    if _is_transpose(x):
        return x.inputs[0]
    if is_sum(x):
        return x.operation(*map(_transposed, x.inputs))
    if _is_easily_transposed(x):
        left, right = x.inputs
        return contractions.matmul(_transposed(right), _transposed(left))
    return shape.permute(x, dims=_exchanged(x.ndim))


def _exchanged(ndim: int) -> tuple[int, ...]:
    """The order of dimensions with the last two exchanged."""
    return (*range(ndim - 2), ndim - 1, ndim - 2)


def _matmul(node: Expression) -> Any:
    x, y = node.inputs
    try:
        (before_x, inside_x), (before_y, inside_y) = (product_of(side).parted(_is_single) for side in (x, y))
        outside = before_x.joined(before_y)
    except NumberError:
        return node
    if outside.is_one or not (inside_x.factors and inside_y.factors):
        return node
    left, right = shaped(product(inside_x), x.shape), shaped(product(inside_y), y.shape)
    return product(outside) * contractions.matmul(left, right)


_REWRITES: dict[Operation, Callable[[Expression], Any]] = {
    **dict.fromkeys(_OPPOSITE, _compared),
    ops.where: _where,
    ops.power: _power,
    ops.exp: _exp,
    ops.log: _log,
    ops.sigmoid: _sigmoid,
    softmax.softmax: _softmax,
    softmax.log_softmax: _shifted,
    reduce.sum: sum_rewritten,
    shape.reshape: _reshape,
    shape.expand: _expand,
    shape.permute: _permute,
    index.take: _take,
    index.scatter: _scatter,
    contractions.matmul: _matmul,
}


def rewritten(node: Expression) -> Any:
    """`node`, whose inputs are simple, in simpler operations or shorter; itself if no rewriting is known."""
    assert node.operation is not None
    paper = node.operation.readings.paper
    if paper is not None and not node.operation.readings.keeps_name:
        return paper(*node.inputs, **node.settings)
    rewrite = _REWRITES.get(node.operation)
    return rewrite(node) if rewrite else node
