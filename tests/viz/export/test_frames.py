from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.drawing.colours import LIGHT
from tinygrad_edu.viz.export.animation import played
from tinygrad_edu.viz.export.frames import Frames
from tinygrad_edu.viz.page.page_file import stepped

SVG = "{http://www.w3.org/2000/svg}"


def frames_of(loss, **names):
    return Frames(*stepped(draw(loss, names=names).graph), LIGHT)


@pytest.fixture
def frames():
    w = tensor([2.0, 3.0], requires_grad=True)
    y = w * w
    return frames_of(y.sum(), w=w, y=y)


def numbers(picture, node, kind):
    card = next(x for x in picture.iter() if (x.get("class"), x.get("data-of")) == ("card", node))
    group = next(x for x in card.iter() if x.get("class") == kind)
    return [x.text for x in group.iter(f"{SVG}text")]


def test_gradients_appear_where_the_way_back_has_come(frames):
    start, seed, summed, last = map(frames.at, [*played(frames.steps)][2:])

    assert [numbers(x, "n1", "gradients") for x in (start, seed, summed)] == [[], [], ["1", "1"]]
    assert numbers(start, "n1", "values") == ["4", "9"]
    assert numbers(last, "n0", "gradients") == ["4", "6"]


def test_on_the_way_forward_results_appear(frames):
    assert [numbers(frames.at(n), "n1", "values") for n in (0, 1)] == [[], ["4", "9"]]


def test_a_share_is_seen_before_the_sum_is_complete():
    w = tensor([2.0], requires_grad=True)
    frames = frames_of((w * 3 + w * 5).sum(), w=w)

    seen = [numbers(frames.at(n), "n0", "gradients") for n in played(frames.steps)]

    assert seen[-2:] == [["5"], ["8"]]


def test_a_frame_has_a_title_and_the_formula(frames):
    n = played(frames.steps)[4]

    picture = ElementTree.fromstring(frames.captioned(n, (1400.0, 900.0)))

    title, formula, *_ = (x.text for x in picture.iter(f"{SVG}text"))
    assert title == "4 / 5  backward through Σ: L → y"
    assert formula.startswith("∂L/∂y = ∂L/∂L")


def test_of_a_large_picture_the_part_around_the_step_is_seen(frames):
    n = played(frames.steps)[-1]

    window, size = frames.window(n, (150.0, 150.0))

    assert size == (150, 150)
    x, y, *_ = map(float, window.attrib["viewBox"].split())
    middle = frames.places["n1"]
    assert abs(x + 75 - middle[0]) < 150
    assert 0 <= y < middle[1]


def test_the_same_graph_gives_the_same_frames(frames):
    assert frames.captioned(1, (900.0, 900.0)) == frames.captioned(1, (900.0, 900.0))


def test_a_hostile_name_changes_nothing_but_texts(product):
    frames = frames_of(product)

    for n in range(len(frames.steps.all)):
        tags = {x.tag for x in ElementTree.fromstring(frames.captioned(n, (900.0, 900.0))).iter()}
        assert tags <= {SVG + name for name in ("svg", "g", "rect", "path", "text", "tspan", "title")}
