"""Cards in one line show their numbers while the pointer or the focus is on them, in the browser."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import tensor
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.drawing.number_cells import cells_of

CELLS = "[...document.querySelectorAll('#lens td')].map(cell => cell.textContent)"


def test_the_numbers_of_a_card_are_written_out_while_it_has_the_focus(browser, graphs):
    loss, names = graphs["exam"]()
    browser.open(draw(loss, names=names).html)
    browser.click("fit")

    browser.js("picture.cards[1].focus()")

    assert browser.js(CELLS) == [text for row in cells_of(names["W1"].raw).texts for text in row]
    browser.js("picture.cards[1].blur()")
    assert browser.js("lens.hidden")


def test_the_gradient_is_written_out_once_a_step_has_computed_it(browser, graphs):
    loss, names = graphs["exam"]()
    loss.backward()
    browser.open(draw(loss, names=names).html)
    browser.click("last")

    browser.js("picture.cards[1].focus()")

    both = [names["W1"].raw, np.asarray(names["W1"].raw_grad())]
    assert browser.js(CELLS) == [text for x in both for row in cells_of(x).texts for text in row]


def test_the_numbers_stay_on_the_stage(browser, graphs):
    browser.open(draw(graphs["exam"]()[0]).html)

    for i in browser.js("Object.keys(picture.cards)"):
        browser.js(f"magnify({i})")
        inside = """(([a, b]) => a.left >= b.left && a.right <= b.right && a.top >= b.top && a.bottom <= b.bottom)
            ([lens, stage].map(x => x.getBoundingClientRect()))"""
        assert browser.js(f"lens.hidden || {inside}")


def test_the_quiz_keeps_its_secret(browser, graphs):
    loss, names = graphs["exam"]()
    browser.open(draw(loss, names=names).html)
    browser.click("quiz")
    browser.click("next")

    browser.js("magnify(data.steps[state.step].node)")

    assert browser.js("lens.hidden || !quiz.hidden")


def many_operations():
    x = first = tensor([[0.5, -1.5], [2.0, 0.25]], requires_grad=True)
    for _ in range(160):
        x = (x * 0.9).tanh()
    return x.sum(), first


@pytest.mark.slow
def test_where_cards_have_no_numbers_the_pointer_shows_those_that_the_steps_have_computed(browser):
    loss, x = many_operations()
    browser.open(draw(loss, max_nodes=1_000).html)
    card = browser.js("data.nodes.findIndex(node => node.name === 'x')")
    late = browser.js("data.steps.find(step => step.phase === 'seed').node")

    browser.js(f"picture.cards[{card}].focus()")
    assert browser.js(CELLS) == [text for row in cells_of(x.raw).texts for text in row]
    browser.js(f"picture.cards[{late}].focus()")
    assert browser.js("lens.hidden")  # not computed yet

    browser.click("last")
    loss.backward()
    browser.js(f"picture.cards[{card}].focus()")
    both = [x.raw, np.asarray(x.raw_grad())]
    assert browser.js(CELLS) == [text for a in both for row in cells_of(a).texts for text in row]


@pytest.mark.slow
def test_where_cards_have_no_numbers_the_pointer_keeps_the_secrets_of_the_quiz(browser):
    browser.open(draw(many_operations()[0], max_nodes=1_000).html)
    browser.click("quiz")
    browser.click("next")

    browser.js("magnify(data.steps[state.step].node)")
    assert browser.js("[quiz.hidden, lens.hidden]") == [True, True]

    browser.click("reveal")
    browser.js("magnify(data.steps[state.step].node)")
    assert browser.js("lens.hidden") is False
