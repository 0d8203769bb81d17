from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz.drawing.cards import measure
from tinygrad_edu.viz.drawing.colours import DARK, LIGHT, THEMES
from tinygrad_edu.viz.drawing.svg import FONTS, svg
from tinygrad_edu.viz.drawing.text_width import width
from tinygrad_edu.viz.graph.graph_builder import graph_of

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {"svg", "g", "rect", "path", "text", "tspan", "title"}


def picture(x, names=None, theme=LIGHT, numbers=None):
    return svg(graph_of(x, names, numbers=numbers), theme)


def texts(source):
    return ["".join(t.itertext()) for t in ElementTree.fromstring(source).iter(f"{SVG}text")]


def test_a_hostile_name_changes_nothing_but_texts(product):
    root = ElementTree.fromstring(picture(product))

    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= DRAWN
    assert not [
        key for element in root.iter() for key in element.attrib if key.startswith("on") or "href" in key
    ]


def test_a_hostile_name_stays_inside_its_card(product):
    for node in graph_of(product).nodes:
        card = measure(node, graph_of(product))
        assert (
            width(card.name, 14, bold=True) + width(card.expression, 11) + width(card.shape, 11) < card.width
        )
        assert card.width < 560


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_the_picture_is_flat_and_stands_alone(two_layers, theme):
    source = picture(*two_layers, theme=theme)

    root = ElementTree.fromstring(source)
    assert {"width", "height", "viewBox"} <= set(root.keys())
    assert root.get("font-family") == FONTS
    assert root[0].get("fill") == theme.page
    assert not re.search(r"var\(|<style|<script|url\(|\bid=|class=", source)
    colours = {e.get(key) for e in root.iter() for key in ("fill", "stroke")} - {None, "none"}
    assert all(re.fullmatch("#[0-9A-Fa-f]{6}", colour) for colour in colours)


def test_the_same_graph_gives_the_same_bytes(two_layers):
    assert picture(*two_layers) == picture(*two_layers)


def test_light_and_dark_show_the_same_texts(two_layers):
    assert texts(picture(*two_layers, theme=LIGHT)) == texts(picture(*two_layers, theme=DARK))


def test_only_characters_that_common_fonts_have_are_used(two_layers):
    loss, names = two_layers
    loss.backward()

    used = set("".join(texts(picture(loss, names))))

    assert {c for c in used if not c.isascii()} <= set("×÷·−…σΣ∂²³")


def test_before_backward_the_place_of_the_gradient_is_an_empty_dashed_box():
    a = tensor([2.0, 3.0], requires_grad=True, name="a")

    source = picture((a * a).sum())

    assert "∂L/∂a" in texts(source)
    assert "gradient not computed" in texts(source)
    assert not {"0", "0.0", "0.00"} & set(texts(source))
    assert source.count('stroke-dasharray="3 3"') == 4  # a, a * a, its sum, and the legend


def test_after_backward_every_gradient_is_shown_to_the_digits_shown(two_layers):
    loss, names = two_layers
    loss.backward()

    shown = texts(picture(loss, names, numbers=True))

    assert "∂loss/∂W1" in shown
    for name in ("W1", "W2", "B", "C", "Z1", "H1", "Z2", "yhat"):
        start = shown.index(f"∂loss/∂{name}") + 1
        gradient = names[name].raw_grad().ravel()
        cells = [float(text.replace("−", "-")) for text in shown[start : start + gradient.size]]
        np.testing.assert_allclose(cells, gradient, rtol=5.01e-3, atol=0)


def test_a_constant_has_no_place_for_a_gradient():
    x, w = tensor([[1.0]], name="x"), tensor([[2.0]], requires_grad=True, name="w")

    shown = texts(picture((x @ w).sum()))

    assert "∂L/∂w" in shown
    assert "∂L/∂x" not in shown


def test_a_long_formula_is_cut_and_whole_when_pointed_at():
    a, b = (tensor([1.0, 2.0], requires_grad=True, name=name * 12) for name in "ab")

    source = picture((a.exp() / b).log_softmax(0).exp().maximum(b).sum())

    titles = [t.text for t in ElementTree.fromstring(source).iter(f"{SVG}title")]
    assert any("where(" in title and not title.endswith("…") for title in titles)


def test_nan_and_infinity_stand_out():
    a = tensor([np.nan, np.inf, 1.0], requires_grad=True, name="a")

    source = picture(a.sum())

    assert {"NaN", "∞"} <= set(texts(source))
    assert f'fill="{LIGHT.strange[0]}"' in source
    assert f'fill="{LIGHT.strange[1]}"' in source


def test_a_large_tensor_is_summarised():
    shown = texts(picture(tensor(np.arange(600.0).reshape(20, 30), requires_grad=True, name="a").sum()))

    assert {"min 0 · mean 299.5 · max 599", "20×30", "…"} <= {t.replace("300", "299.5") for t in shown}
    assert len(shown) < 60


def test_kinds_differ_in_shape_as_well_as_in_colour(two_layers):
    source = picture(*two_layers, numbers=True)

    outlines = {}
    for kind in ("input", "parameter", "result", "loss"):
        group = next(g for g in re.findall(r"<g><title>.*?</g>", source) if f": {kind}, " in g)
        frame = re.findall(rf'<(path|rect)[^>]*{LIGHT.kinds[kind]}"', group)
        outlines[kind] = (*frame, kind in ("loss",))

    assert outlines == {
        "input": ("path", "path", False),
        "parameter": ("rect", "rect", False),
        "result": ("rect", False),
        "loss": ("path", True),
    }


def test_the_legend_explains_what_occurs_and_nothing_else():
    shown = texts(picture(tensor([1.0, 2.0], requires_grad=True, name="a") * 2))

    assert {"parameter", "result", "operation"} <= set(shown)
    assert not {"input, constant", "loss"} & set(shown)


def test_what_was_left_out_is_said_in_the_picture():
    x, rng = tensor(0.0, requires_grad=True), np.random.default_rng(0)
    for _ in range(2_000):
        x = (x.tanh, x.sigmoid, x.relu, x.cos)[rng.integers(4)]()

    words = " ".join(texts(picture(x)))

    assert "the newest 150 of 2,001 tensors are drawn" in words
    assert "computed from what is folded away" in words


def test_a_shared_parameter_of_a_long_loop_keeps_the_picture_small():
    w, h = tensor(np.eye(2), requires_grad=True), tensor(np.ones((1, 2)))
    for _ in range(400):
        h = (h @ w).tanh()

    assert len(picture(h.sum())) < 1_500_000
