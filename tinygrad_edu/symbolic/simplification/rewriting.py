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
from tinygrad_edu.symbolic.simplification.moving import MOVES, is_single, operation_of
from tinygrad_edu.symbolic.simplification.products import product, product_of, shaped
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
_OF_MASKS = (ops.multiply, ops.maximum, index.take, shape.permute, shape.reshape, shape.expand)


def _where(node: Expression) -> Any:
    condition, x, y = node.inputs
    decided = number_in(condition)
    if decided is not None or same(x, y):
        return x if decided is None or decided else y
    if not _is_mask(condition):
        return node  # any number counts as true, so the condition cannot be a factor
    if number_in(y) == 0:
        return _masked(x, condition)
    if number_in(x) == 0 and operation_of(condition) in _OPPOSITE:
        return _masked(y, _OPPOSITE[condition.operation](*condition.inputs))
    return _masked(y, 1 - condition) if number_in(x) == 0 else node


def _is_mask(x: Any) -> bool:
    """True for a formula that can be nothing but 0 or 1."""
    made_of_masks = operation_of(x) in _OF_MASKS and all(map(_is_mask, x.inputs))
    return made_of_masks or operation_of(x) in _OPPOSITE or (isinstance(x, Expression) and x.mask)


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
    if operation_of(x) is ops.log:
        return x.inputs[0]
    return softmax.softmax(x.inputs[0], **x.settings) if operation_of(x) is softmax.log_softmax else node


def _log(node: Expression) -> Any:
    x = node.inputs[0]
    if operation_of(x) is ops.exp:
        return x.inputs[0]
    return softmax.log_softmax(x.inputs[0], **x.settings) if operation_of(x) is softmax.softmax else node


def _sigmoid(node: Expression) -> Any:
    x = node.inputs[0]
    return 1 - ops.sigmoid(x.inputs[0]) if operation_of(x) is ops.negative else node


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


def _matmul(node: Expression) -> Any:
    x, y = node.inputs
    try:
        (before_x, inside_x), (before_y, inside_y) = (product_of(side).parted(is_single) for side in (x, y))
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
    contractions.matmul: _matmul,
    **MOVES,
}


def rewritten(node: Expression) -> Any:
    """`node`, whose inputs are simple, in simpler operations or shorter; itself if no rewriting is known."""
    assert node.operation is not None
    paper = node.operation.readings.paper
    if paper is not None and not node.operation.readings.keeps_name:
        return paper(*node.inputs, **node.settings)
    rewrite = _REWRITES.get(node.operation)
    return rewrite(node) if rewrite else node
