"""The building blocks of a layout: an operation's pill with its result below and its parameters beside it.

All measures here are relative to the middle of the pill; `left` and `right` are distances from the spine, the
vertical line through the pill on which the data flows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from math import fsum

STEM = 15.0  # from a pill to its result
BESIDE = 24.0  # between a result and what stands beside it
ARROW = 22.0  # from a leaf to a flat box
STACKED = 14.0  # between cards beside the same operation
HALF_PILL = 13.0
LABEL = 14.0  # height of a label's line
MAX_STACK = 260.0  # height of the leaves beside one operation; more of them stand above it, too
MAX_LEAVES_BESIDE = 4  # leaves beside one operation; more of them stand above it


@dataclass(frozen=True, slots=True)
class Box:
    """The measures of a node. `beside`: the willingness of a leaf to stand beside its operation; 0: never.

    A box with a `spine`, a distance from the left, holds other boxes: edges come to its upper side and leave below.
    A `flat` box is its own pill, or a leaf among such boxes: edges come to its upper side.
    A box that is `pinned` to the first row (-1) or the last (1) is a point where edges come in or go out.
    """

    width: float
    height: float
    pill: tuple[float, float] | None = None  # width and height; None for a leaf
    beside: int = 0
    spine: float | None = None
    pinned: int = 0
    flat: bool = False

    @property
    def left(self) -> float:
        """The distance from the left side of the box to the spine."""
        return self.width / 2 if self.spine is None else self.spine


@dataclass(frozen=True, slots=True)
class Link:
    """An edge between boxes, with the width of its label, and its start and end relative to their spines."""

    source: int
    target: int
    label: float = 0.0
    start: float = 0.0
    end: float = 0.0


@dataclass(slots=True)
class Unit:
    """A box that has a place of its own, and the boxes beside its pill."""

    box: Box
    beside: list[tuple[int, float]] = field(default_factory=list)  # index and top, relative to the pill
    edge: float = 0.0  # where the boxes beside it end, left of the spine
    left: float = 0.0
    right: float = 0.0
    top: float = 0.0  # above the middle of the pill
    bottom: float = 0.0

    @property
    def card_top(self) -> float:
        """The top of the card, below the middle of the pill; leaves are in line with results."""
        if self.box.pinned or self.box.spine is not None:
            return 0.0 if self.box.pinned else -HALF_PILL
        if self.box.flat:
            return -self.box.height / 2
        return HALF_PILL + STEM if self.box.pill is None else self.box.pill[1] / 2 + STEM

    @property
    def bottom_of_card(self) -> float:
        """The bottom of the card, below the middle of the pill."""
        return self.card_top + self.box.height


def leaves_beside(boxes: Sequence[Box], links: Sequence[Link]) -> dict[int, int]:
    """For every leaf that stands beside an operation: the index of that operation's result.

    Such a leaf has one consumer, and another input is left for the spine: a result, a shared leaf, or else
    the leaf that is least willing to stand aside.
    """
    users: dict[int, set[int]] = defaultdict(set)
    sources: dict[int, list[int]] = defaultdict(list)
    for link in links:
        users[link.source].add(link.target)
        if link.source not in sources[link.target]:
            sources[link.target].append(link.source)
    chosen: dict[int, int] = {}
    for target, inputs in sources.items():
        if boxes[target].pill is None:
            continue
        able = [i for i in inputs if boxes[i].pill is None and boxes[i].beside and len(users[i]) == 1]
        if len(able) == len(inputs):
            able.remove(min(able, key=lambda i: boxes[i].beside))
        if len(able) <= MAX_LEAVES_BESIDE:
            heights = accumulate(boxes[i].height for i in able)
            chosen.update((i, target) for i, height in zip(able, heights) if height <= MAX_STACK)
    return chosen


def units_of(boxes: Sequence[Box], links: Sequence[Link], beside: dict[int, int]) -> dict[int, Unit]:
    """A unit for every box that does not stand beside another."""
    units = {i: Unit(box) for i, box in enumerate(boxes) if i not in beside}
    labels: dict[int, float] = defaultdict(float)
    above: dict[int, list[float]] = defaultdict(list)
    for link in links:
        if link.source in beside:
            labels[link.target] = max(labels[link.target], link.label)
        else:
            above[link.target].append(link.label)
    groups: dict[int, list[int]] = defaultdict(list)
    for leaf, target in beside.items():
        groups[target].append(leaf)
    for i, unit in units.items():
        _measure(unit, above[i])
        if groups[i]:
            _put_beside(unit, boxes, groups[i], labels[i])
    return units


def _measure(unit: Unit, labels: list[float]) -> None:
    unit.bottom = unit.card_top + unit.box.height
    if unit.box.pill is None:
        unit.left, unit.right = unit.box.left, unit.box.width - unit.box.left
        unit.top = -unit.card_top
        return
    width, height = unit.box.pill
    half = max(unit.box.width, width) / 2
    room = max(labels, default=0.0) + 12 + width / 2 * (len(labels) > 1)
    unit.left = max(half, room * (len(labels) > 1))
    unit.right = max(half, room)
    lines = (len(labels) + 1) // 2 if any(labels) else 0
    unit.top = height / 2 + 8 + LABEL * lines


def _put_beside(unit: Unit, boxes: Sequence[Box], leaves: list[int], label: float) -> None:
    assert unit.box.pill is not None
    apart = STACKED / 2 if unit.box.flat else STACKED
    total = fsum(boxes[i].height for i in leaves) + apart * (len(leaves) - 1)
    y = -total / 2
    for i in leaves:
        unit.beside.append((i, y))
        y += boxes[i].height + apart
    arrow = ARROW if unit.box.flat else 2 * HALF_PILL + 8
    level = unit.box.pill[0] / 2 + label + arrow  # one label stands above its line, level with the pill
    corridor = label + (ARROW if unit.box.flat else BESIDE)  # several stand next to their cards
    unit.edge = max(unit.left + min(BESIDE, arrow), level) if len(leaves) == 1 else unit.left + corridor
    unit.left = max(unit.left, unit.edge + max(boxes[i].width for i in leaves))
    unit.top = max(unit.top, total / 2)
    unit.bottom = max(unit.bottom, total / 2)
