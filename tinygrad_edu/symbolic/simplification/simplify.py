"""Formulas made as short as a textbook prints them, without changing their value.

`simplify` rewrites every part from the inside out with rules of algebra that hold for all finite numbers (away from
poles: p / p is 1), and keeps whichever of two writings is shorter: factors as they stand, or multiplied out with what
is common in front. No answer is looked up: p − y for the sigmoid under a cross-entropy is what the algebra leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tinygrad_edu.ops import elementwise as ops
from tinygrad_edu.ops import reduce
from tinygrad_edu.symbolic.expression import Expression, inside_out, rebuilt, size
from tinygrad_edu.symbolic.simplification.expanding import in_front, multiplied_out
from tinygrad_edu.symbolic.simplification.products import (
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
MOST_SIGNS = 100  # a sum or product that is longer stays as it is
_ARITHMETIC = (ops.add, ops.subtract, ops.negative, ops.multiply, ops.divide)


class Rules(NamedTuple):
    """What `simplify` was told."""

    known: Known | None
    rearrange: bool


def simplify(root: Any, known: Known | None = None, *, rearrange: bool = True) -> Expression:
    """`root` in as few signs as these rules find, of the same shape.

    `known` tells the number that is in every place of a part, where that is known from elsewhere: that the rows of
    the targets sum to 1, that nothing was clipped in this run. Without `rearrange` sums stay as they are: nothing is
    multiplied out or put in front.
    """
    rules = Rules(known, rearrange)
    if not isinstance(root, Expression):
        return shaped(root, ())
    done: dict[int, Expression] = {}
    for node in inside_out(root):
        inputs = tuple(done[id(x)] if isinstance(x, Expression) else x for x in node.inputs)
        done[id(node)] = shaped(_simplified(rebuilt(node, inputs), rules), node.shape)
    return done[id(root)]


def _simplified(node: Expression, rules: Rules) -> Any:
    """`node`, whose inputs are simple already, in a simpler way; of a shape that can be repeated to its own."""
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
    """What a rule made of `node`, itself simplified: rules only ever lead to what is simpler."""
    done: dict[int, Any] = {id(x): x for x in node.inputs if isinstance(x, Expression)}
    for part in inside_out(written):
        if id(part) not in done:
            inputs = tuple(done.get(id(x), x) if isinstance(x, Expression) else x for x in part.inputs)
            done[id(part)] = shaped(_simplified(rebuilt(part, inputs), rules), part.shape)
    return done[id(written)] if isinstance(written, Expression) else written


def _distributed(node: Expression, rules: Rules) -> Any:
    """The sum of a sum term by term, if that is shorter: Σ (Σ x − 4 x) is 0 for four numbers."""
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
    """Sums and products: the shorter of both writings, or `node` itself if it is too long to be read anyway."""
    if size(node) > MOST_SIGNS:
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
