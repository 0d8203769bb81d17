"""A layout with boxes around groups: each group is laid out by itself, and is then one box among the others.

An edge that enters a group comes through a port at its top, one that leaves goes through a port at its bottom. So
no box holds foreign cards, and no two boxes overlap unless one is inside the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from tinygrad_edu.viz.layout.layout import WIDE, Layout, Point, Route, Spacing, layout
from tinygrad_edu.viz.layout.units import Box, Link

TITLE, BELOW = 24.0, 8.0  # above and below what is in a group
SIDE = 14.0
BESIDE_TITLE = 10.0
Item = tuple[str, int]  # ("node", i), ("group", i), ("in", source) or ("out", source)


@dataclass(frozen=True, slots=True)
class Frame:
    """The box around a group, and the x at which the title starts."""

    x: float
    y: float
    width: float
    height: float
    title: float


@dataclass(frozen=True, slots=True)
class Group:
    """Boxes that belong together: the group around them, and the width of the title."""

    parent: int | None
    title: float


@dataclass(slots=True)
class _Level:
    """The layout of one group, or of the boxes outside all groups; measures are relative to its own corner."""

    plan: Layout
    index: dict[Item, int]
    edges: dict[tuple[Item, Item, int], int]  # (from, to, which) to the index of the link
    width: float = 0.0
    height: float = 0.0
    inner: Point = (0.0, 0.0)  # the corner of the inside
    title: float = SIDE
    ports: dict[Item, float] = field(default_factory=dict)

    @property
    def spine(self) -> float:
        """The port that is to be in line with what comes before or after."""
        return next(iter(self.ports.values()), self.width / 2)


def nested(
    boxes: Sequence[Box],
    links: Sequence[Link],
    inside: Sequence[int | None],
    groups: Sequence[Group],
    spacing: Spacing = WIDE,
) -> tuple[Layout, list[Frame | None]]:
    """Coordinates for everything, and the frame of each group that holds something.

    `inside` is the innermost group of each box; a group comes after the one around it.
    """
    if not groups:
        return layout(boxes, links, spacing), []
    return _NestedLayout(boxes, links, inside, groups, spacing).finish()


class _NestedLayout:
    """The layouts of all groups, inner ones first; `finish` puts them into one another."""

    def __init__(
        self,
        boxes: Sequence[Box],
        links: Sequence[Link],
        inside: Sequence[int | None],
        groups: Sequence[Group],
        spacing: Spacing,
    ) -> None:
        self.boxes, self.links, self.groups, self.spacing = boxes, links, groups, spacing
        self.chains = [self._chain(i, scope) for i, scope in enumerate(inside)]
        self.depths = [self._depth(link) for link in links]
        self.members: dict[
            int | None, dict[Item, int]
        ] = {}  # of every level, the items and their last result
        for i, chain in enumerate(self.chains):
            for around, item in zip([None, *(group for _, group in chain)], chain):
                members = self.members.setdefault(around, {})
                if boxes[i].pill or item not in members:  # a leaf may come after what is computed from it
                    members[item] = i
        self.crossing = self._crossing()
        self.levels: dict[int | None, _Level] = {}
        for group in [*reversed(range(len(groups))), None]:
            if group in self.members:
                self.levels[group] = self._laid_out(group)

    def _chain(self, i: int, scope: int | None) -> list[Item]:
        """The groups around box `i` from outside to inside, and the box itself."""
        chain: list[Item] = [("node", i)]
        while scope is not None:
            chain.append(("group", scope))
            scope = self.groups[scope].parent
        return chain[::-1]

    def _depth(self, link: Link) -> int:
        """The count of groups that hold both ends of `link`."""
        pairs = zip(self.chains[link.source], self.chains[link.target], strict=False)
        return next(i for i, (a, b) in enumerate(pairs) if a != b)

    def _parts(self, k: int) -> list[tuple[int | None, tuple[Item, Item, int]]]:
        """The pieces of link `k`, one for every level that the link crosses, in order."""
        link, depth = self.links[k], self.depths[k]
        start, end = self.chains[link.source][depth:], self.chains[link.target][depth:]
        around = self.chains[link.source][depth - 1][1] if depth else None
        out: Item = ("out", link.source)
        parts = [(level[1], (item, out, -1)) for level, item in pairwise(start)][::-1]
        into: Item = ("in", link.source)
        inward = [(around, start[0], end[0]), *((level[1], into, item) for level, item in pairwise(end))]
        # Only at an operation are edges from the same source told apart.
        return parts + [(level, (a, b, k if b[0] == "node" else -1 - link.source)) for level, a, b in inward]

    def _crossing(self) -> dict[int | None, dict[tuple[Item, Item, int], int]]:
        """The different pieces of every level, each with one of its links."""
        found: dict[int | None, dict[tuple[Item, Item, int], int]] = {}
        for k in range(len(self.links)):
            for level, piece in self._parts(k):
                found.setdefault(level, {}).setdefault(piece, k)
        return found

    def _laid_out(self, group: int | None) -> _Level:
        pieces = self.crossing.get(group, {})
        members = sorted(self.members[group], key=self.members[group].__getitem__)
        ends = [item for a, b, _ in pieces for item in (a, b)]
        ins = list(dict.fromkeys(item for item in ends if item[0] == "in"))
        outs = list(dict.fromkeys(item for item in ends if item[0] == "out"))
        items = [*ins, *members, *outs]
        index = {item: i for i, item in enumerate(items)}
        links = [self._link(piece, k, index) for piece, k in pieces.items()]
        plan = layout([self._box(item) for item in items], links, self.spacing)
        level = _Level(plan, index, {piece: i for i, piece in enumerate(pieces)}, plan.width, plan.height)
        if group is not None:
            _frame(level, [*outs, *ins], self.groups[group].title)
        return level

    def _box(self, item: Item) -> Box:
        kind, i = item
        if kind == "node":
            return self.boxes[i]
        if kind == "group":
            level = self.levels[i]
            return Box(level.width, level.height, spine=level.spine)
        return Box(0.0, 0.0, pinned=-1 if kind == "in" else 1)

    def _link(self, piece: tuple[Item, Item, int], k: int, index: dict[Item, int]) -> Link:
        start, end, _ = piece
        source, link = self.links[k].source, Link(index[start], index[end])
        if start[0] == "group":
            level = self.levels[start[1]]
            link = replace(link, start=level.ports["out", source] - level.spine)
        if end[0] == "group":
            level = self.levels[end[1]]
            link = replace(link, end=level.ports["in", source] - level.spine)
        return replace(link, label=self.links[k].label) if end[0] == "node" else link

    def finish(self) -> tuple[Layout, list[Frame | None]]:
        """The coordinates of everything."""
        corner: dict[int | None, Point] = {None: (0.0, 0.0)}  # of what is inside every level
        frames: list[Frame | None] = [None] * len(self.groups)
        for group in [None, *range(len(self.groups))]:
            if group not in self.levels:
                continue
            x, y = corner[group]
            for (kind, i), place in self.levels[group].index.items():
                if kind == "group":
                    left, top = self.levels[group].plan.cards[place]
                    level = self.levels[i]
                    frames[i] = Frame(x + left, y + top, level.width, level.height, x + left + level.title)
                    corner[i] = (x + left + level.inner[0], y + top + level.inner[1])
        cards, pills = self._places(corner)
        routes = tuple(self._route(k, corner) for k in range(len(self.links)))
        whole = self.levels[None].plan
        return Layout(whole.width, whole.height, tuple(cards), tuple(pills), routes), frames

    def _places(self, corner: dict[int | None, Point]) -> tuple[list[Point], list[Point | None]]:
        cards, pills = [], []
        for i, chain in enumerate(self.chains):
            group = chain[-2][1] if len(chain) > 1 else None
            level, (x, y) = self.levels[group], corner[group]
            place = level.index["node", i]
            card, pill = level.plan.cards[place], level.plan.pills[place]
            cards.append((card[0] + x, card[1] + y))
            pills.append((pill[0] + x, pill[1] + y) if pill else None)
        return cards, pills

    def _route(self, k: int, corner: dict[int | None, Point]) -> Route:
        """The pieces of link `k` one after the other."""
        points: list[Point] = []
        parts = self._parts(k)
        for group, piece in parts:
            (x, y), level = corner[group], self.levels[group]
            route = level.plan.routes[level.edges[piece]]
            points += [(px + x, py + y) for px, py in route.points]
        label = (route.label[0] + x, route.label[1] + y)
        return Route(tuple(points), route.sideways and len(parts) == 1, label, route.anchor)


def _frame(level: _Level, ports: Sequence[Item], title: float) -> None:
    """Make room around the inside of a group: for the title, beside the edges that come in."""
    plan = level.plan
    at = {item: plan.cards[level.index[item]][0] for item in ports}
    incoming = [x for item, x in at.items() if item[0] == "in"]
    room = title + BESIDE_TITLE
    first, last = min(incoming, default=room), max(incoming, default=0.0)
    to_the_right = first < room <= plan.width - last
    left = SIDE if to_the_right else SIDE + max(room - first, 0.0)
    level.inner = (left, TITLE)
    level.width = max(left + plan.width + SIDE, title + 2 * SIDE)
    level.height = TITLE + plan.height + BELOW
    level.title = left + last + BESIDE_TITLE if to_the_right else SIDE
    level.ports = {item: x + left for item, x in at.items()}
