"""Modules fold in place, in the browser."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn
from tinygrad_edu.tensor.random_tensors import manual_seed
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw


class Residual(nn.Module):
    """Two ways side by side."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(2, 2), nn.Linear(2, 2), nn.Linear(2, 2)

    def forward(self, x):
        return self.b(self.a(x).tanh()) + self.c(x)


@pytest.fixture(params=["mlp", "residual"])
def page(request, graphs):
    """A page with modules."""
    if request.param == "mlp":
        loss, names = graphs["mlp"]()
        return draw(loss, names=names, numbers=True).html
    manual_seed(0)
    net = nn.Sequential(Residual(), nn.Tanh(), Residual())
    return draw(net(tensor(np.ones((3, 2)))).sum(), names={"net": net}, numbers=True).html


OVERLAPS = """(() => {
    const seen = [...document.querySelectorAll("#picture .card, #picture .scope.folded")]
        .filter(x => getComputedStyle(x).display !== "none").map(x => [x, x.getBoundingClientRect()]);
    return seen.flatMap(([x, a], i) => seen.slice(i + 1).filter(([y, b]) =>
        a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)
        .map(([y]) => [x.dataset.of, y.dataset.of]));
})()"""
SHAPE = """[picture.svg.outerHTML.replace(/ viewBox="[^"]*"/, ''), picture.whole.h]"""


def test_nothing_overlaps_whatever_is_folded(browser, page):
    browser.open(page)

    for i in browser.js("modules.boxes.map(box => box.i)"):
        browser.js(f"modules.toggle({i})")
        assert browser.js(OVERLAPS) == []
    browser.js("modules.all(false)")
    browser.js("modules.all(true)")
    assert browser.js(OVERLAPS) == []
    assert browser.complaints() == []


def test_folding_makes_the_picture_shorter_and_opening_restores_it(browser, page):
    browser.open(page)
    browser.press("m")
    browser.press("m")
    before = browser.js(SHAPE)

    browser.press("m")
    folded = browser.js("picture.whole.h")
    browser.press("m")

    assert folded < before[1] - 50
    assert browser.js(SHAPE) == before


def test_what_is_inside_disappears_and_steps_show_the_module_instead(browser, page):
    browser.open(page)
    inside = browser.js("data.steps.findIndex(s => s.phase === 'forward' && data.nodes[s.node].scope > 0)")
    scope = browser.js(f"data.nodes[data.steps[{inside}].node].scope")

    browser.js(f"modules.toggle({scope})")
    browser.js(f"show({inside})")

    node = browser.js(f"data.steps[{inside}].node")
    assert browser.js(f"getComputedStyle(picture.cards[{node}]).display") == "none"
    assert browser.js(f"picture.scopes[{scope}].classList.contains('current')")
    assert (
        browser.js(f"picture.scopes[{scope}].querySelector('text').getAttribute('aria-expanded')") == "false"
    )


def test_the_title_is_a_button_and_stays_under_the_pointer(browser, graphs):
    loss, names = graphs["mlp"]()
    browser.open(draw(loss, names=names, numbers=True).html)
    title = "modules.boxes[1].text.getBoundingClientRect().top"
    before = browser.js(title)

    browser.js("modules.boxes[1].text.dispatchEvent(new MouseEvent('click', {bubbles: true}))")

    assert browser.js("[...modules.folded]") == [1]
    assert browser.js(title) == pytest.approx(before, abs=1)
    browser.js("modules.boxes[1].text.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter'}))")
    assert browser.js("modules.folded.size") == 0


def test_a_folded_module_says_what_it_holds(browser, graphs):
    loss, names = graphs["mlp"]()
    browser.open(draw(loss, names=names, numbers=True).html)

    browser.click("modules")

    assert browser.text("#picture .scope.folded .summary") == "2 parameters, 1 operation"


def test_without_modules_there_is_no_button(browser, graphs):
    browser.open(draw(graphs["scalars"]()[0]).html)

    assert browser.js("document.getElementById('modules').hidden")
