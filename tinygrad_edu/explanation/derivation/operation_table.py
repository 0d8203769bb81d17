"""Every operation with its formula, its rules, conventions at kinks and domain: all computed from the rules."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.explanation.derivation.domain import domain, kink
from tinygrad_edu.explanation.derivation.page import html_page, latex_page, markdown_page, text_page
from tinygrad_edu.explanation.derivation.page.blocks import Block, Line, Math, Sentence, Table
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.index import ARRAY
from tinygrad_edu.symbolic.differentiate import share_of
from tinygrad_edu.symbolic.expression import Expression, symbol
from tinygrad_edu.symbolic.simplification.simplify import simplify

_ROWS: dict[str, Any] = {"dims": (1,), "keepdim": True}

# How each operation that is not elementwise is called in the table: the shapes of its inputs, and its settings.
EXAMPLES: dict[str, tuple[list[tuple[int, ...]], dict[str, Any]]] = {
    **dict.fromkeys(("sum", "mean", "amax", "amin", "logsumexp"), ([(2, 3)], _ROWS)),
    **dict.fromkeys(("softmax", "log_softmax"), ([(2, 3)], {"dim": 1})),
    "reshape": ([(2, 3)], {"shape": (6,)}),
    "permute": ([(2, 3)], {"dims": (1, 0)}),
    "expand": ([(1, 3)], {"shape": (2, 3)}),
    "cast": ([(2, 3)], {"dtype": np.dtype(np.float32)}),
    "cat": ([(2, 3), (4, 3)], {"dim": 0}),
    "take": ([(2, 3), (2,)], {"index": ARRAY}),
    "scatter": ([(2, 3), (2,)], {"index": ARRAY, "shape": (4, 3)}),
    "matmul": ([(2, 3), (3, 4)], {}),
    "linear": ([(2, 3), (4, 3), (4,)], {}),
    "column_sums": ([(2, 3)], {}),
    "cross_entropy": ([(2, 3), (2, 3), ()], {"dim": 1}),
}
_LETTERS = {"where": "cxy", "linear": "xwb", "cross_entropy": "ztn", "take": "xi", "scatter": "xi"}
_WRITERS = {
    "text": text_page.page,
    "markdown": markdown_page.page,
    "latex": latex_page.document,
    "html": html_page.page,
}


def operation_table(format: str = "markdown") -> str:  # noqa: A002 - what everybody calls it
    """Every differentiable operation: formula, what its rules make of the gradient g, kinks, domain.

    `format`: "markdown", "latex" (a document), "html" (a page) or "text".
    """
    rows = tuple(_row(name, op) for name, op in OPERATIONS.items() if op.differentiable)
    header = ("operation", "formula", "gradient of each input", "at kinks", "domain")
    words = (
        "g is the gradient of the result, which is y, or z if there are two inputs x and y; of an input repeated by "
        "broadcasting, the engine sums the gradient."
    )
    return _written(format, "Operations and their derivatives", (Sentence((words,)), Table(header, rows)))


def conventions(format: str = "text") -> str:  # noqa: A002
    """What is taken as the derivative where there is none, found by running the rules there."""
    rows = tuple((name, kink(op)) for name, op in OPERATIONS.items() if op.differentiable)
    table = Table(("operation", "convention"), tuple(((name,), (words,)) for name, words in rows if words))
    return _written(format, "Conventions at kinks", (table,))


def _written(kind: str, title: str, blocks: tuple[Block, ...]) -> str:
    if kind not in _WRITERS:
        raise ValueError(f"the table needs format {', '.join(map(repr, _WRITERS))}, got {kind!r}")
    return _WRITERS[kind](title, blocks)


def called(name: str, op: Operation) -> Expression:
    """The operation on symbols."""
    shapes: list[tuple[int, ...]] = [()] * len(op.rules) if isinstance(op, Elementwise) else EXAMPLES[name][0]
    settings = {} if isinstance(op, Elementwise) else EXAMPLES[name][1]
    letters = _LETTERS.get(name, "xyz")
    inputs = [symbol(x, shape, mask=x == "c") for x, shape in zip(letters, shapes, strict=False)]
    result: Expression = op(*inputs, **settings)
    return result


def rule_texts(name: str, op: Operation) -> list[tuple[Expression, Expression | None]]:
    """Each input that has a rule, and what the rule makes of g."""
    node = called(name, op)
    g = symbol("g", node.shape)
    letter = "z" if len(node.inputs) > 1 else "y"
    result = symbol("L" if any(x.name == letter for x in node.inputs) else letter, node.shape)
    found = []
    for position, (x, rule) in enumerate(zip(node.inputs, op.rules)):
        if rule is not None and not (op.name in ("take", "scatter") and position):
            share = share_of(op, position, g, result, node.inputs, node.settings)
            found.append((x, None if share is None else simplify(share, rearrange=False)))
    return found


def _row(name: str, op: Operation) -> tuple[Line, ...]:
    rules: list[Any] = []
    for x, share in rule_texts(name, op):
        rules += [", "] if rules else []
        rules += [Math((x,)), ": ", "(no formula)" if share is None else Math((share,))]
    return ((name,), (Math((_defining(name, op),)),), tuple(rules), (kink(op),), (domain(op),))


def _defining(name: str, op: Operation) -> Expression:
    node = called(name, op)
    return simplify(node, rearrange=False) if name in ("linear", "cross_entropy", "mean") else node
