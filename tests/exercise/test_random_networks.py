from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.exercise import Exercise

LOSSES, ACTIVATIONS = ("cross_entropy", "bce", "mse"), ("sigmoid", "tanh", "relu")
ALL = [(layers, activation, loss) for layers in (1, 2) for activation in ACTIVATIONS for loss in LOSSES]
DEEP = [(3, activation, loss) for activation, loss in zip(ACTIVATIONS, LOSSES, strict=True)]


@pytest.mark.parametrize(
    ("layers", "activation", "loss"),
    [pytest.param(*each, marks=[pytest.mark.slow] if each[0] > 1 else []) for each in ALL + DEEP],
)
def test_all_mistakes_that_differ_at_all_are_told_apart(layers, activation, loss):
    exercise = Exercise.random(layers, layers=layers, activation=activation, loss=loss)

    found = exercise.audit()

    assert found.good
    assert found.advice == ()


@pytest.mark.slow
def test_the_same_seed_gives_the_same_exercise():
    first, second, third = (Exercise.random(seed, layers=1).sheet().text for seed in (5, 5, 6))

    assert first == second != third


@pytest.mark.slow
def test_the_sheet_holds_the_exact_numbers(hasty):
    data = Exercise.random(2).data

    assert all(np.array_equal(array, np.round(array, 2)) for array in data.values())
    assert all((array != 0).all() for name, array in data.items() if name != "Y")


@pytest.mark.slow
def test_sizes_can_be_given(hasty):
    exercise = Exercise.random(0, layers=[3, 6, 1], loss="bce", examples=7, digits=5, title="Mine")

    shapes = {name: array.shape for name, array in exercise.data.items()}
    assert shapes == {"X": (7, 3), "Y": (7, 1), "W1": (3, 6), "b1": (6,), "W2": (6, 1), "b2": (1,)}
    assert repr(exercise) == "<exercise 'Mine': dW1, db1, dW2, db2 to 5 decimals>"


@pytest.mark.slow
def test_sizes_of_which_nothing_good_can_be_made_give_an_exercise_all_the_same(hasty):
    assert Exercise.random(0, layers=[2, 2, 2]).audit().advice


@pytest.mark.slow
def test_the_text_says_what_the_loss_is(hasty):
    assert Exercise.random(0, loss="mse").text.endswith(
        "mean over examples of the squared error, summed over outputs."
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"activation": "swish"}, "activation out of sigmoid, tanh, relu, got 'swish'"),
        ({"loss": []}, r"loss out of cross_entropy, bce, mse, got \[\]"),
        ({"layers": 9}, "layers from 1 to 5, or a list of sizes: got 9"),
        ({"layers": [3]}, r"layers with a size for inputs and one for outputs, got \[3\]"),
        ({"layers": [3, 0]}, r"layers as whole numbers above 0, got \[3, 0\]"),
        ({"layers": "ab"}, r"layers as whole numbers above 0, got \['a', 'b'\]"),
        ({"layers": None}, "layers from 1 to 5, or a list of sizes: got None"),
        ({"layers": [3, 1]}, "two outputs or more for cross_entropy, got 1; take loss='bce'"),
        ({"examples": 0}, r"examples as whole numbers above 0, got \[0\]"),
    ],
)
def test_what_cannot_be_drawn_is_told(options, message):
    with pytest.raises(ValueError, match=f"random needs {message}"):
        Exercise.random(0, **options)
