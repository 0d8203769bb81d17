"""Rows of a layered layout: the row of each unit, the order inside a row, and the x of each unit.

Edges that cross rows in between run through lanes there, so that they never cross a card. All edges from one
source share its lanes. Nothing here recurses.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import fsum, inf
from types import MappingProxyType

from tinygrad_edu.viz.layout.ranks import ranks

LANE = 5.0  # half the width of a lane
BESIDE_LANE = 10.0  # between a lane and its neighbours in a row
MAX_COUNTED_PIECES = 4_000  # pieces of edges up to which crossings are counted


Way = tuple[int, int, float, float]  # from a source to a target, and where beside their x it starts and ends
Piece = tuple[
    int, int, float, float
]  # item, item in the next row, how far it wants to be right of it, how much


@dataclass(slots=True)
class Rows:
    """Items in rows. The items are the indices of units and, from there on, lanes."""

    rank: dict[int, int]
    rows: list[list[int]]
    extent: dict[int, tuple[float, float]]  # how far an item reaches to the left and right of its x
    pieces: list[Piece]
    chains: dict[Way, list[int]]  # the items from a source to a target, both included
    count: int  # the first lane
    gap: float  # between cards in a row
    x: dict[int, float] = field(default_factory=dict)


def arrange(
    extents: Mapping[int, tuple[float, float]],
    links: Sequence[Way],
    count: int,
    pinned: Mapping[int, int] = MappingProxyType({}),
    gap: float = 30.0,
) -> Rows:
    """Rows for units with these extents, joined by `links` from lower to higher indices below `count`.

    Cards in a row stand `gap` apart.

    Units that are `pinned` have the first row (-1) or the last (1) for themselves.
    """
    rank = ranks(extents, [link[:2] for link in links], pinned)
    rows = Rows(dict(rank), [[] for _ in range(max(rank.values()) + 1)], dict(extents), [], {}, count, gap)
    _add_lanes(rows, list(dict.fromkeys(links)))
    up, down = _neighbours(rows)
    _order(rows, up, down)
    _place(rows, up, down)
    return rows


def _add_lanes(rows: Rows, links: list[Way]) -> None:
    rank, count = dict(rows.rank), rows.count
    for item in rank:
        rows.rows[rank[item]].append(item)
    lanes: dict[tuple[int, float, int], int] = {}
    pieces: dict[tuple[int, int, float], float] = {}
    for link in links:
        source, target, start, end = link
        chain = [source]
        for row in range(rank[source] + 1, rank[target]):
            if (source, start, row) not in lanes:
                lane = lanes[source, start, row] = count + len(lanes)
                rows.rank[lane], rows.extent[lane] = row, (LANE, LANE)
                rows.rows[row].append(lane)
            chain.append(lanes[source, start, row])
        chain.append(target)
        for a, b in pairwise(chain):
            shift = start * (a == source) - end * (b == target)
            weight = 4.0 if a >= count and b >= count else 2.0 if max(a, b) >= count else 3.0
            pieces[a, b, shift] = weight
        rows.chains[link] = chain
    starts, ends = Counter(a for a, _, _ in pieces), Counter(b for _, b, _ in pieces)
    for a, b, shift in pieces:
        if starts[a] == ends[b] == 1:
            pieces[a, b, shift] = 4.0  # the only way on: bend where ways part or meet instead
    rows.pieces = [(a, b, shift, weight) for (a, b, shift), weight in pieces.items()]


Neighbours = dict[int, list[tuple[int, float, float]]]  # the other item, how far right of it, how much


def _neighbours(rows: Rows) -> tuple[Neighbours, Neighbours]:
    up: Neighbours = defaultdict(list)
    down: Neighbours = defaultdict(list)
    for a, b, shift, weight in rows.pieces:
        down[a].append((b, -shift, weight))
        up[b].append((a, shift, weight))
    return up, down


def _order(rows: Rows, up: Neighbours, down: Neighbours) -> None:
    """Sort row after row by the middle of the neighbours; keep the order with the fewest crossings."""
    countable = len(rows.pieces) <= MAX_COUNTED_PIECES
    best, fewest = [list(row) for row in rows.rows], _crossings(rows, down) if countable else 0
    for sweep in range(8 if countable else 2):
        if countable and fewest == 0:
            break
        downward = sweep % 2 == 0
        around, position = (up if downward else down), _positions(rows)
        for row in rows.rows if downward else rows.rows[::-1]:
            _sort_by_neighbours(row, around, position)
        crossings = _crossings(rows, down) if countable else -1
        if crossings < fewest:
            best, fewest = [list(row) for row in rows.rows], crossings if countable else 0
    rows.rows = best


def _positions(rows: Rows) -> dict[int, int]:
    return {item: i for row in rows.rows for i, item in enumerate(row)}


def _sort_by_neighbours(row: list[int], around: Neighbours, position: dict[int, int]) -> None:
    def middle(item: int) -> float:
        places = [position[other] for other, _, _ in around[item]]
        return fsum(places) / len(places) if places else float(position[item])

    row.sort(key=middle)
    position.update((item, i) for i, item in enumerate(row))


def _crossings(rows: Rows, down: Neighbours) -> int:
    position = _positions(rows)
    total = 0
    for row in rows.rows:
        seen: list[int] = []
        for item in row:
            ends = [position[other] for other, _, _ in down[item]]
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _place(rows: Rows, up: Neighbours, down: Neighbours) -> None:
    """Move every item towards its neighbours above and below, as far as the items beside it allow."""
    starts = [_starts(rows, row) for row in rows.rows]
    for row, places in zip(rows.rows, starts):
        rows.x.update(zip(row, places, strict=True))
    both = {item: up[item] + down[item] for row in rows.rows for item in row}
    for around, order in (
        (up, 1),
        (down, -1),
        (up, 1),
        (down, -1),
        (both, 1),
        (both, -1),
        (both, 1),
        (both, -1),
    ):
        middle = (min(rows.x.values()) + max(rows.x.values())) / 2
        for row, places in zip(rows.rows[::order], starts[::order]):
            _settle(rows, row, places, around, middle)


def _starts(rows: Rows, row: list[int]) -> list[float]:
    """The x of every item of a row that is packed as tightly as possible."""
    places: list[float] = []
    edge, was_lane = 0.0, False
    for i, item in enumerate(row):
        left, right = rows.extent[item]
        is_lane = item >= rows.count
        gap = BESIDE_LANE if is_lane or was_lane else rows.gap
        places.append(edge + gap * (i > 0) + left)
        edge, was_lane = places[-1] + right, is_lane
    return places


def _settle(rows: Rows, row: list[int], offsets: list[float], around: Neighbours, middle: float) -> None:
    """The x with the least sum of weight * |x - x of neighbour|, in the order of the row, without overlap.

    With the packed positions taken off, the `offsets`, this is an L1 isotonic regression: neighbours that want to pass
    each other are merged into blocks, and a block stands at its weighted median.
    """
    blocks: list[tuple[list[tuple[float, float]], float, int]] = []
    for item, offset in zip(row, offsets, strict=True):
        wishes = [(rows.x[other] + shift - offset, weight) for other, shift, weight in around.get(item, ())]
        wishes = sorted(wishes) or [(rows.x[item] - offset, 0.1)]
        block = (wishes, _median(wishes), 1)
        while blocks and blocks[-1][1] > block[1]:
            merged = sorted(blocks[-1][0] + block[0])
            block = (merged, _median(merged), blocks.pop()[2] + block[2])
        blocks.append(block)
    narrow = middle - (offsets[0] + offsets[-1]) / 2
    highest = -inf
    shifts: list[float] = []
    for wishes, low, count in blocks:
        shift = low
        if low < narrow:  # of several best places the nearest to the middle keeps the picture narrow
            highest = max(highest, _median(wishes[::-1]))
            shift = min(narrow, highest)
        shifts += [shift] * count
    rows.x.update((item, offset + shift) for item, offset, shift in zip(row, offsets, shifts, strict=True))


def _median(wishes: list[tuple[float, float]]) -> float:
    """The first place in the order of `wishes` that is best."""
    if len(wishes) == 1:
        return wishes[0][0]
    half = fsum(weight for _, weight in wishes) / 2
    for value, weight in wishes:
        half -= weight
        if half <= 1e-9:
            return value
    return wishes[-1][0]
