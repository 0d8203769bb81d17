"""The place of every card: a layered layout with the data path straight and vertical.

Boxes and links in, coordinates out; what a box shows is not its concern. Inputs stand above results,
parameters beside their operation, and edges bend only between rows, so that nothing overlaps.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from tinygrad_edu.viz.layout.layers import Rows, Way, arrange
from tinygrad_edu.viz.layout.units import LABEL, Box, Link, Unit, leaves_beside, units_of

Point = tuple[float, float]
ASIDE = 13.0  # of several edges from the same card, how far they run beside the way of one


@dataclass(frozen=True, slots=True)
class Spacing:
    """The room between cards in a row, and between rows: if all edges there run straight down, and if not."""

    gap: float
    straight: float
    bent: float
    slope: float  # by which edges that run far need more
    most: float


WIDE, NARROW = Spacing(30.0, 14.0, 38.0, 1 / 16, 90.0), Spacing(18.0, 12.0, 19.0, 1 / 40, 35.0)


@dataclass(frozen=True, slots=True)
class Route:
    """An edge from a card to a pill: between points that differ in x and y an S, else a straight line."""

    points: tuple[Point, ...]
    sideways: bool = False  # leaves and arrives horizontally
    label: Point = (0.0, 0.0)
    anchor: str = "start"  # which end of the label is at that point


@dataclass(frozen=True, slots=True)
class Layout:
    """Coordinates, by the index of the box or link."""

    width: float
    height: float
    cards: tuple[Point, ...]  # top left corners
    pills: tuple[Point | None, ...]  # middles
    routes: tuple[Route, ...]


def layout(boxes: Sequence[Box], links: Sequence[Link], spacing: Spacing = WIDE) -> Layout:
    """Coordinates for `boxes`, in which inputs come before results, and the links between them."""
    beside = leaves_beside(boxes, links)
    units = units_of(boxes, links, beside)
    spine = [_way(link) for link in links if link.source not in beside]
    pinned = {i: box.pinned for i, box in enumerate(boxes) if box.pinned}
    extents = {i: (unit.left, unit.right) for i, unit in units.items()}
    rows = arrange(extents, spine, len(boxes), pinned, spacing.gap)
    return _Coordinates(boxes, links, beside, units, rows, spacing).finish()


def _way(link: Link) -> Way:
    return link.source, link.target, link.start, link.end


class _Coordinates:
    """The vertical places and the edges, once the horizontal places are known: `finish` gives all of them."""

    def __init__(
        self,
        boxes: Sequence[Box],
        links: Sequence[Link],
        beside: dict[int, int],
        units: dict[int, Unit],
        rows: Rows,
        spacing: Spacing,
    ) -> None:
        self.boxes, self.links, self.beside, self.units, self.rows = boxes, links, beside, units, rows
        self.spacing = spacing
        leftmost = min(x - rows.extent[item][0] for item, x in rows.x.items())
        self.x = {item: x - leftmost for item, x in rows.x.items()}
        self.tops, self.middles, self.bottoms = self._levels()

    def _levels(self) -> tuple[list[float], list[float], list[float]]:
        """The top, the line of the pills and the bottom of every row."""
        widest = [0.0] * len(self.rows.rows)
        for a, b, shift, _ in self.rows.pieces:
            row = self.rows.rank[b]
            widest[row] = max(widest[row], abs(self.x[a] + shift - self.x[b]))
        tops, middles, bottoms = [], [], []
        y = 0.0
        for row, items in enumerate(self.rows.rows):
            units = [self.units[i] for i in items if i in self.units]
            above, below = max(u.top for u in units), max(u.bottom for u in units)
            y += self._above(widest[row]) if row else 0.0
            tops.append(y)
            middles.append(y + above)
            y += above + below
            bottoms.append(y)
        return tops, middles, bottoms

    def _above(self, widest: float) -> float:
        """The room above a row to which an edge comes from so far aside."""
        room = self.spacing
        return room.straight if widest < 1 else min(room.bent + widest * room.slope, room.most)

    def finish(self) -> Layout:
        """The coordinates of everything."""
        cards: list[Point] = [(0.0, 0.0)] * len(self.boxes)
        pills: list[Point | None] = [None] * len(self.boxes)
        for i, unit in self.units.items():
            x, y = self.x[i], self._middle(i)
            cards[i] = (x - unit.box.left, y + unit.card_top)
            pills[i] = (x, y) if unit.box.pill else None
            for leaf, top in unit.beside:
                cards[leaf] = (x - unit.edge - self.boxes[leaf].width, y + top)
        routes = self._routes(cards)
        width = max(self.x[i] + self.rows.extent[i][1] for i in self.x)
        labels = [route.label[1] for route in routes]  # one may hang below a low card
        height = max([self.bottoms[-1], *labels])
        return Layout(width, height, tuple(cards), tuple(pills), routes)

    def _middle(self, i: int) -> float:
        return self.middles[self.rows.rank[i]]

    def _routes(self, cards: list[Point]) -> tuple[Route, ...]:
        into: dict[int, list[int]] = defaultdict(list)
        for k, link in enumerate(self.links):
            into[link.target].append(k)
        routes: dict[int, Route] = {}
        for target, ks in into.items():
            if self.boxes[target].pill is None:
                routes |= {k: self._to_side(k) for k in ks}
                continue
            above = [k for k in ks if self.links[k].source not in self.beside]
            level = [k for k in ks if self.links[k].source in self.beside]
            routes |= self._from_above(target, above)
            routes |= self._from_beside(target, level, cards)
        return tuple(routes[k] for k in range(len(self.links)))

    def _from_above(self, target: int, ks: list[int]) -> dict[int, Route]:
        """Edges from the rows above, side by side at the top of the pill in the order in which they come."""
        comes = {k: self._last_x(k) for k in ks}
        ks = sorted(ks, key=lambda k: (comes[k], k))
        ports = self._ports(target, [comes[k] - self.x[target] for k in ks])
        twins = Counter(self.links[k].source for k in ks)
        routes = {}
        for i, (k, port) in enumerate(zip(ks, ports, strict=True)):
            source = self.links[k].source
            several = twins[source] > 1 and self.boxes[source].spine is None
            aside = min(max(port, -ASIDE), ASIDE) if several else 0.0
            points = self._through(k, self.x[target] + port, self._rim(target, port), aside)
            label, anchor = self._label(points[-1], i, len(ks), target)
            routes[k] = Route(tuple(points), label=label, anchor=anchor)
        return routes

    def _ports(self, target: int, incoming: list[float]) -> list[float]:
        """The x at which each edge meets the pill, relative to its middle; a straight edge stays straight."""
        pill = self.boxes[target].pill
        assert pill is not None
        if len(incoming) == 1:
            return [0.0]
        room = pill[0] / 2 - 4
        step = min(9.0, 2 * room / (len(incoming) - 1))
        ports = [step * (i - (len(incoming) - 1) / 2) for i in range(len(incoming))]
        straight = [i for i, x in enumerate(incoming) if abs(x) < 0.5]
        if len(straight) == 1:
            shift = ports[straight[0]]
            moved = [port - shift for port in ports]
            ports = moved if max(map(abs, moved)) <= room else ports
        return ports

    def _last_x(self, k: int) -> float:
        """The x of an edge before its last step."""
        before = self.rows.chains[_way(self.links[k])][-2]
        return self.x[before] + self.links[k].start * (before == self.links[k].source)

    def _to_side(self, k: int) -> Route:
        """The route to the upper side of a box that holds other boxes."""
        link = self.links[k]
        y = self._middle(link.target) + self.units[link.target].card_top
        return Route(tuple(self._through(k, self.x[link.target] + link.end, y, 0.0)))

    def _through(self, k: int, x_end: float, y_end: float, aside: float) -> list[Point]:
        link = self.links[k]
        source, *lanes, target = self.rows.chains[_way(link)]
        x, row = self.x[source] + link.start + aside, self.rows.rank[source]
        points = [(x, self._middle(source) + self.units[source].bottom_of_card), (x, self.bottoms[row])]
        for lane in lanes:
            x, row = self.x[lane] + aside, self.rows.rank[lane]
            points += [(x, self.tops[row]), (x, self.bottoms[row])]
        return [*points, (x_end, self.tops[self.rows.rank[target]]), (x_end, y_end)]

    def _rim(self, target: int, port: float) -> float:
        """The upper edge of a pill, which is round at both ends unless it is a flat box."""
        pill = self.boxes[target].pill
        assert pill is not None
        if self.boxes[target].flat:
            return self._middle(target) - pill[1] / 2
        radius = pill[1] / 2
        beyond = max(abs(port) - (pill[0] / 2 - radius), 0.0)
        return self._middle(target) - (radius**2 - beyond**2) ** 0.5

    def _label(self, end: Point, i: int, count: int, target: int) -> tuple[Point, str]:
        """Beside the end of the edge: outside on both sides, and the further inside the higher."""
        pill = self.boxes[target].pill
        assert pill is not None
        left = i < count // 2
        level = i if left else count - 1 - i
        y = self._middle(target) - pill[1] / 2 - 9 - LABEL * level
        return (end[0] - 7, y) if left else (end[0] + 7, y), "end" if left else "start"

    def _from_beside(self, target: int, ks: list[int], cards: list[Point]) -> dict[int, Route]:
        """Edges from the cards beside the pill, to its left end."""
        pill = self.boxes[target].pill
        assert pill is not None
        x, y = self.x[target] - pill[0] / 2, self._middle(target)
        core = max(pill[0], self.boxes[target].width) / 2
        places = {k: self.links[k].source for k in ks}
        twins, seen = Counter(places.values()), Counter[int]()
        routes = {}
        for i, k in enumerate(ks):
            leaf = places[k]
            box, (left, top) = self.boxes[leaf], cards[leaf]
            aside = 16.0 * (seen[leaf] - (twins[leaf] - 1) / 2)
            seen[leaf] += 1
            start = (left + box.width, top + box.height / 2 + aside)
            end = (x, y + 5.0 * (i - (len(ks) - 1) / 2))
            single = len(twins) == 1
            x_label, y_label = (end[0] - 14, end[1]) if single else (start[0] + 6, start[1])
            lower = seen[leaf] > 1 if single else start[1] > end[1]
            label = (x_label, y_label + 13 if lower else y_label - 5)
            turned = (
                min(self.x[target] - core - 2, end[0] - 10),
                end[1],
            )  # level before it comes over the card
            routes[k] = Route((start, turned, end), True, label, "end" if single else "start")
        return routes
