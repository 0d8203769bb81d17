"""Every operation with its formula, its rules, conventions at kinks and domain: all computed from the rules."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.explanation.derivation.compositions import composed_kinks
from tinygrad_edu.explanation.derivation.known_readings import READINGS, readings_of
from tinygrad_edu.explanation.derivation.page import html_page, latex_page, markdown_page, text_page
from tinygrad_edu.explanation.derivation.page.blocks import Block, Line, Math, Sentence, Table
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.domain import domain, kink
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.examples import example
from tinygrad_edu.symbolic.differentiate import share_of
from tinygrad_edu.symbolic.expression import Expression, symbol
from tinygrad_edu.symbolic.simplification.simplify import simplify

_WRITERS = {
    "text": text_page.page,
    "markdown": markdown_page.page,
    "latex": latex_page.document,
    "html": html_page.page,
}


def operation_table(format: str = "markdown") -> str:  # noqa: A002 - what everybody calls it
    """Every differentiable operation: formula, rules applied to a gradient g, kinks, domain; the readings of all.

    A reading is stated beside the operation, derived, given by simpler operations ("on paper"), or missing.
    `format`: "markdown", "latex" (a document), "html" (a page) or "text".
    """
    differentiable = {name: op for name, op in OPERATIONS.items() if op.differentiable}
    rows = tuple(_row(name, op) for name, op in differentiable.items())
    known = tuple(tuple((x,) for x in (name, *readings_of(op).values())) for name, op in OPERATIONS.items())
    header = ("operation", "formula", "gradient of each input", "at kinks", "domain")
    words = (
        "g is the gradient of the result, which is y, or z if there are two inputs x and y; of an input repeated by "
        "broadcasting, the engine sums the gradient."
    )
    readings = (
        "What else is known of each: stated beside the operation, derived from it, on paper (by simpler operations), "
        "or missing (—)."
    )
    blocks = (
        *(Sentence((words,)), Table(header, rows)),
        *(Sentence((readings,)), Table(("operation", *READINGS), known)),
    )
    return _written(format, "Operations and their derivatives", blocks)


def conventions(format: str = "text") -> str:  # noqa: A002
    """The derivative that is taken at kinks, where none exists, found by running the rules there."""
    rows = {name: kink(op) for name, op in OPERATIONS.items() if op.differentiable} | composed_kinks()
    lines = tuple(((name,), (words,)) for name, words in rows.items() if words)
    table = Table(("operation", "convention"), lines)
    return _written(format, "Conventions at kinks", (table,))


def _written(kind: str, title: str, blocks: tuple[Block, ...]) -> str:
    if kind not in _WRITERS:
        raise ValueError(f"the table needs format {', '.join(map(repr, _WRITERS))}, got {kind!r}")
    return _WRITERS[kind](title, blocks)


def on_symbols(op: Operation) -> Expression:
    """The operation on symbols: single numbers, or in the shapes of its example."""
    inputs, settings = example(op, 2)
    shapes = [() if isinstance(op, Elementwise) else x.shape for x in inputs]
    names = [name.lstrip("*")[0] for name in op.input_names]
    letters = names if len(names) >= len(inputs) else "xyz"  # one name may stand for several inputs
    symbols = (symbol(x, shape, mask=x == "c") for x, shape in zip(letters, shapes))
    result: Expression = op(*symbols, **settings)
    return result


def rule_texts(op: Operation) -> list[tuple[Expression, Expression | None]]:
    """Each input that has a rule, and the gradient that the rule makes of g."""
    node = on_symbols(op)
    g = symbol("g", node.shape)
    letter = "z" if len(node.inputs) > 1 else "y"
    result = symbol("L" if any(x.name == letter for x in node.inputs) else letter, node.shape)
    found = []
    for position, (x, rule) in enumerate(zip(node.inputs, op.rules)):
        if rule is not None:
            share = share_of(op, position, g, result, node.inputs, node.settings)
            found.append((x, None if share is None else simplify(share, rearrange=False)))
    return found


def _row(name: str, op: Operation) -> tuple[Line, ...]:
    rules: list[Any] = []
    for x, share in rule_texts(op):
        rules += [", "] if rules else []
        rules += [Math((x,)), ": ", "(no formula)" if share is None else Math((share,))]
    return ((name,), (Math((_defining(op),)),), tuple(rules), (kink(op),), (domain(op),))


def _defining(op: Operation) -> Expression:
    node = on_symbols(op)
    return simplify(node, rearrange=False) if op.readings.paper and op.readings.notation is None else node
