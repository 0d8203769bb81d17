from __future__ import annotations

import numpy as np
import pytest

from tests.exercise.conftest import network, numbers
from tinygrad_edu.exercise import Exercise


@pytest.fixture(scope="module")
def asked():
    return Exercise(network, numbers(), ["L", "W1", "b1", "W2", "b2"], as_function=True)


def gradients(X, Y, W1, b1, W2, b2, examples=None, forgotten=False):
    n = examples or len(X)
    a1 = 1 / (1 + np.exp(-(X @ W1 + b1)))
    z2 = a1 @ W2 + b2
    p = np.exp(z2) / np.exp(z2).sum(1, keepdims=True)
    d2 = (p - Y) / n
    d1 = d2 @ W2.T * (1 if forgotten else a1 * (1 - a1))
    loss = -(Y * np.log(p)).sum() / n
    return {"L": loss, "W1": X.T @ d1, "b1": d1.sum(0), "W2": a1.T @ d2, "b2": d2.sum(0)}


def test_a_right_function_has_all_points(asked):
    assert asked.check(gradients).points == 5


def test_a_mistake_of_a_function_is_named(asked):
    result = asked.check(lambda **arrays: gradients(**arrays, forgotten=True), level=3)

    verdicts = [array.verdict for array in result.arrays.values()]
    assert verdicts == ["right", "follows", "partly", "right", "right"]
    assert [e.mistake for e in result.arrays["b1"].explanations] == ["sigmoid-derivative-forgotten"]


@pytest.mark.slow
def test_numbers_that_are_right_for_the_sheet_only_are_wrong(asked):
    solution = asked.solution()

    result = asked.check(lambda **_: solution, level=3)

    assert result.points == 0
    assert "right for the numbers of the sheet, but not for others" in result.arrays["W1"].reason(3)


@pytest.mark.slow
def test_a_constant_that_is_right_for_the_sheet_only_is_wrong(asked):
    """5 is the number of examples there."""
    assert asked.check(lambda **arrays: gradients(**arrays, examples=5)).points < 5


def test_what_looks_alike_on_the_sheet_is_told_apart_on_other_numbers(small):
    """With two examples, a lost mean looks like a factor 2."""

    def summed(X, Y, W1, b1, W2, b2):
        return {name: len(X) * g for name, g in gradients(X, Y, W1, b1, W2, b2).items() if name != "L"}

    on_sheet = small.check(summed(**small.data), level=3)
    everywhere = small.check(summed, level=3)

    assert len(on_sheet.arrays["b2"].explanations) > 1
    assert [e.mistake for e in everywhere.arrays["b2"].explanations] == ["mean-missing"]


def test_a_function_may_return_the_only_array():
    exercise = Exercise(
        lambda x, w: ((x * w) ** 2).mean(), {"x": [1.0, 2.0, 3.0], "w": [1.0, 0.5, 2.0]}, ["w"]
    )

    assert exercise.check(lambda x, w: 2 * x * x * w / len(x)).right


def test_a_function_that_raises_has_no_points_and_the_line_is_told(asked):
    result = asked.check(lambda **_: 1 / 0)

    assert result.points == 0
    assert "cannot be read: the function raised ZeroDivisionError: division by zero (line " in result.text()
    assert {array.verdict for array in result.arrays.values()} == {"unreadable"}


def test_a_function_with_other_arguments_is_told(asked):
    assert "got an unexpected keyword argument" in asked.check(lambda X: X).text()


def test_it_cannot_change_the_numbers_of_the_exercise(asked):
    def spoiling(**arrays):
        for array in arrays.values():
            array[...] = 0
        return {}

    asked.check(spoiling)

    assert asked.check(gradients).right


def test_a_network_for_so_many_examples_only_is_run_with_these():
    def of_three(x, w):
        return ((x.reshape(3) * w) ** 2).mean()

    exercise = Exercise(of_three, {"x": [1.0, 2.0, 3.0], "w": 0.5}, ["w"])

    solution = exercise.solution()["w"]
    assert exercise.check(lambda x, w: (2 * x * x * w).mean()).right
    assert not exercise.check(lambda x, w: solution).right


def test_the_sheet_says_how_to_write_it(asked):
    assert "    def answers(X, W1, b1, W2, b2, Y):\n        return {" in asked.sheet().text


@pytest.mark.slow
def test_a_number_of_examples_written_down_is_wrong_where_examples_are_columns():
    rng = np.random.default_rng(0)
    data = {name: rng.normal(size=size) for name, size in {"X": (3, 6), "W": (2, 3), "T": (2, 6)}.items()}
    columns = Exercise(lambda X, W, T: (W @ X - T).square().mean(), data, ["W"], parameters=["W"])

    def student(X, W, T, count=np.size):
        return 2 * (W @ X - T) @ X.T / count(T)

    assert columns.check(student).points == 1
    assert columns.check(lambda **arrays: student(**arrays, count=lambda T: 12)).points == 0


def test_explanations_that_differ_from_run_to_run_are_withdrawn(asked):
    def student(X, **others):
        c = -1 if len(X) == 5 else len(X)
        return {name: c * g for name, g in gradients(X, **others).items() if name != "L"}

    array = asked.check(student, 3).arrays["b2"]

    assert (array.verdict, array.points, array.explanations) == ("wrong", 0, ())
    assert (
        array.finding == "What fits on these numbers does not fit on others: no known mistake explains this."
    )
