from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.exam import problem2, problem3
from tinygrad_edu.exam.paper import Problem2
from tinygrad_edu.exercise import EXAM_PROBLEM_2, EXAM_PROBLEM_3, Exercise, load


@pytest.mark.slow
def test_exercises_are_found_by_name():
    assert load("exam-2") is EXAM_PROBLEM_2
    assert load("exam-3") is EXAM_PROBLEM_3
    assert load("random:7").sheet().text == Exercise.random(7).sheet().text


@pytest.mark.parametrize(
    "name", ["exam-4", "", "random:", "random:-1", "random:x", "random:²", "random:" + "9" * 30, 3]
)
def test_another_name_is_refused(name):
    with pytest.raises(
        ValueError, match=r"load needs exam-2, .*, jacobian-matmul or random:SEED with a whole number, got"
    ):
        load(name)


def test_the_solution_of_problem_2_is_that_of_the_report():
    np.testing.assert_array_equal(EXAM_PROBLEM_2.solution()["W1"], problem2.gradient_mean().round(6))


def test_the_solution_of_problem_3_is_that_of_the_report():
    true = problem3.gradients(problem3.network(problem3.initial().centre))

    for name, array in EXAM_PROBLEM_3.solution().items():
        np.testing.assert_array_equal(array, true[f"dL/d{name}"].detach().numpy().round(4) + 0.0)


def test_what_the_paper_prints_for_problem_2_is_the_left_over_h():
    result = EXAM_PROBLEM_2.check({"W1": Problem2.GRADIENT_MEAN.values}, 3)

    assert "and H for H1" in result.arrays["W1"].reason(3)
    assert result.points == 0.5


def test_products_of_means_in_problem_3_cost_half_of_one_array():
    means = problem3.batch_means(problem3.network(problem3.initial().centre))

    answers = {name: array.detach().numpy().round(4) for name, array in means.items()}
    result = EXAM_PROBLEM_3.check(answers, 3)

    assert result.points == 3.5
    assert "the batch is averaged before anything is multiplied" in str(result)


@pytest.mark.slow
def test_the_audit_of_problem_2_says_what_its_equal_weights_hide():
    text = EXAM_PROBLEM_2.audit().text

    assert "Let no two columns of W1 be equal" in text
    assert "(b) the true gradient without the first example (index 0)" in text
