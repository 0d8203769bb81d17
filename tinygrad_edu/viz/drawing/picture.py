"""The cards of a graph at their places: what a painter needs, and what a comparison of layouts measures."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

from tinygrad_edu.viz.drawing import cards as full_cards
from tinygrad_edu.viz.drawing import compact_cards, module_frames
from tinygrad_edu.viz.drawing.cards import SMALL, Card
from tinygrad_edu.viz.drawing.stubs import Stub, stubs
from tinygrad_edu.viz.drawing.text_width import clean, cut, width
from tinygrad_edu.viz.graph.graph_model import Edge, Graph
from tinygrad_edu.viz.layout.clusters import Frame, Group, nested
from tinygrad_edu.viz.layout.layout import NARROW, WIDE, Layout
from tinygrad_edu.viz.layout.units import Box, Link

SIGN = 14.0  # font size in a pill
PILL = 26.0  # height of a pill
MAX_LABEL_WIDTH, MAX_SIGN_WIDTH = 230.0, 150.0
_WILLING = {"input": 1, "parameter": 2}  # to stand beside the operation


@dataclass(frozen=True, slots=True)
class Picture:
    """Cards, signs of operations and labels of edges as they are painted, and the places of all of them."""

    cards: list[Card]
    signs: list[str]
    labels: list[str]
    titles: list[str]  # of the boxes around modules
    boxes: list[Box]
    links: list[Link]
    plan: Layout
    frames: list[Frame | None]
    stubs: list[Stub]  # the last of `boxes`


def arranged(graph: Graph) -> Picture:
    """The picture of `graph`, laid out."""
    cards = [compact_cards.measure(x) if graph.compact else full_cards.measure(x, graph) for x in graph.nodes]
    signs = [cut(clean(node.sign), MAX_SIGN_WIDTH, SIGN, bold=True) for node in graph.nodes]
    labels = [
        "" if graph.compact else cut(clean(edge.local), MAX_LABEL_WIDTH, SMALL, bold=True)
        for edge in graph.edges
    ]
    titles = module_frames.titles(graph)
    drawn = _drawn_scopes(graph)
    groups = [
        Group(drawn[scope.parent], module_frames.title_width(title))
        for scope, title in zip(graph.scopes, titles, strict=True)
    ]
    inside = [drawn[node.scope] for node in graph.nodes]
    boxes = _boxes(cards, signs, flat=graph.compact)
    short = stubs(graph)
    boxes += [stub.box for stub in short]
    inside += [inside[graph.edges[stub.edge].target] for stub in short]
    links = _links(graph.edges, labels)
    for k, stub in enumerate(short, len(cards)):
        links[stub.edge] = replace(links[stub.edge], source=k)
    for source in {graph.edges[stub.edge].source for stub in short}:
        around = {inside[link.target] for link in links if link.source == source}
        inside[source] = around.pop() if len(around) == 1 else inside[source]
    plan, frames = nested(boxes, links, inside, groups, NARROW if graph.compact else WIDE)
    return Picture(cards, signs, labels, titles, boxes, links, plan, frames, short)


def _drawn_scopes(graph: Graph) -> dict[int | None, int | None]:
    """By each module the innermost one around it, or itself, that has a box: around one line there is none."""
    operations = Counter[int]()
    for node in graph.nodes:
        for around in graph.around(node.scope):
            operations[around] += bool(node.operation) + (node.kind == "module")
    fewest = 2 if graph.compact else 0
    drawn: dict[int | None, int | None] = {None: None}
    for i, scope in enumerate(graph.scopes):
        drawn[i] = i if operations[i] >= fewest else drawn[scope.parent]
    return drawn


def pill_width(sign: str) -> float:
    """The width of the pill with this sign."""
    return max(32.0, width(sign, SIGN, bold=True) + 20)


def _boxes(cards: list[Card], signs: list[str], *, flat: bool) -> list[Box]:
    """The places that cards need; `flat` ones have the pill of their operation inside."""
    return [
        Box(
            card.width,
            card.height,
            ((card.width, card.height) if flat else (pill_width(sign), PILL))
            if card.node.operation
            else None,
            0 if card.node.operation else _WILLING.get(card.node.kind, 0),
            flat=flat,
        )
        for card, sign in zip(cards, signs, strict=True)
    ]


def _links(edges: tuple[Edge, ...], labels: list[str]) -> list[Link]:
    return [
        Link(edge.source, edge.target, width(label, SMALL, bold=True))
        for edge, label in zip(edges, labels, strict=True)
    ]
