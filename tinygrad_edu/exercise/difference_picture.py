"""A heat map of how far an answer is off: |yours - true|, number by number, as SVG."""

from __future__ import annotations

import html
from collections.abc import Iterator

import numpy as np

from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.viz.drawing.colours import LIGHT

CELL, MARGIN, TOP = 36, 30, 54  # pixels
MAX_NUMBERED = 16  # columns; in a wider array the cells are smaller and have no numbers
SMALL_CELL = 12
WRONG = "#D55E00"


def difference_picture(yours: Array, true: Array, name: str, tolerance: float) -> str:
    """The picture of an array of numbers; a vector is a row, and what is right within the tolerance is white.

    Only the first digit of a difference is written, so that the right numbers cannot be read off.
    """
    off = np.atleast_2d(np.abs(yours - true))
    off = off.reshape(-1, off.shape[-1])
    rows, columns = off.shape
    side = CELL if columns <= MAX_NUMBERED else SMALL_CELL
    wrong = int((off > tolerance).sum())
    title = (
        f"|yours − true| of {html.escape(name)}: {f'{wrong} of {off.size} wrong' if wrong else 'all right'}"
    )
    width = max(MARGIN + columns * side + 10, 250)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{TOP + rows * side + 10}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="100%" height="100%" fill="{LIGHT.page}"/>',
        f'<text x="10" y="18" font-size="13" fill="{LIGHT.ink}">{title}</text>',
        *_indices(rows, columns, side),
        *_cells(off, tolerance, side),
        "</svg>",
    ]
    return "\n".join(parts)


def _indices(rows: int, columns: int, side: int) -> Iterator[str]:
    """The number of each row and column, of small cells every fifth."""
    step = 1 if side == CELL else 5
    for j in range(0, columns, step):
        yield _text(MARGIN + (j + 0.5) * side, TOP - 8, str(j), LIGHT.soft)
    for i in range(0, rows, step):
        yield _text(MARGIN / 2, TOP + (i + 0.5) * side + 4, str(i), LIGHT.soft)


def _cells(off: Array, tolerance: float, side: int) -> Iterator[str]:
    largest = float(off.max(initial=0)) or 1.0
    for (i, j), difference in np.ndenumerate(off):
        x, y = MARGIN + j * side, TOP + i * side
        share = 0.15 + 0.85 * difference / largest if difference > tolerance else 0.0
        yield (
            f'<rect x="{x}" y="{y}" width="{side}" height="{side}" fill="{WRONG}" fill-opacity="{share:.2f}" '
            f'stroke="{LIGHT.line}" stroke-width="0.5"/>'
        )
        if share and side == CELL:
            yield _text(x + side / 2, y + side / 2 + 4, f"{difference:.0g}", LIGHT.ink)


def _text(x: float, y: float, text: str, colour: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="middle" fill="{colour}">{text}</text>'
