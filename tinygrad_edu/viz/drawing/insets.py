"""Folded cards with what is inside below them: in a page, which closes the strips between until a card is opened.

Here every inset is open: it lies in a strip of its own below the row of its card, and all below is moved down.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from tinygrad_edu.viz.drawing.picture import Picture, arranged
from tinygrad_edu.viz.graph.graph_model import Graph
from tinygrad_edu.viz.layout.clusters import Frame
from tinygrad_edu.viz.layout.layout import Layout, Point

AROUND, TITLE, APART = 16.0, 26.0, 14.0  # inside the border, for the title, and above the next row


@dataclass(frozen=True, slots=True)
class Inset:
    """The graph inside a folded card, numbered on from `first_node` and `first_edge`, with its own insets by node."""

    graph: Graph
    title: str
    first_node: int
    first_edge: int
    insets: Mapping[int, Inset] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Strip:
    """An inset at its place: the card it belongs to, its corner and size, and what is in it."""

    inset: Inset
    card: str
    x: float
    y: float
    content: Opened

    @property
    def width(self) -> float:
        """The width with the border."""
        return self.content.width + 2 * AROUND

    @property
    def height(self) -> float:
        """The height with title and border."""
        return self.content.height + TITLE + 2 * AROUND


@dataclass(frozen=True, slots=True)
class Opened:
    """A picture in which all insets are open."""

    picture: Picture
    width: float
    height: float
    strips: tuple[Strip, ...] = ()


def opened(graph: Graph, insets: Mapping[int, Inset]) -> Opened:
    """The picture of `graph` with the `insets` of its nodes."""
    picture = arranged(graph)
    plan = picture.plan
    if not insets:
        return Opened(picture, plan.width, plan.height)
    rows = sorted((_bottom_of_row(picture, i), i) for i in insets)
    strips: list[Strip] = []
    steps: list[tuple[float, float]] = []  # from which height on all is moved down, and by how much
    down = 0.0
    for bottom, i in rows:
        inset = insets[i]
        content = _wide_enough(opened(inset.graph, inset.insets))
        wide = content.width + 2 * AROUND
        x = plan.cards[i][0] + (picture.cards[i].width - wide) / 2
        x = min(max(x, 0.0), plan.width - wide) if wide <= plan.width else (plan.width - wide) / 2
        strips.append(Strip(inset, graph.nodes[i].id, x, bottom + down + APART / 2, content))
        down += strips[-1].height + APART
        steps.append((bottom, down))
    moved = _mover(steps)
    lowered = _mapped(plan, lambda x, y: (x, moved(y)))
    frames = [frame and _lower(frame, moved) for frame in picture.frames]
    high = plan.height + down
    return Opened(replace(picture, plan=lowered, frames=frames), plan.width, high, tuple(strips))


def _bottom_of_row(picture: Picture, i: int) -> float:
    """A height below card `i` at which no card stands."""
    places = zip(picture.plan.cards, picture.boxes, strict=True)
    spans = sorted((y, y + box.height) for (_, y), box in places)
    bottom = picture.plan.cards[i][1] + picture.cards[i].height
    for top, end in spans:
        if top <= bottom < end:
            bottom = end
    return bottom + 0.5


def _mover(steps: list[tuple[float, float]]) -> Callable[[float], float]:
    def moved(y: float) -> float:
        return y + max((down for bottom, down in steps if y > bottom), default=0.0)

    return moved


def _wide_enough(content: Opened) -> Opened:
    """`content` as wide as its widest inset."""
    wide = max([content.width, *(strip.width for strip in content.strips)])
    return replace(shifted(content, (wide - content.width) / 2, 0.0), width=wide)


def shifted(content: Opened, dx: float, dy: float) -> Opened:
    """`content` at another place."""
    plan = _mapped(content.picture.plan, lambda x, y: (x + dx, y + dy))
    strips = tuple(replace(strip, x=strip.x + dx, y=strip.y + dy) for strip in content.strips)
    return replace(content, picture=replace(content.picture, plan=plan), strips=strips)


def _mapped(plan: Layout, at: Callable[[float, float], Point]) -> Layout:
    routes = tuple(
        replace(route, points=tuple(at(*point) for point in route.points), label=at(*route.label))
        for route in plan.routes
    )
    pills = tuple(pill and at(*pill) for pill in plan.pills)
    return replace(plan, cards=tuple(at(*card) for card in plan.cards), pills=pills, routes=routes)


def _lower(frame: Frame, moved: Callable[[float], float]) -> Frame:
    y = moved(frame.y)
    return replace(frame, y=y, height=moved(frame.y + frame.height) - y)
