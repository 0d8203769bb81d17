from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tinygrad_edu.viz.layout.layout import Box, Link, layout

LABEL_HEIGHT = 11.0


@st.composite
def graphs(draw):
    """Random DAGs with leaves, shared leaves, parallel edges and edges over many rows."""
    boxes, links = [], []
    sizes, labels = st.sampled_from([40.0, 90.0, 260.0]), st.sampled_from([0.0, 12.0, 130.0])
    for i in range(draw(st.integers(1, 16))):
        inputs = draw(st.lists(st.integers(0, i - 1), max_size=5)) if i else []
        pill = (draw(st.sampled_from([32.0, 120.0])), 26.0) if inputs else None
        boxes.append(Box(draw(sizes), draw(sizes), pill, draw(st.integers(0, 2))))
        links += [Link(source, i, draw(labels)) for source in inputs]
    return boxes, links


def rectangles(boxes, links, plan):
    """Every card, pill and label as (left, top, right, bottom), with the link a label belongs to."""
    for box, (x, y) in zip(boxes, plan.cards, strict=True):
        yield x, y, x + box.width, y + box.height
    for box, pill in zip(boxes, plan.pills, strict=True):
        if pill:
            (x, y), (w, h) = pill, box.pill
            yield x - w / 2, y - h / 2, x + w / 2, y + h / 2
    for link, route in zip(links, plan.routes, strict=True):
        if link.label:
            x, y = route.label
            x = x if route.anchor == "start" else x - link.label
            yield x, y - LABEL_HEIGHT, x + link.label, y


def overlap(a, b):
    return min(a[2], b[2]) - max(a[0], b[0]) > 0.01 and min(a[3], b[3]) - max(a[1], b[1]) > 0.01


def twin_beside(links, plan):
    """Whether a leaf beside an operation is used by it three times or more: then labels may touch."""
    sideways = [(x.source, x.target) for x, r in zip(links, plan.routes, strict=True) if r.sideways]
    return any(sideways.count(pair) > 2 for pair in sideways)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(graphs())
def test_no_card_pill_or_label_overlaps_another(graph):
    boxes, links = graph
    plan = layout(boxes, links)
    if twin_beside(links, plan):
        return

    for a, b in itertools.combinations(rectangles(boxes, links, plan), 2):
        assert not overlap(a, b)


def curve(route):
    """Points along a route, as it is painted."""
    for (x0, y0), (x1, y1) in itertools.pairwise(route.points):
        for k in range(21):
            t = k / 20
            s = (1 - t) ** 3 + 3 * (
                1 - t
            ) ** 2 * t  # the share of the start in an S from one level to another
            even = 1.5 * t * (1 - t) + t**3  # how far along: both middle points of the curve are half way
            x_of, y_of = (even, 1 - s) if route.sideways else (1 - s, even)
            yield x0 + (x1 - x0) * x_of, y0 + (y1 - y0) * y_of


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(graphs())
def test_no_edge_runs_through_a_card(graph):
    boxes, links = graph

    plan = layout(boxes, links)

    for route in plan.routes:
        for x, y in curve(route):
            for box, (left, top) in zip(boxes, plan.cards, strict=True):
                inside_x = left + 0.1 < x < left + box.width - 0.1
                assert not (inside_x and top + 0.1 < y < top + box.height - 0.1)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(graphs())
def test_inputs_end_above_their_results_and_results_hang_below_their_pill(graph):
    boxes, links = graph

    plan = layout(boxes, links)

    for link, route in zip(links, plan.routes, strict=True):
        x, y = plan.pills[link.target]
        if not route.sideways:
            assert plan.cards[link.source][1] + boxes[link.source].height < y
        assert route.points[-1] == pytest.approx((x, y), abs=61)
    for box, card, pill in zip(boxes, plan.cards, plan.pills, strict=True):
        if pill:
            assert card[0] + box.width / 2 == pytest.approx(pill[0])
            assert card[1] > pill[1] + 13


_LOW = [Box(40.0, 40.0, None, beside) for beside in (0, 0, 1)]
LABEL_BELOW_THE_LOWEST_CARD = (
    [*_LOW, Box(40.0, 90.0, None, 1), *_LOW[:1] * 3, Box(40.0, 40.0, (32.0, 26.0))],
    [Link(0, 7, 0.0), Link(0, 7, 0.0), Link(3, 7, 0.0), Link(2, 7, 0.0), Link(2, 7, 12.0)],
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(graphs())
@example(LABEL_BELOW_THE_LOWEST_CARD)
def test_everything_lies_on_the_page(graph):
    boxes, links = graph

    plan = layout(boxes, links)

    for left, top, right, bottom in rectangles(boxes, links, plan):
        assert min(left, top) >= -0.01
        assert right <= plan.width + 0.01
        assert bottom <= plan.height + 0.01


def card(kind="result"):
    return Box(80, 60, (32, 26) if kind == "result" else None, {"input": 1, "parameter": 2}.get(kind, 0))


def test_a_network_runs_straight_down_with_its_parameters_at_the_left():
    boxes = [card("input")]
    links = []
    for _ in range(4):
        boxes += [card("parameter"), card()]
        links += [Link(len(boxes) - 3, len(boxes) - 1), Link(len(boxes) - 2, len(boxes) - 1)]

    plan = layout(boxes, links)

    assert len({plan.cards[i][0] for i in (0, 2, 4, 6, 8)}) == 1
    assert all(plan.cards[i][0] + 80 < plan.cards[i + 1][0] for i in (1, 3, 5, 7))
    assert all(plan.cards[i][1] < plan.pills[i + 1][1] < plan.cards[i][1] + 60 for i in (1, 3, 5, 7))


def test_of_high_parameters_only_as_many_stand_beside_their_operation_as_are_not_much_higher():
    boxes = [card("input"), *[Box(80, 120, None, 2)] * 4, card()]

    plan = layout(boxes, [Link(i, 5) for i in range(5)])

    beside = [route.sideways for route in plan.routes]
    assert beside == [False, True, True, False, False]
    assert plan.height < 500


def test_two_branches_are_straight_but_where_they_part_and_meet():
    boxes = [card("input")] + [card()] * 6
    links = [Link(0, 1), Link(1, 2), Link(1, 3), Link(2, 4), Link(3, 5), Link(4, 6), Link(5, 6)]

    plan = layout(boxes, links)

    assert plan.cards[2][0] == plan.cards[4][0] != plan.cards[3][0] == plan.cards[5][0]


def test_two_edges_from_the_same_card_run_side_by_side():
    plan = layout([card("input"), card()], [Link(0, 1), Link(0, 1)])

    first, second = plan.routes
    assert all(a[0] + 5 < b[0] for a, b in zip(first.points, second.points, strict=True))


def test_the_same_graph_has_the_same_layout():
    boxes, links = (
        [card("input")] + [card()] * 30,
        [Link(i * 7 % (k + 1), k + 1) for k in range(30) for i in (1, 2)],
    )

    assert layout(boxes, links) == layout(boxes, links)
