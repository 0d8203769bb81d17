"""One node as a card: name, expression and shape, the numbers, and beside them the gradient.

`measure` gives the size of a card before its place is known; `paint` draws the card at its place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from math import fsum

from tinygrad_edu.viz.drawing.colours import Theme, cell_colours
from tinygrad_edu.viz.drawing.number_cells import Cells
from tinygrad_edu.viz.drawing.text_width import clean, cut, cut_name, width
from tinygrad_edu.viz.graph.graph_model import DrawnNode, Graph

PAD = 11.0
HEADER = 27.0
CAPTION = 15.0
CELL = 18.0  # height
NOTE = 14.0
LINE = 15.0  # of what a folded module holds
BETWEEN = 14.0  # between value and gradient
PILED = 5  # by which the pile of a folded module stands out to the right and below
NAME, SMALL, NUMBER, TINY = 14.0, 11.0, 11.0, 10.0  # font sizes
HERE, FLAG = "the mistake is here", "here"
_RAISED = re.compile(
    "([ᵀ⁰⁴-⁹⁻]+)"
)  # not in Helvetica or Arial: some viewers would change font for the whole text
_PLAIN = str.maketrans("ᵀ⁰⁴⁵⁶⁷⁸⁹⁻", "T0456789−")
MAX_NAME_WIDTH, MAX_EXPRESSION_WIDTH, MAX_LINE_WIDTH = 170.0, 190.0, 260.0


@dataclass(frozen=True, slots=True)
class Grid:
    """A block of cells with a caption; without cells, the empty place of a gradient that is not computed."""

    cells: Cells | None
    caption: str
    cell_width: float
    columns: int
    rows: int
    width: float

    @property
    def height(self) -> float:
        """The height of the block with its caption and note."""
        return CAPTION + CELL * self.rows + (NOTE if self.cells and self.cells.note else 4)


@dataclass(frozen=True, slots=True)
class Card:
    """A node ready to be painted: its texts are cut, its size is known."""

    node: DrawnNode
    name: str
    expression: str
    shape: str
    lines: tuple[str, ...]  # what a folded module holds
    grids: tuple[Grid, ...]
    width: float
    height: float


def measure(node: DrawnNode, graph: Graph) -> Card:
    """The card of `node` of `graph`."""
    name = cut_name(clean(node.name), MAX_NAME_WIDTH, NAME, bold=True)
    expression = cut(f"= {node.expression}", MAX_EXPRESSION_WIDTH, SMALL) if node.expression else ""
    shape = node.shape_text
    lines = tuple(cut(line, MAX_LINE_WIDTH, SMALL) for line in node.inside)
    grids = _grids(node, graph)
    texts = width(name, NAME, bold=True) + width(shape, SMALL) + 18
    texts += width(expression, SMALL) + 7 if expression else 0
    texts = max([texts, *(width(line, SMALL) for line in lines)])
    inner = max(texts, fsum(grid.width for grid in grids) + BETWEEN * (len(grids) - 1))
    height = HEADER + LINE * len(lines) + (max(grid.height for grid in grids) + 7 if grids else 4)
    return Card(node, name, expression, shape, lines, grids, inner + 2 * PAD, height)


def _grids(node: DrawnNode, graph: Graph) -> tuple[Grid, ...]:
    if node.value is None:
        return ()
    value = _grid(node.value, node.value_caption)
    if not node.awaits_gradient:
        return (value,)
    caption = graph.gradient_caption(node)
    if node.gradient is not None:
        return value, _grid(node.gradient, caption)
    wide = max(value.width, width(caption, TINY))
    return value, Grid(None, caption, 0.0, value.columns, value.rows, wide)


def _grid(cells: Cells, caption: str) -> Grid:
    texts = cells.texts
    columns, rows = (len(texts[0]), len(texts)) if texts else (1, 1)
    cell = max([30.0] + [width(text, NUMBER) + 9 for row in texts for text in row])
    whole = max(cell * columns, width(caption, TINY) + 4, width(cells.note, TINY))
    return Grid(cells, caption, cell, columns, rows, whole)


def paint(card: Card, x: float, y: float, theme: Theme) -> str:
    """The SVG of `card` with its top left corner at (x, y)."""
    middle = y + 18.5
    name_end = x + PAD + width(card.name, NAME, bold=True)
    parts = [frame(card, x, y, theme), text(x + PAD, middle, card.name, NAME, theme.ink, bold=True)]
    if card.expression:
        parts.append(text(name_end + 7, middle, card.expression, SMALL, theme.soft))
    parts.append(text(x + card.width - PAD - 2, middle, card.shape, SMALL, theme.soft, anchor="end"))
    for i, line in enumerate(card.lines):
        parts.append(text(x + PAD, y + HEADER + LINE * i + 9, line, SMALL, theme.soft))
    left, top = x + PAD, y + HEADER + LINE * len(card.lines)
    free = card.width - 2 * PAD - fsum(g.width for g in card.grids) - BETWEEN * (len(card.grids) - 1)
    for i, grid in enumerate(card.grids):
        share = free / len(card.grids)
        parts.append(_paint_grid(grid, left + share / 2, top, theme, is_gradient=i == 1))
        left += grid.width + share + BETWEEN
    if card.node.marked:
        parts.append(mark(card, x, y, theme))
    return f"<g{handle('card', card.node.id, theme)}><title>{escape(tooltip(card.node))}</title>{''.join(parts)}</g>"


def handle(kind: str, of: str, theme: Theme) -> str:
    """Attributes by which a page finds a part of the picture: the card of `n3`, the line of `e0`."""
    return f' class="{kind}" data-of="{of}"' if theme.handles else ""


def handled(kind: str, of: str, content: str, theme: Theme) -> str:
    """`content` as a group that a page can find, if the theme has handles."""
    return f"<g{handle(kind, of, theme)}>{content}</g>" if theme.handles else content


def mark(card: Card, x: float, y: float, theme: Theme) -> str:
    """Two lines around the card, and a flag: the place of a mistake."""
    w, h = card.width, card.height
    stroke = f'fill="none" stroke="{theme.backward}" stroke-width="2"'
    lines = [rectangle(x - d, y - d, w + 2 * d, h + 2 * d, stroke, radius=8) for d in (3, 7)]
    wide = width(FLAG, SMALL, bold=True) + 14
    flag = rectangle(x - 7, y + h + 1, wide, 18, f'fill="{theme.backward}"', radius=4)
    words = text(x - 7 + wide / 2, y + h + 14, FLAG, SMALL, theme.page, anchor="middle", bold=True)
    return "".join(lines) + flag + words


def tooltip(node: DrawnNode) -> str:
    """The name, formula, kind, shape and line of a node in a few words."""
    computed = f" = {clean(node.expression)} ({clean(node.operation)})" if node.operation else ""
    where = f", {clean(node.line)}" if node.line else ""
    here = f", {HERE}" if node.marked else ""
    return f"{clean(node.name)}{computed}: {node.kind}, {node.shape_text}{where}{here}"


def frame(card: Card, x: float, y: float, theme: Theme) -> str:
    """The outline of each kind of node: folded corner, double line, octagon, dashes."""
    w, h, kind = card.width, card.height, card.node.kind
    stroke = f'fill="{theme.card}" stroke="{theme.kinds[kind]}"'
    if kind == "input":
        fold = min(11, h / 2)
        return (
            f'<path d="M{n(x)} {n(y)}h{n(w - fold)}l{fold} {fold}v{n(h - fold)}h{n(-w)}z" '
            f'{stroke} stroke-width="2"/>'
            f'<path d="M{n(x + w - fold)} {n(y)}v{fold}h{fold}z" fill="{theme.kinds[kind]}"/>'
        )
    if kind == "loss":
        c = min(11, h / 3)
        across, down = w - 2 * c, h - 2 * c
        right, left = f"h{n(across)}l{c} {c}v{n(down)}l-{c} {c}", f"h{n(-across)}l-{c} -{c}v{n(-down)}z"
        return f'<path d="M{n(x + c)} {n(y)}{right}{left}" {stroke} stroke-width="3"/>'
    dash = ' stroke-dasharray="5 4"' if kind == "folded" else ""
    outer = rectangle(x, y, w, h, f'{stroke} stroke-width="2"{dash}', radius=7)
    if kind == "module":  # a pile of cards
        behind = f'fill="{theme.box}" stroke="{theme.kinds[kind]}" stroke-width="1.5"'
        return rectangle(x + PILED, y + PILED, w - 1, h - 1, behind, radius=7) + outer
    if kind != "parameter":
        return outer
    inner = f'fill="none" stroke="{theme.kinds[kind]}" stroke-width="1"'
    return outer + rectangle(x + 3.5, y + 3.5, w - 7, h - 7, inner, radius=4)


def _paint_grid(grid: Grid, x: float, y: float, theme: Theme, *, is_gradient: bool) -> str:
    colour = theme.backward if is_gradient else theme.soft
    middle, top = x + grid.width / 2, y + CAPTION
    caption = text(middle, y + 10.5, grid.caption, TINY, colour, anchor="middle")
    if grid.cells is None:
        dashes = f'fill="none" stroke="{theme.soft}" stroke-dasharray="3 3"'
        return caption + rectangle(x + 0.5, top + 0.5, grid.width - 1, CELL * grid.rows - 1, dashes, radius=3)
    left = middle - grid.cell_width * grid.columns / 2
    note = ""
    if grid.cells.note:
        below = top + CELL * grid.rows + 11
        note = text(middle, below, grid.cells.note, TINY, theme.soft, anchor="middle")
        note = handled("note", "", note, theme)
    if theme.handles:  # the page paints the cells
        place = f"{n(left)} {n(top)} {n(grid.cell_width)} {grid.columns} {grid.rows}"
        return f"{caption}<g{handle('gradients' if is_gradient else 'values', place, theme)}/>{note}"
    cells = [
        _cell(grid.cell_width, left + j * grid.cell_width, top + i * CELL, *cell)
        for i, row in enumerate(cell_colours(grid.cells, theme, is_gradient=is_gradient))
        for j, cell in enumerate(row)
    ]
    return caption + "".join(cells) + note


def _cell(width: float, x: float, y: float, /, *cell: str) -> str:
    content, fill, ink = cell
    box = rectangle(x + 0.5, y + 0.5, width - 1, CELL - 1, f'fill="{fill}"', radius=2) if fill else ""
    return box + text(x + width / 2, y + 13, content, NUMBER, ink, anchor="middle")


def text(
    x: float, y: float, content: str, size: float, colour: str, *, anchor: str = "start", bold: bool = False
) -> str:
    """An SVG text. `content` is clean and not yet escaped."""
    weight = ' font-weight="bold"' if bold else ""
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    inside = _with_raised(escape(content), size)
    return f'<text x="{n(x)}" y="{n(y)}" font-size="{n(size)}" fill="{colour}"{where}{weight}>{inside}</text>'


def _with_raised(content: str, size: float) -> str:
    """Superscripts as raised ordinary letters; the text after a superscript comes down again."""
    if content.isascii():
        return content
    first, *rest = _RAISED.split(content)
    lift = size * 0.36
    for raised, normal in zip(rest[::2], rest[1::2], strict=True):
        small = f'dy="{n(-lift)}" font-size="{n(size * 0.68)}"'
        first += f"<tspan {small}>{raised.translate(_PLAIN)}</tspan>"
        first += f'<tspan dy="{n(lift)}">{normal}</tspan>' if normal else ""
    return first


def rectangle(x: float, y: float, w: float, h: float, style: str, *, radius: float) -> str:
    """An SVG rectangle with round corners."""
    return f'<rect x="{n(x)}" y="{n(y)}" width="{n(w)}" height="{n(h)}" rx="{n(radius)}" {style}/>'


def n(x: float) -> str:
    """A coordinate to a tenth of a pixel."""
    return f"{x:.1f}".removesuffix(".0")
