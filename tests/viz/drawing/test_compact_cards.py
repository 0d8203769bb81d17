from __future__ import annotations

import re
from xml.etree import ElementTree

import numpy as np

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.drawing.compact_cards import HEIGHT, measure

SVG = "{http://www.w3.org/2000/svg}"


def deep(steps=15):
    w = tensor(np.arange(6.0).reshape(2, 3), requires_grad=True, name="w")
    x = w
    for i in range(steps):
        x = x.tanh() if i % 2 else x * 2
    return x.sum()


def titles(picture):
    return [title.text for title in ElementTree.fromstring(picture).iter(f"{SVG}title")]


def texts(picture):
    return ["".join(text.itertext()) for text in ElementTree.fromstring(picture).iter(f"{SVG}text")]


def test_a_small_graph_writes_its_numbers_out_and_a_large_one_does_not():
    assert not draw(deep(5)).graph.compact
    assert draw(deep(15)).graph.compact
    assert draw(deep(5), numbers=False).graph.compact
    assert not draw(deep(15), numbers=True).graph.compact


def test_a_card_is_one_line_with_name_and_shape():
    graph = draw(deep()).graph

    assert {measure(node).height for node in graph.nodes} == {HEIGHT}
    shown = texts(draw(deep()).svg)
    assert {"w", "2×3", "× 2", "tanh"} <= set(shown)
    assert "0.964" not in shown


def test_the_numbers_are_in_the_tooltip():
    loss = deep()
    loss.backward()

    title = next(title for title in titles(draw(loss).svg) if title.startswith("w:"))

    assert "value\n0  1  2\n3  4  5\ngradient\n" in title


def test_a_single_number_is_written_out():
    loss = deep()

    assert f"{loss.item():.3g}" in texts(draw(loss).svg)


def test_every_number_has_a_cell_in_the_colour_of_its_size():
    picture = draw(deep()).svg

    card = re.search(r"<g><title>w:.*?</g>", picture, re.DOTALL)[0]
    cells = re.findall(r'<path d="((?:M[-\d. ]+h[\d.]+v[\d.]+h-[\d.]+z)+)"', card)
    assert sum(path.count("M") for path in cells) == 6


def test_a_leaf_that_moved_says_so():
    w = tensor([1.0, 2.0], requires_grad=True, name="w")
    y = (w * w).sum()
    with no_grad():
        w -= 0.5

    picture = draw(y, numbers=False).svg

    assert any("moved since" in text for text in texts(picture))
