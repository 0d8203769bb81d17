"""Formulas made as short as a textbook prints them, without changing their value.

`simplify` rewrites every part from the inside out with rules of algebra that hold for all finite numbers (away from
poles: p / p is 1), and keeps the shorter of two writings: factors as they stand, or multiplied out with common factors
in front. No answer is looked up: p − y for the sigmoid under a cross-entropy is the result of the algebra.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.ops import reduce
from tinygrad_edu.symbolic.expression import Expression, number_in, rebuilt, size, with_inputs
from tinygrad_edu.symbolic.simplification.expanding import in_front, multiplied_out
from tinygrad_edu.symbolic.simplification.products import (
    bare,
    is_sum,
    product,
    product_of,
    shaped,
    terms_of,
    total,
    whole_power,
)
from tinygrad_edu.symbolic.simplification.rationals import NumberError
from tinygrad_edu.symbolic.simplification.recognize import recognized
from tinygrad_edu.symbolic.simplification.rewriting import rewritten

Known = Callable[[Expression], float | None]
MAX_SIGNS = 100  # of a sum or product that is rearranged
_ARITHMETIC = (ops.add, ops.subtract, ops.negative, ops.multiply, ops.divide)


class Rules(NamedTuple):
    """The arguments of `simplify` beside the formula."""

    known: Known | None
    rearrange: bool


def simplify(root: Any, known: Known | None = None, *, rearrange: bool = True) -> Expression:
    """`root` in as few signs as these rules find, of the same shape.

    `known` gives the number in every place of a part, where facts of this run say it: the rows of the targets sum to
    1, no number was clipped. Without `rearrange` no sum is multiplied out, and no common factor put in front.
    """
    rules = Rules(known, rearrange)
    simple = rebuilt(root, _made_by(rules)) if isinstance(root, Expression) else shaped(root, ())
    result: Expression = rebuilt(simple, _without_squared_root)
    return result


def _without_squared_root(node: Expression, inputs: tuple[Any, ...]) -> Any:
    """x for √x², at the end: √x³ is shorter than x √x."""
    if node.operation is ops.power and number_in(inputs[1]) == 2 and isinstance(inputs[0], Expression):
        base = inputs[0]
        if base.operation in (ops.sqrt, ops.root):
            return base.inputs[0]
    return with_inputs(node, inputs)


def _made_by(rules: Rules) -> Callable[[Expression, tuple[Any, ...]], Expression]:
    """The simplification of a single part with simple inputs, of the shape of that part."""
    return lambda node, inputs: shaped(_simplified(_unrepeated(with_inputs(node, inputs)), rules), node.shape)


def _unrepeated(node: Expression) -> Expression:
    """`node` without repetitions of its inputs that an elementwise operation makes anyway."""
    if not isinstance(node.operation, ops.Elementwise) or len(node.inputs) < 2:
        return node
    inputs = tuple(map(bare, node.inputs))
    shapes = [x.shape for x in inputs if isinstance(x, Expression)]
    return with_inputs(node, inputs) if np.broadcast_shapes(*shapes) == node.shape else node


def _simplified(node: Expression, rules: Rules) -> Any:
    """`node`, whose inputs are simple, in a simpler writing, of a shape that can be repeated to its own."""
    if node.operation is None:
        return _or_known(node, rules.known)
    written = rewritten(node)
    if written is not node:
        return _again(written, node, rules)
    if node.operation is reduce.sum and rules.rearrange and is_sum(node.inputs[0]):
        return _or_known(_distributed(node, rules), rules.known)
    if node.operation in _ARITHMETIC or whole_power(node):
        return _arithmetic(node, rules.rearrange)
    return _or_known(node, rules.known)


def _again(written: Any, node: Expression, rules: Rules) -> Any:
    """The result of a rewriting of `node`, simplified in turn; the inputs of `node` are simple already."""
    return rebuilt(written, _made_by(rules), {x: x for x in node.inputs if isinstance(x, Expression)})


def _distributed(node: Expression, rules: Rules) -> Any:
    """The sum of a sum term by term, if this writing is shorter: Σ (Σ x − 4 x) is 0 for four numbers."""
    x = node.inputs[0]
    try:
        terms = [shaped(product(term), x.shape) for term in terms_of(x)]
    except NumberError:
        return node
    sums = [_again(reduce.sum(term, **node.settings), node, rules) for term in terms]
    written = shaped(0, node.shape)
    for part in sums:
        written = written + shaped(part, node.shape)
    result = _arithmetic(written, rules.rearrange) if is_sum(written) else written
    return result if size(result) < size(node) else node


def _or_known(node: Any, known: Known | None) -> Any:
    number = known(node) if known and isinstance(node, Expression) else None
    return node if number is None else number


def _arithmetic(node: Expression, rearrange: bool) -> Any:
    """The shorter writing of a sum or product; `node` itself if it has more than 100 signs."""
    if size(node) > MAX_SIGNS:
        return node
    try:
        gathered = _gathered(node, rearrange)
    except NumberError:
        return node
    if not rearrange:
        return gathered
    try:
        expanded = in_front(multiplied_out([product_of(node)] if not is_sum(node) else terms_of(node)))
    except NumberError:
        return gathered
    return expanded if size(expanded) < size(gathered) else gathered


def _gathered(node: Expression, rearrange: bool) -> Any:
    if not is_sum(node):
        return product(recognized(product_of(node)))
    terms = [recognized(term) for term in terms_of(node)]
    plain = total(terms)
    shared = in_front(terms) if rearrange else plain
    return shared if size(shared) < size(plain) else plain
