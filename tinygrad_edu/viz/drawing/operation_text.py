"""Operations and their derivative rules written out, in the signs of the program.

A symbol passed through a rule gives the formula of that rule, so a picture cannot disagree with the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.engine.readings import Shape
from tinygrad_edu.symbolic.differentiate import share_of
from tinygrad_edu.symbolic.expression import Expression
from tinygrad_edu.symbolic.simplification.simplify import simplify
from tinygrad_edu.symbolic.writers.said_settings import summed
from tinygrad_edu.symbolic.writers.text_writer import constant, program
from tinygrad_edu.text.notation import function

_SIGNS = {
    "sum": "+", "difference": "−", "product": "×", "quotient": "÷", "matrix_product": "@", "minus": "−", "power": "^",
    "root": "√", "bars": "|x|", "total": "Σ", "transpose": "ᵀ", "elements": "[ ]",
    "replaced": "[ ← ]",
}  # fmt: skip
_BETWEEN = {"sum", "difference", "product", "quotient", "matrix_product", "power", "comparison"}


def expression(operation: Operation, inputs: Sequence[Any], settings: dict[str, Any], shape: Shape) -> str:
    """`X @ W1`: the operation written out, for symbols and plain numbers; `shape` is that of the result."""
    return program(Expression(shape=shape, operation=operation, inputs=tuple(inputs), settings=settings))


def pill(operation: Operation, inputs: Sequence[Any], settings: dict[str, Any]) -> str:
    """The sign of the operation, with its plain numbers: `@`, `1 ÷`, `+ 1`, `σ`, `Σ rows`."""
    form, name, _ = operation.readings.notation or function(operation.name)
    sign = _SIGNS.get(form) or name or operation.name
    if form in ("total", "along"):
        sign = f"{sign} {summed(inputs[0].shape, settings.get('dims', (0,)))}".strip()
    if len(inputs) == 2 and form in _BETWEEN:
        before, after = ("" if isinstance(x, Expression) else constant(x) for x in inputs)
        return f"{before} {sign} {after}".strip()
    return sign


def local_derivative(
    operation: Operation, position: int, result: Expression, inputs: Sequence[Any], settings: dict[str, Any]
) -> str:
    """The share of the input at `position` in the gradient `g` of the result, by its rule: `g @ W2ᵀ`.

    Empty where the rule does something a text cannot follow.
    """
    share = share_of(operation, position, Expression("g", result.shape), result, inputs, settings)
    return "" if share is None else program(simplify(share, rearrange=False))
