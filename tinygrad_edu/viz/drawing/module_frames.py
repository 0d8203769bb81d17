"""The boxes around the results of each module, with its name and kind."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from tinygrad_edu.viz.drawing.cards import SMALL, handle, rectangle, text
from tinygrad_edu.viz.drawing.colours import Theme
from tinygrad_edu.viz.drawing.text_width import clean, cut, width
from tinygrad_edu.viz.graph.graph_model import Graph
from tinygrad_edu.viz.layout.clusters import Frame

MAX_TITLE_WIDTH = 220.0


def titles(graph: Graph) -> list[str]:
    """`fc1: Linear` for every module, cut to fit."""
    return [cut(graph.title(i), MAX_TITLE_WIDTH, SMALL, bold=True) for i in range(len(graph.scopes))]


def title_width(title: str) -> float:
    """The width of a title in pixels."""
    return width(title, SMALL, bold=True)


def paint(graph: Graph, titles: Sequence[str], frames: Sequence[Frame | None], theme: Theme) -> str:
    """All boxes, outer ones first."""
    parts = []
    for i, (scope, title, frame) in enumerate(zip(graph.scopes, titles, frames, strict=True)):
        if frame is not None:
            words = text(frame.title, frame.y + 16, title, SMALL, theme.soft, bold=True)
            whole = f"<title>{escape(clean(f'{scope.path}: {scope.kind}'))}</title>"
            outline = box(frame.x, frame.y, frame.width, frame.height, theme)
            parts.append(f"<g{handle('scope', f's{i}', theme)}>{whole}{outline}{words}</g>")
    return "".join(parts)


def box(x: float, y: float, wide: float, high: float, theme: Theme) -> str:
    """A dashed box with round corners."""
    style = f'fill="{theme.box}" stroke="{theme.soft}" stroke-dasharray="4 4"'
    return rectangle(x, y, wide, high, style, radius=9)
