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

ENTER = "\ue007"
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

    for card, first, count, _ in browser.js("data.insets"):
        if card >= len(graph.nodes):
            continue
        inside = inside_of(graph, card)
        assert count == len(inside.nodes)
        for k, (node, x) in enumerate(zip(inside.nodes, inside.tensors, strict=True)):
            if node.value is None:
                continue
            for kind, array in (("v", graph.computation.array(x)), ("g", gradients.get(x))):
                if array is not None and browser.js(f"!!picture.grids['{kind}{first + k}']"):
                    assert browser.seen(f"{kind}{first + k}") == texts_of(array)


def texts_of(array):
    cells = cells_of(np.asarray(array))
    return [text for row in cells.texts[: len(cells.rows)] for text in row[: len(cells.rows[0])]]


def opened_at_the_end(browser):
    """The last step of a recurrent network whose steps are one card, which is open."""
    graph = draw(recurrent()[0]).graph
    (card,) = graph.modules
    browser.open(draw(graph.tensors[-1]).html)
    browser.click("last")
    browser.js(f"unfold({card})")
    return graph, gradients_of(graph.tensors[-1]), card


@pytest.mark.slow
def test_every_repetition_can_be_looked_at_and_has_its_own_names_and_numbers(browser):
    graph, gradients, card = opened_at_the_end(browser)
    first = browser.js("data.insets[0][1]")
    back, on = browser.driver.find_elements("css selector", "#picture .control")

    seen = []
    for n in range(10):
        inside = inside_of(graph, card, n)
        for k, x in enumerate(inside.tensors):
            assert browser.seen(f"v{first + k}") == texts_of(graph.computation.array(x))
            if x in gradients and browser.js(f"!!picture.grids.g{first + k}"):
                assert browser.seen(f"g{first + k}") == texts_of(gradients[x])
        seen.append(browser.js(f"picture.cards[{first}].querySelector('text').textContent"))
        on.click()

    assert seen == [f"x{t}" for t in range(10)]
    assert browser.text(".inset text") == "10 of 10"
    assert on.get_attribute("aria-disabled") == "true"
    for _ in range(9):
        back.click()
    assert browser.text(".inset text") == "the first of 10"
    assert browser.js("document.activeElement.getAttribute('aria-label')") == "The time before"


@pytest.mark.slow
def test_an_operation_inside_says_what_it_does_with_its_own_numbers(browser):
    graph, gradients, card = opened_at_the_end(browser)
    first, operation = browser.js("data.insets[0][1]"), 4  # x @ w

    browser.driver.find_elements("css selector", "#picture .control")[1].send_keys(ENTER)
    browser.js(f"picture.cards[{first + operation}].focus()")

    inside = inside_of(graph, card, 1)
    x, y = inside.tensors[0], inside.tensors[operation]
    g = np.asarray(gradients[y])
    said = [cells for _, cells in browser.matrices()]
    assert browser.text("#title").startswith("inside: @ → ")
    assert browser.step() == browser.js("data.steps.length - 1")
    share = np.asarray(graph.computation.array(x)).T @ g
    written = [[text.replace("·10", "e") for text in cells] for cells in said]
    assert [texts_of(graph.computation.array(y)), texts_of(share)] == [written[2], written[5]]
    assert "+=" in browser.js(
        "[...document.querySelectorAll('#step .symbols')].at(-1).textContent"
    )  # of ten shares
    browser.click("previous")
    assert not browser.text("#title").startswith("inside")


def test_many_examples_of_many_neurons_open_down_to_the_single_operation(browser):
    browser.open(draw(neurons()[0]).html)

    signs = browser.js("data.nodes.slice(data.insets[0][1]).map(node => node.sign)")

    assert {"×", "+", "tanh"} <= set(signs)
