"""Folded cards open in place, in the browser."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn
from tinygrad_edu.reading.gradients import gradients_of
from tinygrad_edu.scalar import Value
from tinygrad_edu.tensor.random_tensors import manual_seed
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.drawing.number_cells import cells_of
from tinygrad_edu.viz.graph.opened_card import inside_of

RNG = np.random.default_rng(0)


def recurrent():
    w, u = (tensor(RNG.normal(size=(3, 3)), requires_grad=True, name=name) for name in "wu")
    h = tensor(np.zeros((1, 3)), name="h0")
    for t in range(10):
        h = (tensor(RNG.normal(size=(1, 3)), name=f"x{t}") @ w + h @ u).tanh()
    return (h**2).mean(), None


def neurons():
    x = [Value(1.0), Value(-2.0)]
    layers = [[[Value(w) for w in RNG.normal(size=n + 1)] for _ in range(6)] for n in (2, 6)]
    losses = []
    for _ in range(4):
        out = x
        for layer in layers:
            out = [sum((w * v for w, v in zip(ws, out, strict=False)), ws[-1]).tanh() for ws in layer]
        losses.append(sum(out[1:], out[0]) ** 2)
    return sum(losses[1:], losses[0]), None


def modules():
    manual_seed(0)
    net = nn.Sequential(nn.Linear(2, 3), nn.Sequential(nn.Linear(3, 3), nn.Tanh()), nn.Linear(3, 1))
    return net(tensor(np.ones((2, 2)))).sum(), net


@pytest.fixture(params=[recurrent, neurons, modules])
def drawing(request):
    """A drawing with folded cards."""
    loss, net = request.param()
    return draw(loss, model=net, depth=None if net is None else 1)


OUTSIDE = """[...document.querySelectorAll("#picture .card, #picture .inset > rect")]
    .filter(x => x.getClientRects().length && !x.closest(".closed")).filter(x => {
        const [a, b] = [x.getBoundingClientRect(), document.getElementById("stage").getBoundingClientRect()];
        return a.left < b.left - 1 || a.right > b.right + 1 || a.top < b.top - 1 || a.bottom > b.bottom + 1;
    }).map(x => x.dataset.of ?? "inset")"""
OVERLAPS = """(() => {
    const seen = [...document.querySelectorAll("#picture .card")].filter(x => x.getClientRects().length)
        .map(x => [x, x.getBoundingClientRect()]);
    return seen.flatMap(([x, a], i) => seen.slice(i + 1).filter(([y, b]) =>
        a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
        .map(([y]) => [x.dataset.of, y.dataset.of]));
})()"""


def test_nothing_is_cropped_and_nothing_overlaps_whatever_is_open(browser, drawing):
    browser.open(drawing.html)

    assert browser.js("modules.insets.length") > 0
    for i in browser.js("modules.insets.map(inset => inset.i)"):
        browser.js(f"unfold({i})")
        browser.click("fit")
        assert browser.js(OUTSIDE) == []
        assert browser.js(OVERLAPS) == []
    assert browser.complaints() == []


def test_closing_restores_the_picture(browser, drawing):
    browser.open(drawing.html)
    state = "[picture.svg.outerHTML.replace(/ viewBox=.[^>]*?>/, ''), picture.whole]"
    before = browser.js(state)

    browser.js("modules.insets.forEach(inset => unfold(inset.i, true))")
    opened = browser.js("picture.whole.h")
    browser.js("modules.insets.forEach(inset => unfold(inset.i, false))")

    assert opened > before[1]["h"]
    assert browser.js(state)[1] == before[1]


def test_a_click_on_the_card_opens_and_closes(browser):
    graph = draw(recurrent()[0])
    browser.open(graph.html)
    (i,) = graph.graph.modules
    card = browser.driver.find_element("css selector", f"#picture .card[data-of=n{i}]")

    seen = []
    for _ in range(2):
        card.click()
        seen.append(browser.js("modules.insets[0].open"))

    assert seen == [True, False]


def test_the_numbers_inside_are_those_of_numpy(browser, drawing):
    graph = drawing.graph
    gradients = gradients_of(graph.tensors[-1])
    browser.open(drawing.html)

    browser.click("last")

    for card, first, count in browser.js("data.insets"):
        if card >= len(graph.nodes):
            continue
        inside = inside_of(graph, card)
        assert count == len(inside.nodes)
        for k, (node, x) in enumerate(zip(inside.nodes, inside.tensors, strict=True)):
            if node.value is None:
                continue
            for kind, array in (("v", graph.computation.array(x)), ("g", gradients.get(x))):
                if array is not None and browser.js(f"!!picture.grids['{kind}{first + k}']"):
                    cells = cells_of(np.asarray(array))
                    texts = [
                        text for row in cells.texts[: len(cells.rows)] for text in row[: len(cells.rows[0])]
                    ]
                    assert browser.seen(f"{kind}{first + k}") == texts


def test_many_examples_of_many_neurons_open_down_to_the_single_operation(browser):
    browser.open(draw(neurons()[0]).html)

    signs = browser.js("data.nodes.slice(data.insets[0][1]).map(node => node.sign)")

    assert {"×", "+", "tanh"} <= set(signs)
