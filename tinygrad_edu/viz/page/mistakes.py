"""Wrong formulas that students write for a gradient, each with the reason why it is wrong: choices of the quiz.

A mistake is a slip in the right formula (a transpose, a factor, a sum is lost), or the derivative of something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.ops import contractions, elementwise, reduce, transcendental
from tinygrad_edu.ops.shape import expand, permute
from tinygrad_edu.symbolic.differentiate import share_of
from tinygrad_edu.symbolic.evaluate import evaluate
from tinygrad_edu.symbolic.expression import Expression, inside_out, number_in, replaced, size, symbols_in
from tinygrad_edu.symbolic.simplification.simplify import simplify
from tinygrad_edu.symbolic.writers.text_writer import text
from tinygrad_edu.symbolic.writers.written_shapes import elements, is_transpose

COUNT = 2  # mistakes beside the right formula
MAX_SIGNS = 30  # of a right formula
MAX_SIGNS_TOLD = 8  # of a part that is named in a reason
ALIKE = 5e-3  # the largest difference, as a share of the largest number, that a reader may overlook

CHAIN = "The chain rule multiplies the gradient from above by the local derivative"
CONFUSED = {
    elementwise.tanh: elementwise.sigmoid, elementwise.sigmoid: elementwise.tanh,
    elementwise.relu: elementwise.sigmoid, elementwise.exp: elementwise.log,
    transcendental.sin: transcendental.cos, transcendental.cos: transcendental.sin,
}  # fmt: skip


class Mistake(NamedTuple):
    """A wrong formula, the rule that it breaks, and what went wrong."""

    formula: Expression
    rule: str
    slip: str


def mistakes(
    right: Expression, position: int, whole: Expression, g: Expression, y: Expression,
    numbers: Mapping[Expression, np.ndarray],
) -> tuple[Mistake, ...]:  # fmt: skip
    """Two mistakes in `right`, the share in `g` of the input at `position` of `whole`, whose result is `y`.

    They break different rules, if they can. None if there are not two whose numbers differ from those of the right
    formula, and from each other.
    """
    if not all(x in numbers for x in symbols_in(right, whole)):
        return ()
    values = [_value(right, numbers)]
    if values[0] is None or not np.isfinite(values[0]).all() or size(right) > MAX_SIGNS:
        return ()
    likely = [*_slips(right), *_other_derivatives(right, position, whole, g, y)]
    by_rule = {mistake.rule: mistake for mistake in reversed(likely)}
    firsts = [mistake for mistake in likely if by_rule[mistake.rule] is mistake]
    chosen: list[Mistake] = []
    for mistake in dict.fromkeys((*firsts, *likely, *_more_factors(right, position, whole))):
        value = _value(mistake.formula, numbers)
        if value is None or not any(_alike(value, known) for known in values if known is not None):
            chosen.append(mistake)
            values.append(value)
        if len(chosen) == COUNT:
            return tuple(chosen)
    return ()


def _value(formula: Expression, numbers: Mapping[Expression, np.ndarray]) -> np.ndarray | None:
    """The numbers of a formula; None if its shapes do not fit."""
    try:
        return evaluate(formula, numbers)
    except ValueError:
        return None


def _alike(x: np.ndarray, y: np.ndarray) -> bool:
    """True if nobody sees a difference between the numbers of two formulas."""
    try:
        x, y = np.broadcast_arrays(x, y)
    except ValueError:
        return False
    return not np.isfinite(x).all() or bool(np.abs(x - y).max(initial=0) <= ALIKE * np.abs(y).max(initial=0))


def _slips(right: Expression) -> Iterator[Mistake]:
    """`right` with one part replaced by what is left of it after a slip; outer parts first."""
    for node in reversed(inside_out(right)):
        for left, rule, slip in _left_of(node):
            if isinstance(left, Expression) and (node is not right or number_in(left) is None):
                yield Mistake(replaced(right, {node: left}), rule, slip)


def _left_of(node: Expression) -> Iterator[tuple[Any, str, str]]:
    """What is left of a part after each slip, with the rule and the slip in words."""
    operation = node.operation
    if operation is contractions.matmul:
        yield from _other_products(node)
    elif operation is elementwise.multiply:
        for kept, lost in (node.inputs, node.inputs[::-1]):
            yield kept, CHAIN, f"{_factor(lost)} is lost here"
    elif operation is elementwise.divide:
        rule = "What divides a result divides its gradient too"
        yield node.inputs[0], rule, f"the divisor {_named(node.inputs[1])} is lost here"
    elif operation is elementwise.negative:
        yield node.inputs[0], "The derivative of −x is −1", "the minus is lost here"
    elif operation in (elementwise.add, elementwise.subtract):
        for kept, lost in (node.inputs, node.inputs[::-1]):
            if number_in(kept) is None:
                yield kept, "This derivative has more than one term", f"{_named(lost)} is lost here"
    elif operation in (reduce.sum, contractions.column_sums):
        rule = "Numbers that were used several times get the sum of the gradients of all uses"
        yield node.inputs[0], rule, "the sum is lost here"


def _other_products(node: Expression) -> Iterator[tuple[Any, str, str]]:
    """Matrix products with another transpose, that of the gradient last, or in another order."""
    x, y = node.inputs
    turned = [(_transposed(x), y), (x, _transposed(y))]
    rule = "A matrix product A · B passes G · Bᵀ to A, and Aᵀ · G to B"
    for inputs in turned[::-1] if symbols_in(x)[-1].by else turned:
        yield _with(node, inputs), rule, "a transpose is wrong here"
    yield _with(node, (y, x)), rule, "the factors are exchanged here"


def _other_derivatives(
    right: Expression, position: int, whole: Expression, g: Expression, y: Expression
) -> Iterator[Mistake]:
    """Derivatives of other functions, and numbers that are taken for derivatives."""
    x, operation = whole.inputs[position], whole.operation
    others = [z for z in whole.inputs if isinstance(z, Expression) and z is not x]
    for own, confused in CONFUSED.items():
        found = share_of(confused, 0, g, y, whole.inputs, {}) if own is operation else None
        if found is not None:
            rule, slip = f"This step goes through {own.name}", f"that is the derivative of {confused.name}"
            yield Mistake(simplify(found, rearrange=False), rule, slip)
    if isinstance(operation, elementwise.Elementwise) and len(whole.inputs) == 1:
        yield Mistake(g * y, CHAIN, f"{text(y)} is the result itself, not the local derivative")
    if operation is elementwise.multiply and others and others[0].shape == x.shape:
        rule = "The derivative of a product by one factor is the other factor"
        yield Mistake(replaced(right, {others[0]: x}), rule, f"here it is {text(x)} itself")
    if operation is elementwise.subtract and position == 0:
        yield Mistake(-right, "The derivative of x − y by x is 1", "the minus belongs to y")
    if operation is reduce.sum and right.operation is expand:
        share = right.inputs[0] / (elements(x) // elements(y))
        rule = "A sum passes the gradient on to each term"
        yield Mistake(_with(right, (share,)), rule, "only a mean divides it")


def _more_factors(right: Expression, position: int, whole: Expression) -> Iterator[Mistake]:
    """`right` times inputs that are no factors of it."""
    inner = right.inputs[0] if right.operation is expand and number_in(right) is None else right
    x = whole.inputs[position]
    rule = "A sum passes the gradient on as it is" if whole.operation is elementwise.add else CHAIN
    for z in sorted((z for z in whole.inputs if isinstance(z, Expression)), key=lambda z: z is x):
        if z.shape == x.shape:
            yield Mistake(_product(inner, z), rule, f"{text(z)} is no factor of it")


def _product(x: Expression, y: Expression) -> Expression:
    return Expression(shape=y.shape, operation=elementwise.multiply, inputs=(x, y))


def _with(node: Expression, inputs: tuple[Any, ...]) -> Expression:
    """`node` on inputs whose shapes need not fit."""
    return Expression(shape=node.shape, operation=node.operation, inputs=inputs, settings=node.settings)


def _transposed(x: Any) -> Any:
    if not isinstance(x, Expression) or x.ndim < 2:
        return x
    if x.operation is permute and is_transpose(x):
        return x.inputs[0]
    dims = (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2)
    return Expression(
        shape=tuple(x.shape[i] for i in dims), operation=permute, inputs=(x,), settings={"dims": dims}
    )


def _factor(lost: Any) -> str:
    """`the gradient from above, ∂L/∂y,` or `the factor x`."""
    if isinstance(lost, Expression) and lost.by:
        return f"the gradient from above, {_named(lost)},"
    return f"the factor {_named(lost)}" if size(lost) <= MAX_SIGNS_TOLD else "a factor"


def _named(part: Any) -> str:
    return text(part) if size(part) <= MAX_SIGNS_TOLD else "a part"
