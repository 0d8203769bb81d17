from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.exercise import Exercise

RNG = np.random.default_rng(0)
GOOD = {"X": RNG.normal(size=(5, 3)), "W": RNG.normal(size=(3, 6)), "b": RNG.normal(size=6)}


def squares(X, W, b):
    return ((X @ W + b).tanh() ** 2).mean()


def advice(digits=4, ask=("W", "b"), **changes):
    return " ".join(Exercise(squares, {**GOOD, **changes}, list(ask), digits=digits).audit().advice)


def changed(name, where, value):
    array = GOOD[name].copy()
    array[where] = value
    return {name: array}


@pytest.mark.slow
def test_there_is_none_for_a_good_exercise():
    assert advice() == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"X": GOOD["X"][:2]}, "Take 3 examples or more: with N = 2,"),
        ({"X": GOOD["X"][:3]}, "Make all sizes different: with N = D = 3,"),
        ({"X": GOOD["X"][:4]}, "Take another size than N = 4: a factor 4 also comes of a square."),
        (changed("W", (0, 0), 0), "Let no number of W be 0 (1 of 18 are)"),
        (changed("W", 1, GOOD["W"][0]), "Let no two rows of W be equal"),
        (changed("W", (slice(None), 1), GOOD["W"][:, 0]), "Let no two columns of W be equal"),
        ({"b": np.full(6, 0.5)}, "Let the numbers of b be different."),
        (changed("X", (slice(None), 2), 0), "Row 3 of dW is zero to these decimals"),
        ({"digits": 3}, "Ask for 4 decimals or more: 3 leave room"),
        ({"digits": 2}, "Ask for more decimals or take other numbers: no number of dW is above 0."),
        ({"ask": ["b"], "W": GOOD["W"][:, :3], "b": GOOD["b"][:3]}, "Ask for more arrays: a mistake is only"),
        ({"W": GOOD["W"][:, :1], "b": GOOD["b"][:1]}, "Take a network in which db has more numbers"),
    ],
)  # fmt: skip
def test_what_makes_mistakes_look_alike_is_said(arguments, said):
    assert said in advice(**arguments)


def test_a_probability_near_zero_is_said():
    def network(X, W):
        return -X.matmul(W).softmax(1)[:, 0].log().mean()

    flat = Exercise(network, {"X": GOOD["X"], "W": 20 * GOOD["W"]}, ["W"])

    assert "Take smaller weights: a gradient on the way is as large as" in " ".join(flat.audit().advice)


@pytest.mark.slow
def test_a_gradient_that_is_always_zero_is_said():
    def network(X, W, b):
        z = X @ W + b
        return ((z - z.mean(0)).tanh() ** 2).mean()

    told = Exercise(network, GOOD, ["W", "b"]).audit().advice

    assert [words for words in told if "db" in words] == [
        "db is zero whatever the numbers are: nothing wrong in it can be seen but a number that is not."
    ]
