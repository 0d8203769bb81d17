"""The picture as flat SVG, without style sheets, scripts, ids or fonts: every viewer shows the same picture.

The same graph gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from itertools import pairwise
from math import ceil
from types import MappingProxyType

from tinygrad_edu.viz.drawing import compact_cards, legend, module_frames, stubs
from tinygrad_edu.viz.drawing.cards import SMALL, Card, handle, handled, n, paint, rectangle, text
from tinygrad_edu.viz.drawing.colours import Theme
from tinygrad_edu.viz.drawing.insets import AROUND, TITLE, Inset, Opened, Strip, opened, shifted
from tinygrad_edu.viz.drawing.picture import PILL, SIGN, Picture, pill_width
from tinygrad_edu.viz.drawing.text_width import clean, cut, width
from tinygrad_edu.viz.graph.graph_model import Edge, Graph
from tinygrad_edu.viz.layout.layout import Layout, Point, Route

MARGIN = 22.0
FONTS = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"


def svg(graph: Graph, theme: Theme, insets: Mapping[int, Inset] = MappingProxyType({})) -> str:
    """The whole picture, an XML document without its first line; for a page with `insets`, all of them open."""
    whole = opened(graph, insets)
    wide = max(whole.width, legend.widest(graph, theme), 260.0)
    shift = MARGIN + (wide - whole.width) / 2
    below, height = _footer(graph, MARGIN + whole.height, wide, theme)
    body = f'<g transform="translate({n(shift)} {n(MARGIN)})">{_content(graph, whole, theme)}</g>{below}'
    return _page(graph, wide + 2 * MARGIN, MARGIN + whole.height + height, body, theme)


def _content(graph: Graph, whole: Opened, theme: Theme, first_edge: int = 0) -> str:
    picture, plan = whole.picture, whole.picture.plan
    cards = (
        _compact(picture.cards, plan, theme)
        if graph.compact
        else _nodes(picture.cards, picture.signs, plan, theme)
    )
    parts = [
        module_frames.paint(graph, picture.titles, picture.frames, theme),
        *_edges(graph, plan, picture.labels, theme, first_edge),
        *_stubs(whole.picture, theme, first_edge),
        *cards,
        *(_inset(strip, theme) for strip in whole.strips),
    ]
    return "".join(parts)


def _stubs(picture: Picture, theme: Theme, first_edge: int) -> Iterator[str]:
    for stub, corner in zip(picture.stubs, picture.plan.cards[len(picture.cards) :], strict=True):
        yield stubs.paint(stub, corner, first_edge + stub.edge, theme)


def _inset(strip: Strip, theme: Theme) -> str:
    """The box below a folded card with what is inside the card."""
    style = f'fill="{theme.box}" stroke="{theme.kinds["module"]}" stroke-width="1.5"'
    frame = rectangle(strip.x, strip.y, strip.width, strip.height, style, radius=9)
    words = text(strip.x + AROUND, strip.y + 20, strip.inset.title, SMALL, theme.soft, bold=True)
    inside = shifted(strip.content, strip.x + AROUND, strip.y + AROUND + TITLE)
    content = _content(strip.inset.graph, inside, theme, strip.inset.first_edge)
    return f"<g{handle('inset', strip.card, theme)}>{frame}{words}{content}</g>"


def size(picture: str) -> tuple[int, int]:
    """The width and height of a picture made here, in whole pixels."""
    wide, high = picture.split('viewBox="0 0 ', 1)[1].split('"', 1)[0].split()
    return ceil(float(wide)), ceil(float(high))


def _page(graph: Graph, wide: float, high: float, body: str, theme: Theme) -> str:
    title = f"Graph of {clean(graph.nodes[-1].name)[:80]}: {len(graph.nodes)} tensors"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(title)}" '
        f'width="{n(wide)}" height="{n(high)}" viewBox="0 0 {n(wide)} {n(high)}" font-family="{FONTS}">'
        f'<rect width="{n(wide)}" height="{n(high)}" fill="{theme.page}"/>{body}</svg>\n'
    )


def _nodes(cards: list[Card], signs: list[str], plan: Layout, theme: Theme) -> list[str]:
    parts = []
    for card, sign, corner, pill in zip(cards, signs, plan.cards, plan.pills, strict=False):
        if pill is not None:
            parts.append(handled("pill", card.node.id, _pill(sign, pill, corner[1], theme), theme))
        parts.append(paint(card, *corner, theme))
    return parts


def _compact(cards: list[Card], plan: Layout, theme: Theme) -> list[str]:
    return [
        compact_cards.paint(card, *corner, theme) for card, corner in zip(cards, plan.cards, strict=False)
    ]


def _pill(sign: str, middle: Point, card_top: float, theme: Theme) -> str:
    (x, y), wide = middle, pill_width(sign)
    stem = _line(f"M{n(x)} {n(y + PILL / 2)}V{n(card_top - 6)}", theme) + _head(x, card_top, 0, 1, theme.line)
    shape = rectangle(x - wide / 2, y - PILL / 2, wide, PILL, f'fill="{theme.pill}"', radius=PILL / 2)
    return stem + shape + text(x, y + 5, sign, SIGN, theme.pill_ink, anchor="middle", bold=True)


def _line(path: str, theme: Theme, style: str = "") -> str:
    return f'<path d="{path}" fill="none" stroke="{theme.line}" stroke-width="1.6"{style}/>'


def _head(x: float, y: float, dx: int, dy: int, colour: str) -> str:
    """An arrow head with its tip at (x, y), pointing in the direction (dx, dy)."""
    back, side = 8, 4
    a = (x - back * dx + side * dy, y - back * dy + side * dx)
    b = (x - back * dx - side * dy, y - back * dy - side * dx)
    return f'<path d="M{n(x)} {n(y)}L{n(a[0])} {n(a[1])}L{n(b[0])} {n(b[1])}z" fill="{colour}"/>'


def _edges(graph: Graph, plan: Layout, labels: list[str], theme: Theme, first: int) -> list[str]:
    """All lines, then all labels: no line runs through a text."""
    lines, texts = [], []
    drawn: set[tuple[int, Point, Point]] = set()
    for i, (edge, route, label) in enumerate(zip(graph.edges, plan.routes, labels, strict=True)):
        points = route.points if theme.handles else _not_drawn(route, edge.source, drawn)
        line = _edge(edge, graph, route, points, theme)
        lines.append(handled("edge", f"e{first + i}", line, theme))
        if label:
            behind = theme.page if graph.nodes[edge.target].scope is None else theme.box
            halo = f'stroke="{behind}" stroke-width="4" stroke-linejoin="round"'
            words = text(*route.label, label, SMALL, theme.local, anchor=route.anchor, bold=True)
            whole = f"<title>{escape(clean(edge.local))}</title>" if label.endswith("…") else ""
            both = words.replace("<text ", f"<text {halo} ", 1) + words
            texts.append(f"<g{handle('local', f'e{i}', theme)}>{whole}{both}</g>")
    return lines + texts


def _not_drawn(route: Route, source: int, drawn: set[tuple[int, Point, Point]]) -> tuple[Point, ...]:
    """The end of `route` that no other edge from the same source has drawn already."""
    steps = [(source, a, b) for a, b in pairwise(route.points)]
    start = next((i for i, step in enumerate(steps) if step not in drawn), 0)
    drawn.update(steps)
    return route.points[start:]


def _edge(edge: Edge, graph: Graph, route: Route, points: tuple[Point, ...], theme: Theme) -> str:
    dx, dy = (1, 0) if route.sideways else (0, 1)
    tip = points[-1]
    path = _path((*points[:-1], (tip[0] - 6 * dx, tip[1] - 6 * dy)), route.sideways)
    source, target = graph.nodes[edge.source], graph.nodes[edge.target]
    returns = edge.carries and source.gradient is not None and target.gradient is not None
    if theme.handles:  # the page draws the heads, and the way back
        kind = "across" * route.sideways + " returns" * returns
        return _line(path, theme) + f'<g class="{kind.strip()}"/>'
    drawn = _line(path, theme) + _head(*tip, dx, dy, theme.line)
    if returns:
        dashes = f'fill="none" stroke="{theme.backward}" stroke-width="1.6" stroke-dasharray="5 4"'
        back = f'<path d="{path}" {dashes}/>'
        back += _head(*points[0], -dx, -dy, theme.backward) if points[0] == route.points[0] else ""
        drawn += back
    return drawn


def _path(points: tuple[Point, ...], sideways: bool) -> str:
    parts = [f"M{n(points[0][0])} {n(points[0][1])}"]
    bends = [b for a, b, c in zip(points, points[1:], points[2:], strict=False) if not a[0] == b[0] == c[0]]
    points = (points[0], *bends, points[-1])
    for (x0, y0), (x1, y1) in pairwise(points):
        if abs(x0 - x1) < 0.05 or abs(y0 - y1) < 0.05:
            parts.append(f"L{n(x1)} {n(y1)}")
        elif sideways:
            half = (x0 + x1) / 2
            parts.append(f"C{n(half)} {n(y0)} {n(half)} {n(y1)} {n(x1)} {n(y1)}")
        else:
            half = (y0 + y1) / 2
            parts.append(f"C{n(x0)} {n(half)} {n(x1)} {n(half)} {n(x1)} {n(y1)}")
    return "".join(parts)


def _footer(graph: Graph, y: float, wide: float, theme: Theme) -> tuple[str, float]:
    """The legend and the notes, and their height with the margins."""
    y_legend = y + 26
    rule = (
        f'<path d="M{n(MARGIN)} {n(y + 17)}h{n(wide)}" stroke="{theme.kinds["result"]}" stroke-width="0.6"/>'
    )
    parts, height = legend.paint(graph, MARGIN, y_legend, wide, theme)
    lines = [line for note in graph.notes for line in wrapped(clean(note), wide)]
    notes = [
        text(MARGIN, y_legend + height + 14 + 15 * i, line, SMALL, theme.ink) for i, line in enumerate(lines)
    ]
    return rule + parts + "".join(notes), 26 + height + 15 * len(lines) + 16


def wrapped(words: str, most: float) -> list[str]:
    """`words` in lines of at most `most` pixels."""
    lines = [""]
    for word in words.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and width(longer, SMALL) > most:
            lines.append(word)
        else:
            lines[-1] = longer
    return [cut(line, most, SMALL) for line in lines]
