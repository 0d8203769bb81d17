"""Parts of a formula as blocks of text, how wide they are, and where a line too wide for a page is broken."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tinygrad_edu.explanation.derivation.page.blocks import Line, Numbers, Sign, Words
from tinygrad_edu.explanation.derivation.shown_numbers import rows
from tinygrad_edu.symbolic.writers.text_writer import text

MAX_COLUMNS = 100  # of a line; a printed page holds as many
MIN_COLUMNS = 4  # right of the first sign before a line is broken
Box = list[str]  # lines of one width


def flat(part: Any) -> str:
    """A part other than a matrix, on one line."""
    return (
        f" {part.text} " if isinstance(part, Sign) else part.text if isinstance(part, Words) else text(part)
    )


def box(part: Any) -> Box:
    """A part as a block of lines."""
    if not isinstance(part, Numbers):
        return [flat(part)]
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


def beside(left: Box, right: Box) -> Box:
    """Two blocks side by side, centred."""
    high = max(len(left), len(right))
    left, right = _centred(left, high), _centred(right, high)
    return [a + b for a, b in zip(left, right, strict=True)]


def _centred(lines: Box, high: int) -> Box:
    blank = " " * len(lines[0])
    above = (high - len(lines)) // 2
    return [blank] * above + lines + [blank] * (high - len(lines) - above)


def first_sign(line: Line) -> int:
    """The index of the first sign of a line, at which lines are aligned; 0 if there is none."""
    return next((i for i, part in enumerate(line) if isinstance(part, Sign)), 0)


def width(parts: Iterable[Any]) -> int:
    """The columns that parts take side by side."""
    return sum(len(box(part)[0]) for part in parts)


def broken(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines of a formula; lines that are too wide are broken before signs."""
    lines = tuple(lines)
    start = max((width(line[: first_sign(line)]) for line in lines), default=0)
    return tuple(piece for line in lines for piece in _broken(line, start))


def _broken(line: Line, start: int) -> list[Line]:
    """`start`: the column of the first sign."""
    signs = [i for i, part in enumerate(line) if isinstance(part, Sign)]
    if not signs:
        return [line]
    pieces: list[Line] = []
    current, wide = line[: signs[0]], start
    for i, end in zip(signs, [*signs[1:], len(line)], strict=True):
        more = width(line[i:end])
        if wide > start + MIN_COLUMNS and wide + more > MAX_COLUMNS:
            pieces.append(current)
            current, wide = (), start
        current, wide = (*current, *line[i:end]), wide + more
    return [*pieces, current]
