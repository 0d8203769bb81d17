"""Predict, then see: guesses are judged by the numbers of this run, and by the digits that are shown."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.reading.gradients import gradients_of
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.viz import draw
from tinygrad_edu.viz.drawing.number_cells import cells_of

ENTER, ESCAPE, END = "\ue007", "\ue00c", "\ue010"
ASKED = "quiz.questions[document.getElementById('asked').value]"


@pytest.fixture
def quiz(browser):
    """A quiz about ∂L/∂w of a small graph, at its last step; the last gradient is [[−0.0833, 0, 1.5]]."""
    w = tensor([[-0.25, 0.0, 4.5]], requires_grad=True, name="w")
    browser.open(draw((w * w / 6).sum()).html)
    browser.press("q", END)
    return browser


def test_a_guess_is_typed_and_judged_without_a_mouse(quiz):
    quiz.press("-.1", ENTER)
    assert quiz.text("#verdict") == (
        "Not −0.1. Try again, or show the numbers. Right at the first try: 0 of 1."
    )
    assert quiz.js("quiz.hidden")

    quiz.js("document.getElementById('guess').select()")
    quiz.press("-0.0833", ENTER)

    assert quiz.text("#verdict") == ("Right: ∂L/∂w column 0 = −0.0833. Right at the first try: 0 of 1.")
    assert not quiz.js("quiz.hidden")
    assert "gradient of w is −0.0833 0 1.5" in quiz.text("#log")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("-0.0833", "Right"), ("−1/12", "Right"), ("-8.33e-2", "Right"), ("-0.08334", "Right"),
        ("-0.08", "Not −0.08. Try again"), ("-0.0834", "Not"), ("0.083333", "Not 0.0833. Only the sign is wrong."),
        ("-0.5", "Not −0.5. It is 6 times too large."), ("-1/24", "Not −0.0417. It is 2 times too small."),
        ("0", "Not 0. That would be right for ∂L/∂w column 1."),
        ("nan", "Not NaN"), ("1/0", "Not ∞"), ("", "Write a number"), ("x", "Write"),
        ("1/", "Write"), ("1/2/3", "Write"), ("0x", "Write"), ("--1", "Write"),
    ],
)  # fmt: skip
def test_what_is_said_about_a_guess(quiz, typed, said):
    quiz.driver.find_element("id", "guess").send_keys(typed)
    quiz.click("check")

    assert quiz.text("#verdict").startswith(said)


def test_every_number_as_it_is_shown_is_right(browser, graph):
    browser.open(draw(graph[0], names=graph[1]).html)

    asked = browser.js("data.steps.flatMap(step => quiz.questionsOf(step))")

    assert len(asked) > browser.js("data.steps.length") - 2
    assert (
        browser.js(
            """data.steps.flatMap(step => quiz.questionsOf(step))
        .filter(asked => !agrees(readNumber(number(asked.x)), asked))"""
        )
        == []
    )


def test_what_is_asked_is_what_the_engine_computed(browser, graphs):
    loss, names = graphs["exam"]()
    drawing = draw(loss, names=names)
    gradients = gradients_of(loss)
    browser.open(drawing.html)

    asked = browser.js("data.steps.slice(way).flatMap(step => quiz.questionsOf(step))")

    found = {}
    for question in asked:
        found.setdefault(int(question["grid"][1:]), []).append(question["x"])
    for i, numbers in found.items():
        told = cells_of(np.asarray(gradients[drawing.graph.tensors[i]])).rows
        assert numbers == [x for row in told for x in row]


def test_after_a_what_if_the_new_numbers_are_the_right_ones(browser):
    w = tensor([3.0], requires_grad=True, name="w")
    browser.open(draw((w * w).sum()).html)
    browser.js("(state.machine.set(0, 0, 5), paint())")
    browser.press("q", END)

    browser.press("10", ENTER)

    assert browser.text("#verdict").startswith("Right: ∂L/∂w = 10.")


def test_the_score_counts_first_guesses_only(quiz):
    quiz.press("1", ENTER)
    quiz.js("document.getElementById('guess').select()")
    quiz.press("-1/12", ENTER)
    for _ in range(2):  # 1 is wrong for w * w, and right for what was added up
        quiz.click("previous")
        quiz.press("1", ENTER)
        quiz.js("document.getElementById('guess').select()")
    quiz.click("next")

    assert quiz.text("#verdict") == "Right at the first try: 1 of 3."


def test_hidden_numbers_are_seen_by_nobody(quiz):
    hidden = quiz.js(
        "[...document.querySelectorAll('.hidden-numbers')].map(x => x.getAttribute('aria-hidden'))"
    )

    assert len(hidden) >= 2
    assert set(hidden) == {"true"}
    assert quiz.js("getComputedStyle(picture.grids.g0.cells[0][0]).visibility") == "hidden"
    fills = quiz.js("[0, 1, 2].map(i => getComputedStyle(picture.grids.g0.cells[i][1]).fill)")
    assert len(set(fills)) == 1
    assert quiz.js("document.getElementById('what-if').hidden")
    assert "hidden" in quiz.text("#log")


def test_clicking_a_hidden_cell_asks_for_it(quiz):
    quiz.js("picture.grids.g0.cells[2][1].dispatchEvent(new MouseEvent('click', {bubbles: true}))")

    assert quiz.js(f"{ASKED}.name") == "∂L/∂w column 2"
    assert quiz.js("document.querySelectorAll('.asked').length") == 1
    assert quiz.js("document.activeElement.id") == "guess"
    quiz.press("1.5", ENTER)
    assert quiz.text("#verdict").startswith("Right")


def test_escape_leaves_the_guess_and_r_gives_up(quiz):
    quiz.press("1", ESCAPE, "r")

    assert not quiz.js("quiz.hidden")
    assert quiz.js("document.querySelectorAll('.hidden-numbers, .asked').length") == 0
    assert quiz.js("quiz.first.size") == 0


@pytest.mark.slow
def test_a_step_without_numbers_asks_nothing(browser, graphs):
    browser.open(draw(graphs["chain"](400)[0], max_nodes=2000).html)

    browser.press("q", END)

    assert not browser.js("quiz.hidden")
    assert browser.js("document.getElementById('question').hidden")


def test_a_sum_over_more_numbers_than_are_seen_is_not_asked_for(browser):
    x, w = tensor(np.ones((2, 784))), tensor(np.ones((784, 2)), requires_grad=True)
    browser.open(draw((x @ w).sum(), names={}).html, "#step=1")

    browser.press("q")

    assert not browser.js("quiz.hidden")
    assert browser.js("document.getElementById('question').hidden")


def test_captions_of_gradients_to_come_are_seen_from_the_start(browser, graphs):
    loss, names = graphs["exam"]()
    browser.open(draw(loss, names=names).html)

    captions = browser.js(
        "[...document.querySelectorAll('#picture .card > text.absent')].map(x => x.textContent)"
    )
    assert captions == []
