"""Every operation with its formula, its rules, conventions at kinks and domain: all computed from the rules."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.explanation.derivation.compositions import composed_kinks
from tinygrad_edu.explanation.derivation.known_readings import READINGS, readings_of
from tinygrad_edu.explanation.derivation.page import html_page, latex_page, markdown_page, text_page
from tinygrad_edu.explanation.derivation.page.blocks import Block, Heading, Line, Math, Sentence, Table
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


SIGNS = (
    (
        "X · δ",
        "the product of matrices, or with a single number; a vector to the right of it counts as a column",
    ),
    ("g ⊙ h", "number by number; a row or column is repeated"),
    ("u ⊗ v", "all products of two vectors, as a matrix"),
    ("v, vᵀ", "a vector is a row where it meets a matrix, and vᵀ the column"),
    ("Σ x", "the sum of all numbers; Σ applies to the one factor behind it"),
    ("Σ rows x, Σ columns x", "all rows of a matrix added up, or all columns: a row, or a column"),
    ("Σ dim 1 x", "the sum along dimension 1 of more than two, which stays with the size 1"),
    ("softmax(z)", "within each row; softmax(z, dim=0) along that dimension"),
    ("onehot(y)", "1 in the column of each class number, else 0; as many columns as there are classes"),
    ("max(x, dim=1)", "the greatest along a dimension, which stays with the size 1"),
    ("[x > y]", "1 where that holds, else 0"),
    ("x[0 ← y], x[i += y]", "x with y in place of x[0]; x with y added to x[i], as often as i names a place"),
    ("x repeated", "x in every row, column or place of the left side"),
    ("with s = ...", "a name for a part of the formula above"),
)


def conventions(format: str = "text") -> str:  # noqa: A002
    """How formulas are read; and the derivative taken at kinks, where none exists, found by running the rules."""
    rows = {name: kink(op) for name, op in OPERATIONS.items() if op.differentiable} | composed_kinks()
    lines = tuple(((name,), (words,)) for name, words in rows.items() if words)
    signs = Table(("formula", "meaning"), tuple(((sign,), (words,)) for sign, words in SIGNS))
    blocks = (
        Heading(("In formulas",)),
        signs,
        Heading(("At kinks",)),
        Table(("operation", "convention"), lines),
    )
    return _written(format, "Conventions", blocks)


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
    return ((name,), (Math((defining(op),)),), tuple(rules), (kink(op),), (domain(op),))


def defining(op: Operation) -> Expression:
    """The formula of an operation: its name applied to symbols, or the formula that it stands for."""
    node = on_symbols(op)
    written_out = op.readings.paper and not op.readings.keeps_name
    return simplify(node, rearrange=False) if written_out else node
