from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_edu import nn
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.layout.clusters import Group, nested
from tinygrad_edu.viz.layout.layout import layout
from tinygrad_edu.viz.layout.units import Box, Link


@st.composite
def grouped(draw):
    """Random graphs in which each group holds what is computed in one go, and a leaf what is used there only."""
    groups, inside, boxes, links = [], [], [], []
    running = []
    for i in range(draw(st.integers(2, 14))):
        inputs = draw(st.lists(st.integers(0, i - 1), max_size=3)) if i else []
        if inputs:
            del running[draw(st.integers(0, len(running))) :]
            if draw(st.booleans()) and len(running) < 3:
                groups.append(Group(running[-1] if running else None, draw(st.sampled_from([30.0, 200.0]))))
                running.append(len(groups) - 1)
        inside.append(running[-1] if inputs and running else None)
        size = st.sampled_from([40.0, 120.0])
        pill = (32.0, 26.0) if inputs else None
        boxes.append(Box(draw(size), draw(size), pill, draw(st.integers(0, 2))))
        links += [Link(source, i, draw(st.sampled_from([0.0, 60.0]))) for source in inputs]
    return boxes, links, inside, groups


def chain(groups, group):
    found = []
    while group is not None:
        found.append(group)
        group = groups[group].parent
    return found


def inside_of(inner, outer):
    x, y, w, h = inner
    return (
        outer.x <= x + 1e-6
        and x + w <= outer.x + outer.width + 1e-6
        and (outer.y <= y + 1e-6)
        and y + h <= outer.y + outer.height + 1e-6
    )


def apart(a, b):
    return (
        a[0] + a[2] <= b[0] + 1e-6
        or b[0] + b[2] <= a[0] + 1e-6
        or (a[1] + a[3] <= b[1] + 1e-6 or b[1] + b[3] <= a[1] + 1e-6)
    )


def corners(frame):
    return frame.x, frame.y, frame.width, frame.height


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(grouped())
def test_a_frame_holds_its_own_cards_and_touches_no_other(graph):
    boxes, links, inside, groups = graph
    plan, frames = nested(boxes, links, inside, groups)

    for i, ((x, y), box) in enumerate(zip(plan.cards, boxes, strict=True)):
        card = (x, y, box.width, box.height)
        for g, frame in enumerate(frames):
            if g in chain(groups, inside[i]):
                assert inside_of(card, frame)
            elif frame is not None:
                assert apart(card, corners(frame))


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(grouped())
def test_frames_are_one_inside_the_other_or_apart(graph):
    _, _, _, groups = graph
    _, frames = nested(*graph)

    for (g, a), (h, b) in itertools.combinations([(g, f) for g, f in enumerate(frames) if f], 2):
        if g in chain(groups, h):
            assert inside_of(corners(b), a)
        else:
            assert apart(corners(a), corners(b))


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(grouped())
def test_every_edge_runs_from_its_card_to_its_pill_and_downwards_unless_it_comes_from_the_side(graph):
    boxes, links, _, _ = graph
    plan, _ = nested(*graph)

    for link, route in zip(links, plan.routes, strict=True):
        (x, y), box = plan.cards[link.source], boxes[link.source]
        assert x <= route.points[0][0] <= x + box.width + 1e-6
        assert y <= route.points[0][1] <= y + box.height + 1e-6
        pill, (px, py) = boxes[link.target].pill, plan.pills[link.target]
        assert abs(route.points[-1][0] - px) <= pill[0] / 2 + 1e-6
        assert abs(route.points[-1][1] - py) <= pill[1] / 2 + 1e-6
        heights = [point[1] for point in route.points]
        assert route.sideways or heights == sorted(heights)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(grouped())
def test_no_edge_runs_through_the_title_of_a_frame(graph):
    _, _, _, groups = graph
    plan, frames = nested(*graph)

    for group, frame in zip(groups, frames, strict=True):
        if frame is None:
            continue
        for route in plan.routes:
            for (x, y), (end, below) in itertools.pairwise(route.points):
                if abs(x - end) < 0.01 and y < frame.y + 18 and below > frame.y + 4:
                    assert not frame.title - 4 < x < frame.title + group.title + 4


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(grouped())
def test_without_groups_it_is_the_plain_layout(graph):
    boxes, links, _, _ = graph

    assert nested(boxes, links, [None] * len(boxes), [])[0] == layout(boxes, links)


def test_the_data_path_through_modules_is_one_straight_line():
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
    graph = draw(net, np.ones((2, 3))).graph
    boxes = [Box(90.0, 40.0, (32.0, 26.0) if n.operation else None, not n.operation) for n in graph.nodes]
    links = [Link(edge.source, edge.target) for edge in graph.edges]

    groups = [Group(scope.parent, 40.0) for scope in graph.scopes]
    plan, _ = nested(boxes, links, [node.scope for node in graph.nodes], groups)

    assert len({round(pill[0], 6) for pill in plan.pills if pill}) == 1


def test_a_module_is_a_box_with_its_name_and_kind_in_the_picture():
    net = nn.Sequential(nn.Linear(3, 4), nn.ReLU())

    picture = draw(net, np.ones((2, 3))).svg

    assert ">net: Sequential</text>" in picture
    assert ">0: Linear</text>" in picture
    assert picture.count('stroke-dasharray="4 4"') == 4  # three modules and the legend
