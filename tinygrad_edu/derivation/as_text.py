"""A derivation for a terminal: matrices stand beside each other as blocks of lines."""

from __future__ import annotations

from typing import Any

from tinygrad_edu.derivation.document import Block, Heading, Line, Math, Numbers, Sentence, Sign, Table, Words
from tinygrad_edu.derivation.numbers import rows
from tinygrad_edu.notation import clean
from tinygrad_edu.symbolic.text import text

WIDEST = 100  # columns; a longer line is broken before a sign
Box = list[str]  # lines of one width


def page(title: str, blocks: tuple[Block, ...]) -> str:
    """All of it, ending with a line break."""
    return "\n".join([title, "=" * len(title), *(line for block in blocks for line in _block(block))]) + "\n"


def _block(block: Block) -> list[str]:
    if isinstance(block, Heading):
        words = sentence(block.parts)
        return ["", words, "-" * len(words)] if block.level == 1 else ["", words]
    if isinstance(block, Sentence):
        return ["  " + sentence(block.parts)]
    if isinstance(block, Table):
        return ["", *_table(block)]
    return [("  " + line).rstrip() for line in _formula(block.lines)]


def _formula(lines: tuple[Line, ...]) -> list[str]:
    """Lines below each other, aligned at their first sign."""
    left = [next((i for i, part in enumerate(line) if isinstance(part, Sign)), 0) for line in lines]
    heads = ["".join(map(_flat, line[:i])) for line, i in zip(lines, left, strict=True)]
    wide = max(map(len, heads))
    starts = [head.rjust(wide) for head in heads]
    rows_of_parts = zip(starts, lines, left, strict=True)
    return [line for start, parts, i in rows_of_parts for line in _line(start, parts[i:])]


def sentence(parts: Line) -> str:
    """Words and formulas on one line."""
    return "".join(
        "".join(_flat(p) for p in part.parts) if isinstance(part, Math) else clean_words(part)
        for part in parts
    )


def clean_words(words: str) -> str:
    """Words that may hold a name, on one line; the blanks at their ends stay."""
    inner = clean(words)
    return (
        words[: len(words) - len(words.lstrip(" "))] + inner + (" " if words.endswith(" ") and inner else "")
    )


def _flat(part: Any) -> str:
    return (
        f" {part.text} " if isinstance(part, Sign) else part.text if isinstance(part, Words) else text(part)
    )


def _line(start: str, parts: Line) -> list[str]:
    """The lines of one line of a formula: its parts side by side, broken where it grows too wide."""
    lines: list[str] = []
    current: Box = [start]
    for i, part in enumerate(parts):
        box = _box(part)
        if isinstance(part, Sign) and len(current[0]) > len(start) + 4:
            ahead = len(_box(parts[i + 1])[0]) if i + 1 < len(parts) else 0
            if len(current[0]) + len(box[0]) + ahead > WIDEST:
                lines += current
                current = [" " * len(start)]
        current = _beside(current, box)
    return lines + current


def _box(part: Any) -> Box:
    if not isinstance(part, Numbers):
        return [_flat(part)]
    cells = rows(part.array, part.digits)
    if part.array.ndim == 0:
        return [cells[0][0].replace("-", "−")]
    widths = [max(len(row[j]) for row in cells) for j in range(len(cells[0]))] if cells and cells[0] else []
    lines = [
        "  ".join(x.rjust(n) for x, n in zip(row, widths, strict=True)).replace("-", "−") for row in cells
    ]
    if len(lines) <= 1:
        return [f"[ {lines[0] if lines else ''} ]"]
    edges = [("⎡", "⎤"), *[("⎢", "⎥")] * (len(lines) - 2), ("⎣", "⎦")]
    return [f"{left} {line} {right}" for line, (left, right) in zip(lines, edges, strict=True)]


def _beside(left: Box, right: Box) -> Box:
    high = max(len(left), len(right))
    left, right = _centred(left, high), _centred(right, high)
    return [a + b for a, b in zip(left, right, strict=True)]


def _centred(box: Box, high: int) -> Box:
    blank = " " * len(box[0])
    above = (high - len(box)) // 2
    return [blank] * above + box + [blank] * (high - len(box) - above)


def _table(table: Table) -> list[str]:
    texts = [list(table.header), *([sentence(cell) for cell in row] for row in table.rows)]
    widths = [max(len(row[j]) for row in texts) for j in range(len(table.header))]
    lines = ["  ".join(x.ljust(n) for x, n in zip(row, widths, strict=True)).rstrip() for row in texts]
    return [lines[0], "  ".join("-" * n for n in widths), *lines[1:]]
