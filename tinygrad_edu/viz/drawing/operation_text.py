"""Operations and their derivative rules written out, in the signs of the program.

A symbol passed through a rule gives the formula of that rule, so a picture cannot disagree with the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import OPERATIONS, elementwise, index, linalg, reduce, shape
from tinygrad_edu.symbolic.differentiate import share_of
from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.symbolic.shape_rules import Shape
from tinygrad_edu.symbolic.simplification.simplify import simplify
from tinygrad_edu.symbolic.writers.text_writer import constant, program
from tinygrad_edu.symbolic.writers.writer import ALONG, COMPARED, FUNCTIONS, summed

_BETWEEN = {
    elementwise.add: "+",
    elementwise.subtract: "−",
    elementwise.multiply: "×",
    elementwise.divide: "÷",
    linalg.matmul: "@",
    elementwise.power: "^",
    **{OPERATIONS[name]: sign for name, sign in COMPARED.items()},
}
_SIGNS = {
    **{OPERATIONS[name]: sign for name, sign in FUNCTIONS.items()},
    **_BETWEEN,
    elementwise.negative: "−",
    elementwise.absolute: "|x|",
    reduce.sum: "Σ",
    linalg.column_sums: "Σ rows",
    shape.permute: "ᵀ",
    index.take: "[ ]",
}
_ALONG = {reduce.sum, *(OPERATIONS[name] for name in ALONG)}


def expression(operation: Operation, inputs: Sequence[Any], settings: dict[str, Any], size: Shape) -> str:
    """`X @ W1`: the operation written out, for symbols and plain numbers; `size` is the shape of the result."""
    return program(Expression(shape=size, operation=operation, inputs=tuple(inputs), settings=settings))


def pill(operation: Operation, inputs: Sequence[Any], settings: dict[str, Any]) -> str:
    """The sign of the operation, with its plain numbers: `@`, `1 ÷`, `+ 1`, `σ`, `Σ rows`."""
    sign = _SIGNS.get(operation, operation.name)
    if operation in _ALONG:
        sign += summed(inputs[0].shape, settings["dims"])
    if operation in _BETWEEN:
        before, after = ("" if isinstance(x, Expression) else constant(x) for x in inputs)
        return f"{before} {sign} {after}".strip()
    return sign


def local_derivative(
    operation: Operation, position: int, result: Expression, inputs: Sequence[Any], settings: dict[str, Any]
) -> str:
    """What the rule of the input at `position` makes of the gradient `g` of the result: `g @ W2ᵀ`.

    Empty where the rule does something a text cannot follow.
    """
    share = share_of(operation, position, Expression("g", result.shape), result, inputs, settings)
    return "" if share is None else program(simplify(share, rearrange=False))
