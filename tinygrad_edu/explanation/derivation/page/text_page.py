"""A derivation for a terminal: matrices stand beside each other as blocks of lines."""

from __future__ import annotations

import functools
import textwrap

from tinygrad_edu.explanation.derivation.page.blocks import Block, Code, Heading, Line, Math, Sentence, Table
from tinygrad_edu.explanation.derivation.page.text_boxes import (
    MAX_COLUMNS,
    Box,
    beside,
    box,
    broken,
    first_sign,
    flat,
)
from tinygrad_edu.text.words import clean_words

_WRAPPER = textwrap.TextWrapper(
    MAX_COLUMNS, initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
)


def page(title: str, blocks: tuple[Block, ...]) -> str:
    """The whole page, ending with a line break."""
    return "\n".join([title, "=" * len(title), *(line for block in blocks for line in _block(block))]) + "\n"


def _block(block: Block) -> list[str]:
    if isinstance(block, Heading):
        words = sentence(block.parts)
        return ["", words, "-" * len(words)] if block.level == 1 else ["", words]
    if isinstance(block, Sentence):
        return _WRAPPER.wrap(sentence(block.parts))
    if isinstance(block, Code):
        return ["    " + line for line in block.text.splitlines()]
    if isinstance(block, Table):
        return ["", *_table(block)]
    return [("  " + line).rstrip() for line in _formula(block.lines)]


def _formula(lines: tuple[Line, ...]) -> Box:
    """Lines below each other, aligned at their first sign."""
    pieces = broken(lines)
    heads = ["".join(map(flat, line[: first_sign(line)])) for line in pieces]
    wide = max(map(len, heads))
    return [row for head, line in zip(heads, pieces, strict=True) for row in _row(head.rjust(wide), line)]


def _row(start: str, line: Line) -> Box:
    return functools.reduce(beside, map(box, line[first_sign(line) :]), [start])


def sentence(parts: Line) -> str:
    """A sentence of words and formulas on one line."""
    return "".join(
        "".join(flat(p) for p in part.parts) if isinstance(part, Math) else clean_words(part)
        for part in parts
    )


def _table(table: Table) -> list[str]:
    texts = [list(table.header), *([sentence(cell) for cell in row] for row in table.rows)]
    widths = [max(len(row[j]) for row in texts) for j in range(len(table.header))]
    lines = ["  ".join(x.ljust(n) for x, n in zip(row, widths, strict=True)).rstrip() for row in texts]
    return [lines[0], "  ".join("-" * n for n in widths), *lines[1:]]
