"""Stubs in place of long edges: a parameter that is used again far below stands there as a small label of its name."""

from __future__ import annotations

from dataclasses import dataclass

from tinygrad_edu.viz.drawing.cards import SMALL, handled, rectangle, text
from tinygrad_edu.viz.drawing.colours import Theme
from tinygrad_edu.viz.drawing.text_width import clean, cut, width
from tinygrad_edu.viz.graph.graph_model import Graph
from tinygrad_edu.viz.layout.layout import Point
from tinygrad_edu.viz.layout.units import Box

FAR = 3  # operations between the first use and a use that gets a stub
HEIGHT, MAX_NAME_WIDTH = 20.0, 110.0
WILLING = 3  # to stand beside the operation, more than a card


@dataclass(frozen=True, slots=True)
class Stub:
    """The label at the beginning of edge `edge`."""

    edge: int
    name: str

    @property
    def box(self) -> Box:
        """The measures of the label."""
        return Box(width(self.name, SMALL, bold=True) + 14, HEIGHT, None, WILLING, flat=True)


def stubs(graph: Graph) -> list[Stub]:
    """The stubs of a compact picture, in the order of the edges."""
    if not graph.compact:
        return []
    depth = [0] * len(graph.nodes)
    for edge in graph.edges:
        depth[edge.target] = max(depth[edge.target], depth[edge.source] + 1)
    first: dict[int, int] = {}
    for edge in graph.edges:
        first[edge.source] = min(first.get(edge.source, depth[edge.target]), depth[edge.target])
    return [
        Stub(k, cut(clean(graph.nodes[edge.source].name), MAX_NAME_WIDTH, SMALL, bold=True))
        for k, edge in enumerate(graph.edges)
        if graph.nodes[edge.source].kind == "parameter" and depth[edge.target] >= first[edge.source] + FAR
    ]


def paint(stub: Stub, corner: Point, number: int, theme: Theme) -> str:
    """The label with its top left corner there; `number` is that of the edge on a page."""
    (x, y), wide = corner, stub.box.width
    style = f'fill="{theme.card}" stroke="{theme.kinds["parameter"]}" stroke-dasharray="3 2"'
    label = rectangle(x, y, wide, HEIGHT, style, radius=HEIGHT / 2)
    label += text(x + wide / 2, y + 14, stub.name, SMALL, theme.ink, anchor="middle", bold=True)
    return handled("local", f"e{number}", label, theme)
