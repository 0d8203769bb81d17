from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exercise.conftest import network, numbers
from tinygrad_edu.exercise import Exercise


@pytest.fixture(scope="module")
def forward():
    """Values on the way forward, the loss among them, and gradients."""
    return Exercise(network, numbers(), ["z1", "a1", "L", "dz2", "W2", "W1"])


def verdicts(result):
    return {name: array.verdict for name, array in result.arrays.items()}


def by_hand(z1, a1):
    """All answers, from here on rightly computed."""
    data = numbers()
    z2 = a1 @ data["W2"] + data["b2"]
    p = np.exp(z2) / np.exp(z2).sum(1, keepdims=True)
    d2 = (p - data["Y"]) / len(z1)
    d1 = d2 @ data["W2"].T * a1 * (1 - a1)
    loss = -(data["Y"] * np.log(p)).sum(1).mean()
    answers = {"z1": z1, "a1": a1, "L": loss, "dz2": d2, "W2": a1.T @ d2, "W1": data["X"].T @ d1}
    return {name: np.round(array, 4) for name, array in answers.items()}


def first_layer():
    data = numbers()
    return data["X"] @ data["W1"] + data["b1"]


def test_right_values_and_gradients_have_all_points(forward):
    assert forward.check(forward.solution()).points == 6


def test_what_follows_from_a_wrong_value_has_full_points(forward):
    z1 = first_layer()

    result = forward.check(by_hand(z1, np.tanh(z1)), level=3)

    assert verdicts(result) == {"z1": "right", "a1": "wrong"} | dict.fromkeys(
        ["L", "dz2", "W2", "W1"], "follows"
    )
    assert result.points == 5
    assert (
        result.arrays["a1"].reason(3) == "wrong.\nIt is not what a₁ = σ(z₁) gives for the values before it."
    )


def test_a_mistake_in_a_value_is_named_beside_an_earlier_wrong_value(forward):
    z1 = first_layer()
    answers = by_hand(z1, np.tanh(z1))

    result = forward.check({**answers, "L": (answers["L"] / np.log(2)).round(4)}, level=3)

    assert verdicts(result)["L"] == "partly"
    assert "in bits, not in nats" in result.arrays["L"].reason(3)


def test_the_formula_of_a_wrong_value_is_told_at_level_3_only(forward):
    result = forward.check({"a1": np.tanh(first_layer())})

    assert result.arrays["a1"].reason(2) == "wrong."


def test_gradients_that_are_right_stay_right_beside_a_wrong_value(forward):
    answers = forward.solution() | {"a1": np.tanh(first_layer()).round(4)}

    assert verdicts(forward.check(answers))["W1"] == "right"


def test_a_value_that_is_off_by_a_known_constant_has_half_the_points(forward):
    result = forward.check({"z1": -forward.solution()["z1"]}, level=3)

    assert (result.arrays["z1"].verdict, result.arrays["z1"].points) == ("partly", 0.5)
    assert result.arrays["z1"].reason(3).startswith("wrong.\nIt equals -1 times the true value of z1")


def test_a_mistake_in_a_gradient_is_named_beside_a_wrong_value(forward):
    z1 = first_layer()
    answers = by_hand(z1, np.tanh(z1))

    result = forward.check({**answers, "W1": -answers["W1"]}, level=3)

    assert verdicts(result)["W2"] == "follows"
    assert "the sign is lost" in result.arrays["W1"].reason(3)


@pytest.mark.parametrize(
    ("name", "answer", "verdict", "reason"),
    [
        ("z1", None, "missing", "nothing was handed in"),
        ("z1", "abc", "unreadable", "numbers are needed, got the text 'abc'"),
        ("z1", first_layer().T, "unreadable", r"its shape is \(6, 5\), and \(5, 6\) is needed"),
        ("z1", first_layer().round(2), "partly", "right to 2 decimals, but 4 are asked for"),
        ("z1", first_layer().round(1), "partly", "right to 1 decimal, but 4 are asked for"),
        ("z1", first_layer().round(4) + 1e-4, "right", "to one unit of the last decimal"),
        ("L", [[1.0]], "wrong", "wrong"),
    ],
)
def test_a_value_has_its_verdict_and_its_reason(forward, name, answer, verdict, reason):
    graded = forward.check({name: answer}).arrays[name]

    assert graded.verdict == verdict
    assert re.search(reason, graded.reason())


def test_the_loss_may_come_in_brackets(forward):
    assert forward.check({"L": [forward.solution()["L"]]}).arrays["L"].verdict == "right"


def test_values_alone_can_be_asked():
    exercise = Exercise(network, numbers(), ["z1", "L"], parameters=["W1"])

    assert exercise.check(exercise.solution()).right
    assert exercise.audit().made == 0
    assert "Ask for a gradient" in exercise.audit().text
    assert "Compute these by hand" in exercise.sheet(solution=True).text
    assert "Solution: backward" not in exercise.sheet(solution=True).text


def test_the_sheet_asks_for_values_by_name_and_works_them_out(forward):
    text = forward.sheet(solution=True).text

    assert (
        "  z₁ (5×6; 1 point)\n  a₁ (5×6; 1 point)\n  L (a number; 1 point)\n  ∂L/∂z₂ (5×7; 1 point)\n" in text
    )
    assert '"L": ..., "dz2": [[...], ...], "W2"' in text
    assert "z₁ = X · W₁ + b₁ = ⎢  1.5365  −0.8065" in text


NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, 1.0, 1e29, -1e29, -1e-300])


@pytest.mark.slow
@settings(max_examples=25)
@given(st.lists(NUMBERS, min_size=30, max_size=30), NUMBERS, st.booleans())
def test_no_values_raise(forward, values, loss, flat):
    z1 = values if flat else np.reshape(values, (5, 6))
    answers = {**forward.solution(), "z1": z1, "a1": np.reshape(values[::-1], (5, 6)), "L": loss}

    assert 3 <= forward.check(answers, level=4).points <= 6
