from __future__ import annotations

import numpy as np
import pytest

from tests.exercise.conftest import network, numbers
from tinygrad_edu.exercise import Exercise


def asking(*ask, **options):
    return Exercise(network, numbers(), ask, **options)


def test_a_parameter_is_asked_for_its_gradient_and_an_intermediate_for_its_value():
    exercise = asking("W1", "dW2", "z1", "dz2", "L")

    assert list(exercise.asked) == ["W1", "dW2", "dz2"]
    assert list(exercise.values) == ["z1", "L"]
    assert repr(exercise) == "<exercise 'Backpropagation by hand': dW1, dW2, z1, dz2, L to 4 decimals>"


def test_the_solution_holds_values_and_gradients_in_the_order_in_which_they_are_asked():
    data = numbers()

    solution = asking("z1", "W1", "dz1").solution()

    assert list(solution) == ["z1", "W1", "dz1"]
    np.testing.assert_allclose(solution["z1"], data["X"] @ data["W1"] + data["b1"], atol=1e-4)
    np.testing.assert_allclose(solution["W1"], data["X"].T @ solution["dz1"], atol=1e-3)


def test_the_gradient_of_an_input_can_be_asked():
    assert asking("dX", "W1").solution()["dX"].shape == numbers()["X"].shape


@pytest.mark.parametrize(
    ("ask", "key", "meant"),
    [("W1", "dW1", "W1"), ("dW1", "W1", "dW1"), ("dz1", "dL/dz1", "dz1"), ("dz1", "z1", None),
     ("z1", "dz1", None), ("z1", "z1", "z1")],
)  # fmt: skip
def test_a_key_means_a_value_or_a_gradient(ask, key, meant):
    answers = {key: asking(ask, "b1").solution()[ask]}

    result = asking(ask, "b1").check(answers)

    if meant is None:
        assert result.notes == (f"{key} was not asked for",)
    else:
        assert result.arrays[meant].verdict == "right"


@pytest.mark.parametrize("name", ["z9", "dL", "d", ""])
def test_a_name_that_is_neither_is_refused_with_those_there_are(name):
    with pytest.raises(ValueError, match=r"W1, b1, .* dz1, .* and the values z1, a1, z2, p, L; return"):
        asking("W1", "b1", "W2", "b2", name)


def test_the_same_exercise_with_other_numbers_asks_the_same():
    exercise, other = asking("z1", "W1", points={"z1": 2}), numbers() | {"W1": np.ones((3, 6))}

    changed = exercise.with_numbers(other)

    assert (changed.ask, changed.points, changed.learned) == (exercise.ask, exercise.points, ["W1"])
    np.testing.assert_allclose(changed.solution()["z1"], (other["X"] @ other["W1"] + other["b1"]).round(4))
