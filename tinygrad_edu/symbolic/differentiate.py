"""Derivatives of formulas: the same rules, run on symbols."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops.elementwise import Elementwise, sum_to
from tinygrad_edu.symbolic.expression import Expression, filled, inside_out


def share_of(  # noqa: PLR0917 - the parts of an operation
    operation: Operation,
    position: int,
    g: Expression,
    result: Expression,
    inputs: Sequence[Any],
    settings: dict[str, Any],
) -> Expression | None:
    """What the rule of the input at `position` makes of the gradient `g` of `result`.

    None where there is no rule, or it does something that symbols cannot follow.
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


def gradients(root: Expression, g: Expression, wanted: Sequence[Expression]) -> list[Expression | None]:
    """The gradient of `root` by each of the `wanted` parts, as formulas; `g` is the gradient of `root` itself.

    Zero by a part that `root` does not depend on; None where a rule cannot be followed.
    """
    order = inside_out(root)
    on_path = {id(x) for x in wanted}
    for node in order:
        if any(id(x) in on_path for x in node.inputs):
            on_path.add(id(node))
    found: dict[int, Expression | None] = {id(root): g}
    for node in reversed(order):
        if node.operation is not None and id(node) in found and id(node) in on_path:
            _pass_on(node, found, on_path)
    return [found.get(id(x), filled(0, x.shape)) for x in wanted]


def _pass_on(node: Expression, found: dict[int, Expression | None], on_path: set[int]) -> None:
    g, operation = found[id(node)], node.operation
    assert operation is not None
    for position, (x, rule) in enumerate(zip(node.inputs, operation.rules)):
        if not isinstance(x, Expression) or id(x) not in on_path or rule is None:
            continue
        share = None if g is None else share_of(operation, position, g, node, node.inputs, node.settings)
        if id(x) in found:
            before = found[id(x)]
            share = None if before is None or share is None else before + share
        found[id(x)] = share
