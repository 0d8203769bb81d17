"""Predict, then see: guesses are judged by the numbers of this run, and by the digits that are shown."""

from __future__ import annotations

import numpy as np
import pytest

from tests.explanation.derivation.random_graphs import random_graph
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
    ask(browser, "number")
    return browser


def ask(browser, kind, which=0):
    """Choose a question of a kind, of numbers the first that is not zero."""
    browser.js(
        f"""(() => {{ const fit = quiz.questions.filter(q => q.kind === {kind!r} && q.x !== 0)[{which}];
        document.getElementById('asked').value = quiz.questions.indexOf(fit);
        document.getElementById('asked').dispatchEvent(new Event('change')); }})()"""
    )


def test_a_guess_is_typed_and_judged_without_a_mouse(quiz):
    quiz.press("-.1", ENTER)
    assert quiz.text("#verdict") == (
        "Not −0.1. Put the numbers into ∂L/∂w = ∂L/∂v0 ⊙ w; ∂L/∂w += ∂L/∂v0 ⊙ w. "
        "Right at the first try: 0 of 1."
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
        ("-0.08", "Not −0.08. Put the numbers into ∂L/∂w"),
        ("-0.25", "Not −0.25. That is w itself."), ("-0.0834", "Not"),
        ("0.083333", "Not 0.0833. Only the sign is wrong."),
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

    asked = browser.js("data.steps.flatMap(step => numbersOf(step))")

    assert len(asked) > browser.js("data.steps.length") - 2
    assert (
        browser.js(
            """data.steps.flatMap(step => numbersOf(step))
        .filter(asked => !agrees(readNumber(number(asked.x)), asked))"""
        )
        == []
    )


def test_what_is_asked_is_what_the_engine_computed(browser, graphs):
    loss, names = graphs["exam"]()
    drawing = draw(loss, names=names)
    gradients = gradients_of(loss)
    browser.open(drawing.html)

    asked = browser.js("data.steps.slice(way).flatMap(step => numbersOf(step))")

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
    ask(browser, "number")

    browser.press("10", ENTER)

    assert browser.text("#verdict").startswith("Right: ∂L/∂w = 10.")


def test_the_score_counts_first_guesses_only(quiz):
    quiz.press("1", ENTER)
    quiz.js("document.getElementById('guess').select()")
    quiz.press("-1/12", ENTER)
    for _ in range(2):  # 1 is wrong for w * w, and right for what was added up
        quiz.click("previous")
        ask(quiz, "number")
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
    assert quiz.text("#log").endswith("Predict ∂L/∂w column 0: type a guess, or press R to hear it.")


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
def test_numbers_that_stand_on_no_card_are_asked_for_too(browser, graphs):
    browser.open(draw(graphs["chain"](400)[0], max_nodes=2000).html)

    browser.press("q", END)

    assert browser.js("[...new Set(quiz.questions.map(q => q.kind))]")[0] == "number"
    assert browser.js("quiz.hidden && [...document.querySelectorAll('#step .hidden-numbers')].length > 0")


def test_a_sum_over_more_numbers_than_are_seen_is_not_asked_for(browser):
    x, w = tensor(np.ones((2, 784))), tensor(np.ones((784, 2)), requires_grad=True)
    browser.open(draw((x @ w).sum(), names={}).html, "#step=1")

    browser.press("q")

    assert not browser.js("quiz.hidden")
    assert browser.js("document.getElementById('question').hidden")


def test_of_a_large_array_numbers_are_asked_for_that_come_from_one_place(browser):
    x = tensor(np.linspace(-1, 1, 400).reshape(20, 20), requires_grad=True, name="x")
    browser.open(draw((x * x).tanh().sum()).html)

    found = browser.js(
        "data.steps.map((step, n) => (show(n), quiz.questionsOf(step).some(q => q.kind === 'number')))"
    )

    assert found == [False, True, True, False, True, True, True, True]  # not the sum of 400 numbers


def asked(browser):
    """Every question of every step with its answers: text, whether it is right, and the reason why not."""
    browser.click("quiz")
    return browser.js(
        """data.steps.flatMap((step, n) => (show(n), quiz.questions.map(
        ({kind, name, grid, row, column, key, choices}) => ({kind, name, grid, row, column, key,
        answers: (choices ?? []).map(x => [x.text, !!x.right, x.reason])}))))"""
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(30))
def test_exactly_one_answer_is_right_on_random_graphs(browser, seed):
    loss = random_graph(seed).loss
    drawing = draw(loss)
    nodes, gradients = drawing.graph.nodes, gradients_of(loss)
    known = {f"g{i}": np.asarray(gradients[x]) for i, x in enumerate(drawing.graph.tensors) if x in gradients}
    shapes = {node.name: node.shape_text.replace("scalar", "a single number") for node in nodes}
    browser.open(drawing.html)

    for question in asked(browser):
        answers, name = question["answers"], question["name"]
        if question["kind"] == "number":
            continue
        assert [right for _, right, _ in answers].count(True) == 1
        assert len({text for text, _, _ in answers}) == 3
        assert all(reason for _, right, reason in answers if not right)
        (said,) = [text for text, right, _ in answers if right]
        if question["kind"] == "sign" and question["key"] == question["grid"]:
            x = np.atleast_2d(known[question["grid"]])
            x = x[(0,) * (x.ndim - 2)][question["row"], question["column"]]
            assert said == ("zero" if x == 0 else "positive" if x > 0 else "negative")
        if question["kind"] == "shape":
            assert said == shapes[name.rpartition("∂")[2]]


def test_after_a_wrong_choice_it_teaches_and_the_right_one_shows_all(browser, graphs):
    loss, names = graphs["scalars"]()
    browser.open(draw(loss, names=names).html)
    browser.press("q")
    browser.js(
        "show(data.steps.findIndex(step => step.phase === 'backward' && data.nodes[step.node].sign === '×'))"
    )
    ask(browser, "formula")
    answers = browser.js("quiz.question.choices.map(x => [x.text, x.right])")
    hidden = "getComputedStyle(document.querySelector('#step .symbols')).visibility"
    wrong, right = ([x[1] for x in answers].index(which) + 1 for which in (False, True))
    assert browser.js(hidden) == "hidden"
    assert "∂L/∂v1 = " not in browser.text("#log")

    browser.press(str(wrong))
    assert browser.text("#verdict").startswith(f"Not {answers[wrong - 1][0]}. ")
    assert "derivative" in browser.text("#verdict")
    browser.press(str(right))

    assert browser.text("#verdict") == (
        "Right: the formula of ∂L/∂v1 is ∂L/∂v2 · f. Right at the first try: 0 of 1."
    )
    assert browser.js(hidden) == "visible"
    assert browser.js("document.activeElement.id") == "stage"


def test_the_sign_is_explained_by_the_signs_of_the_factors(browser):
    x = tensor([[-0.5]], requires_grad=True, name="x")
    browser.open(draw((x * -3).tanh().sum()).html)
    browser.press("q", END)
    ask(browser, "sign")

    browser.press("1")

    assert browser.text("#verdict").startswith(
        "Not positive. The chain rule multiplies: ∂L/∂v0 is 0.181 there, the local derivative is negative, "
        "and two different signs make minus."
    )


def test_kinds_of_questions_take_turns(browser, graphs):
    loss, names = graphs["exam"]()
    browser.open(draw(loss, names=names).html)
    browser.click("quiz")

    kinds = browser.js("data.steps.slice(way + 1).map((_, n) => (show(way + 1 + n), quiz.question.kind))")

    assert set(kinds) == {"number", "formula", "sign", "shape"}


def test_changed_numbers_ask_for_no_formula(browser):
    w = tensor([3.0], requires_grad=True, name="w")
    browser.open(draw((w * w).sum()).html)
    browser.press("q", END)
    before = browser.js("quiz.questions.map(q => q.kind)")

    browser.js("(state.machine.set(0, 0, 0), show(state.step))")

    assert "formula" in before
    assert "formula" not in browser.js("quiz.questions.map(q => q.kind)")


def test_captions_of_gradients_to_come_are_seen_from_the_start(browser, graphs):
    loss, names = graphs["exam"]()
    browser.open(draw(loss, names=names).html)

    captions = browser.js(
        "[...document.querySelectorAll('#picture .card > text.absent')].map(x => x.textContent)"
    )
    assert captions == []
