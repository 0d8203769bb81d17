"""A node in one line, for pictures of many nodes: operation, name, shape, and the numbers as small coloured cells.

A single number is written out. The numbers of an array stand in the tooltip.
"""

from __future__ import annotations

from html import escape
from math import fsum

from tinygrad_edu.viz.drawing.cards import (
    NUMBER,
    SMALL,
    Card,
    Grid,
    frame,
    handle,
    handled,
    mark,
    n,
    rectangle,
    text,
    tooltip,
)
from tinygrad_edu.viz.drawing.colours import Theme, cell_colours
from tinygrad_edu.viz.drawing.number_cells import Cells
from tinygrad_edu.viz.drawing.text_width import clean, cut, width
from tinygrad_edu.viz.graph.graph_model import DrawnNode

HEIGHT, LINE, SIDE = 30.0, 14.0, 8.0
NAME, SIGN = 13.0, 12.0  # font sizes
PILL = 20.0  # height
BETWEEN = 6.0
THUMBNAIL, MAX_CELL, WRITTEN = 20.0, 8.0, 17.0  # height of a block, side of a cell, height of a number
MAX_NAME_WIDTH, MAX_SIGN_WIDTH, MAX_LINE_WIDTH = 120.0, 140.0, 190.0


def measure(node: DrawnNode) -> Card:
    """The card of `node` in one line; a folded module has a second one."""
    name = cut(clean(node.name), MAX_NAME_WIDTH, NAME, bold=True)
    grids = tuple(
        _grid(cells) for cells in (node.value, node.gradient if node.value else None) if cells is not None
    )
    if node.value is not None and node.awaits_gradient and node.gradient is None:
        grids += (Grid(None, "", grids[0].cell_width, grids[0].columns, grids[0].rows, grids[0].width),)
    shape = node.shape_text if node.shape or node.dtype != "float64" else ""
    since = "moved since" if node.now else "value now" if node.overwritten else ""
    shape = " · ".join(filter(None, (shape, since)))
    lines = tuple(cut(line, MAX_LINE_WIDTH, SMALL) for line in node.inside)
    parts = [width(name, NAME, bold=True), pill_width(_sign(node)) if node.operation else 0.0]
    parts += [width(shape, SMALL), *(grid.width for grid in grids)]
    texts = fsum(part + BETWEEN for part in parts if part) - BETWEEN
    inner = max([texts, *(width(line, SMALL) for line in lines)])
    return Card(node, name, "", shape, lines, grids, inner + 2 * SIDE, HEIGHT + LINE * len(lines))


def _sign(node: DrawnNode) -> str:
    return cut(clean(node.sign), MAX_SIGN_WIDTH, SIGN, bold=True)


def pill_width(sign: str) -> float:
    """The width of the pill with this sign."""
    return max(22.0, width(sign, SIGN, bold=True) + 12)


def _grid(cells: Cells) -> Grid:
    if not cells.rows:
        return Grid(cells, "", 0.0, 0, 0, 0.0)
    rows, columns = len(cells.rows), len(cells.rows[0])
    if rows == columns == 1 and not cells.note:
        wide = max(width(cells.texts[0][0], NUMBER) + 8, WRITTEN)
        return Grid(cells, "", wide, 1, 1, wide)
    cell = min(THUMBNAIL / rows, MAX_CELL)
    return Grid(cells, "", cell, columns, rows, cell * columns)


def paint(card: Card, x: float, y: float, theme: Theme) -> str:
    """The SVG of `card` with its top left corner at (x, y); the pill is a part of its own, for the page to find."""
    node, left, middle = card.node, x + SIDE, y + HEIGHT / 2
    parts, pill = [frame(card, x, y, theme)], ""
    if node.operation:
        pill = handled("pill", node.id, _pill(_sign(node), left, middle, theme), theme)
        left += pill_width(_sign(node)) + BETWEEN
    parts.append(text(left, middle + 4.5, card.name, NAME, theme.ink, bold=True))
    left += width(card.name, NAME, bold=True) + BETWEEN
    if card.shape:
        parts.append(text(left, middle + 4.5, card.shape, SMALL, theme.soft))
    right = x + card.width - SIDE - fsum(grid.width for grid in card.grids) - BETWEEN * (len(card.grids) - 1)
    for i, grid in enumerate(card.grids):
        parts.append(_paint_grid(grid, right, middle, theme, is_gradient=i == 1))
        right += grid.width + BETWEEN
    for i, line in enumerate(card.lines):
        parts.append(text(x + SIDE, y + HEIGHT + LINE * i + 5, line, SMALL, theme.soft))
    if node.marked:
        parts.append(mark(card, x, y, theme))
    title = f"<title>{escape(_hint(card, theme))}</title>"
    return f"<g{handle('card', node.id, theme)}>{title}{''.join(parts)}</g>{pill}"


def _hint(card: Card, theme: Theme) -> str:
    """The tooltip with the numbers; the page shows them itself."""
    if theme.handles:
        return tooltip(card.node)
    written = [
        "\n".join([word, *("  ".join(row) for row in grid.cells.texts), grid.cells.note]).rstrip()
        for word, grid in zip((card.node.value_caption, "gradient"), card.grids, strict=False)
        if grid.cells is not None and grid.columns * grid.rows > 1
    ]
    return "\n".join([tooltip(card.node), *written])


def _pill(sign: str, x: float, middle: float, theme: Theme) -> str:
    wide = pill_width(sign)
    shape = rectangle(x, middle - PILL / 2, wide, PILL, f'fill="{theme.pill}"', radius=PILL / 2)
    return shape + text(x + wide / 2, middle + 4, sign, SIGN, theme.pill_ink, anchor="middle", bold=True)


def _paint_grid(grid: Grid, x: float, middle: float, theme: Theme, *, is_gradient: bool) -> str:
    written = grid.columns == grid.rows == 1 and grid.cell_width >= WRITTEN
    high = WRITTEN if written else grid.cell_width
    top = middle - high * grid.rows / 2
    if theme.handles:  # the page paints the cells
        place = f"{n(x)} {n(top)} {grid.cell_width:.4g} {grid.columns} {grid.rows} {high:.4g}"
        return f"<g{handle('gradients' if is_gradient else 'values', place, theme)}/>"
    if grid.cells is None:
        dashes = f'fill="none" stroke="{theme.soft}" stroke-dasharray="2 2"'
        return rectangle(x + 0.5, top + 0.5, grid.width - 1, high * grid.rows - 1, dashes, radius=2)
    colours = cell_colours(grid.cells, theme, is_gradient=is_gradient)
    if written:
        content, fill, ink = colours[0][0]
        box = rectangle(x, top, grid.width, high, f'fill="{fill}"', radius=2)
        return box + text(x + grid.width / 2, middle + 4, content, NUMBER, ink, anchor="middle")
    return _rows(colours, grid, x, top)


def _rows(colours: list[list[tuple[str, str, str]]], grid: Grid, x: float, top: float) -> str:
    """Cells as wide lines, one path for each colour: a thumbnail has no texts."""
    places: dict[str, list[str]] = {}
    side = grid.cell_width
    for i, row in enumerate(colours[: grid.rows]):
        for j, (_, fill, _) in enumerate(row[: grid.columns]):
            places.setdefault(fill, []).append(
                f"M{n(x + j * side)} {n(top + i * side)}h{n(side)}v{n(side)}h-{n(side)}z"
            )
    return "".join(f'<path d="{"".join(cells)}" fill="{fill}"/>' for fill, cells in places.items())
