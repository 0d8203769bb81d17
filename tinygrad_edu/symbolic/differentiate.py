"""Derivatives of formulas: the rules of the engine, run on symbols."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops.elementwise import Elementwise, sum_to
from tinygrad_edu.symbolic.expression import Expression, filled, inside_out


def share_of(
    operation: Operation,
    position: int,
    g: Expression,
    result: Expression,
    inputs: Sequence[Any],
    settings: dict[str, Any],
) -> Expression | None:
    """The share of the input at `position` in the gradient `g` of `result`, by the rule of the operation.

    None where there is no rule, or the rule does something that symbols cannot follow.
    """
    rule, x = operation.rules[position], inputs[position]
    if rule is None:
        return None
    try:
        common = () if operation.common is None else (operation.common(*inputs, **settings),)
        share = rule(g, result, *inputs, *common, **settings)
        share = share if isinstance(share, Expression) else filled(share, x.shape)
        if isinstance(operation, Elementwise) and share.shape != x.shape:
            share = sum_to(share, x)
        return share if share.shape == x.shape else None
    except Exception:  # a rule written by the user may ask anything of its arguments
        return None


def gradients(root: Expression, g: Expression, by: Sequence[Expression]) -> list[Expression | None]:
    """The gradient of `root` by each of the parts `by`, as formulas; `g` is the gradient of `root` itself.

    Zero by a part that `root` does not depend on; None where a rule cannot be followed.
    """
    order = inside_out(root)
    on_path = set(by)
    for node in order:
        if any(isinstance(x, Expression) and x in on_path for x in node.inputs):
            on_path.add(node)
    found: dict[Expression, Expression | None] = {root: g}
    for node in reversed(order):
        if node.operation is not None and node in found and node in on_path:
            _pass_on(node, found, on_path)
    return [found.get(x, filled(0, x.shape)) for x in by]


def _pass_on(node: Expression, found: dict[Expression, Expression | None], on_path: set[Expression]) -> None:
    g, operation = found[node], node.operation
    assert operation is not None
    for position, (x, rule) in enumerate(zip(node.inputs, operation.rules)):
        if not isinstance(x, Expression) or x not in on_path or rule is None:
            continue
        share = None if g is None else share_of(operation, position, g, node, node.inputs, node.settings)
        if x in found:
            before = found[x]
            share = None if before is None or share is None else before + share
        found[x] = share
