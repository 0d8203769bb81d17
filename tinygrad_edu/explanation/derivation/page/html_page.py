"""A derivation as an HTML page: formulas in MathML, light and dark, no scripts, no files from outside."""

from __future__ import annotations

from html import escape
from typing import Any

from tinygrad_edu.explanation.derivation.page.blocks import (
    Block,
    Code,
    Heading,
    Line,
    Math,
    Numbers,
    Sentence,
    Sign,
    Table,
    Words,
    parts_of,
)
from tinygrad_edu.explanation.derivation.page.text_boxes import broken
from tinygrad_edu.explanation.derivation.shown_numbers import rows
from tinygrad_edu.symbolic.writers.mathml_writer import mathml
from tinygrad_edu.text import mathml as m
from tinygrad_edu.text.mathml import Markup
from tinygrad_edu.text.words import clean_words

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
STYLE = """
.derivation { font: 16px/1.55 Georgia, "Times New Roman", serif; color: #1c1c1c; max-width: 62rem; }
.derivation h1 { font-size: 1.6rem; font-weight: 600; margin: 0 0 1rem; }
.derivation h2 { font-size: 1.15rem; margin: 2rem 0 .6rem; padding-bottom: .2rem; border-bottom: 1px solid #b9b9b9; }
.derivation h3 { font-size: 1rem; font-weight: normal; margin: 1.5rem 0 .3rem; }
.derivation .formula { overflow-x: auto; margin: .5rem 0 .5rem 1.2rem; padding: .1rem 0; }
.derivation p { margin: .4rem 0 .4rem 1.2rem; color: #333; }
.derivation .lines > mtr > mtd { text-align: left; text-align: -webkit-left; padding: .35em .15em; }
.derivation .lines > mtr > mtd:first-child { text-align: right; text-align: -webkit-right; }
.derivation pre { margin: .4rem 0 .4rem 1.2rem; font-size: .85rem; white-space: pre-wrap; }
.derivation table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
.derivation th, .derivation td { text-align: left; padding: .4rem .8rem; border-bottom: 1px solid #d0d0d0; }
@media (prefers-color-scheme: dark) {
  .derivation { color: #e4e4e4; }
  .derivation p { color: #c4c4c4; }
  .derivation h2, .derivation th, .derivation td { border-color: #4c4c4c; }
}
"""
PAGE_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0; padding: 2.5rem 1.5rem; background: #fff; }
.derivation { margin: 0 auto; }
@media (prefers-color-scheme: dark) { body { background: #161616; } }
@media print { body { padding: 0; } }
"""


def page(title: str, blocks: tuple[Block, ...]) -> str:
    """A whole document."""
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        f"<title>{_words(title)}</title><style>{PAGE_STYLE}</style>"
    )
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n<body>\n{fragment(title, blocks)}</body></html>\n'


def fragment(title: str, blocks: tuple[Block, ...]) -> str:
    """The derivation with its style, for another page."""
    body = "\n".join(map(_block, blocks))
    return (
        f'<div class="derivation"><style>{m.STYLE}{STYLE}</style>\n<h1>{_words(title)}</h1>\n{body}\n</div>\n'
    )


def formulas(blocks: tuple[Block, ...]) -> str:
    """The formulas without the words between them."""
    found = parts_of(blocks)
    return "\n".join(_inline(part) if isinstance(part, Math) else _display(part.lines) for part in found)


def _words(text: str) -> str:
    return escape(clean_words(text))


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"<h{block.level + 1}>{_sentence(block.parts)}</h{block.level + 1}>"
    if isinstance(block, Sentence):
        return f"<p>{_sentence(block.parts)}</p>"
    if isinstance(block, Code):
        return f"<pre>{escape(block.text)}</pre>"
    if isinstance(block, Table):
        return _table(block)
    return f'<div class="formula">{_display(block.lines)}</div>'


def _sentence(parts: Line) -> str:
    return "".join(_inline(part) if isinstance(part, Math) else _words(part) for part in parts)


def _inline(part: Math) -> Markup:
    return m.math(m.row(*map(_part, part.parts)))


def _display(lines: tuple[Line, ...]) -> Markup:
    rows_of_cells = [
        m.tag("mtr", *(m.tag("mtd", m.row(*cell)) for cell in _cells(parts))) for parts in broken(lines)
    ]
    return m.math(m.tag("mtable", *rows_of_cells, class_="lines", displaystyle="true"), display=False)


def _cells(parts: Line) -> tuple[list[Markup], list[Markup]]:
    """The parts left of the first sign, and the others."""
    at = next((i for i, part in enumerate(parts) if isinstance(part, Sign)), len(parts))
    return [_part(p) for p in parts[:at]], [_part(p) for p in parts[at:]]


def _part(part: Any) -> Markup:
    if isinstance(part, Sign):
        return m.sign(part.text, lspace="0.3em", rspace="0.3em")
    if isinstance(part, Words):
        return Markup(f"<mtext>{_words(part.text).replace(' ', '&#160;')}</mtext>")
    return _matrix(part) if isinstance(part, Numbers) else mathml(part)


def _matrix(numbers: Numbers) -> Markup:
    cells = rows(numbers.array, numbers.digits)
    if numbers.array.ndim == 0:
        return m.number(cells[0][0])
    return m.table([[m.tag("mtd", m.sign(x) if x in "…⋮" else m.number(x)) for x in row] for row in cells])


def _table(table: Table) -> str:
    header = "".join(f"<th>{_words(words)}</th>" for words in table.header)
    body = "".join(
        "<tr>" + "".join(f"<td>{_sentence(c)}</td>" for c in row) + "</tr>\n" for row in table.rows
    )
    return f"<table><thead><tr>{header}</tr></thead><tbody>\n{body}</tbody></table>"
