"""A derivation in Markdown, with LaTeX between dollar signs for notebooks and GitHub."""

from __future__ import annotations

from tinygrad_edu.explanation.derivation.page.blocks import Block, Code, Heading, Line, Math, Sentence, Table
from tinygrad_edu.explanation.derivation.page.latex_page import aligned, line
from tinygrad_edu.text.words import clean_words

_SPECIAL = str.maketrans({sign: "\\" + sign for sign in "\\`*_{}[]<>#|$~&!"})


def page(title: str, blocks: tuple[Block, ...]) -> str:
    """The whole page."""
    return f"# {escaped(title)}\n" + "".join("\n" + _block(block) for block in blocks)


def escaped(words: str) -> str:
    """Plain words, in which no character means anything to Markdown."""
    return clean_words(words).translate(_SPECIAL)


def _block(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * (block.level + 1)} {sentence(block.parts)}\n"
    if isinstance(block, Sentence):
        return sentence(block.parts) + "\n"
    if isinstance(block, Code):
        return f"```\n{block.text}\n```\n"
    if isinstance(block, Table):
        return _table(block)
    return f"$$\n{aligned(block.lines)}\n$$\n"


def sentence(parts: Line, bar: str = r"\|") -> str:
    """A sentence of words and formulas; `bar` in place of a bar, which would end the cell of a table."""
    return "".join(
        f"${line(part.parts).replace('|', bar)}$" if isinstance(part, Math) else escaped(part)
        for part in parts
    )


def _table(table: Table) -> str:
    rows = [" | ".join(map(escaped, table.header)), " | ".join(["---"] * len(table.header))]
    rows += [" | ".join(sentence(cell, r"\vert ") for cell in row) for row in table.rows]
    return "".join(f"| {row} |\n" for row in rows)
