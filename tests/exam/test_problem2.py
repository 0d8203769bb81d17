from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.exam import problem2
from tinygrad_edu.exam.paper import Problem2

TRUE_COLUMN = [0.000746, 0.001502, 0.00233, 0]  # of the mean gradient; all three columns are equal


def closed_form():
    """dL_i/dW1 as derived on paper, one matrix per example."""
    X, Y = Problem2.X, Problem2.Y
    H1 = 1 / (1 + np.exp(-X @ Problem2.W1))
    yhat = 1 / (1 + np.exp(-H1 @ Problem2.W2))
    delta1 = (yhat - Y) @ Problem2.W2.T * H1 * (1 - H1)
    return np.array([np.outer(x, d) for x, d in zip(X, delta1, strict=True)])


@pytest.mark.parametrize("name", Problem2.FORWARD)
def test_forward_numbers_round_to_the_printed_ones(name):
    solution = problem2.solve()._asdict()
    engine = solution[name if name in solution else name.lower()]

    np.testing.assert_array_equal(np.round(engine, 2).numpy(), Problem2.FORWARD[name].values)


def test_gradients_per_example_equal_the_closed_form():
    np.testing.assert_allclose(problem2.gradient_per_example(), closed_form(), rtol=1e-7, atol=1e-15)


def test_the_mean_gradient_is_the_mean_of_the_gradients_and_the_known_one():
    mean = problem2.gradient_mean()

    np.testing.assert_allclose(mean, problem2.gradient_per_example().mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(mean, np.repeat([TRUE_COLUMN], 3, axis=0).T, atol=5e-7)


def test_the_activation_jacobians_are_the_papers_sigmoid_with_deriv():
    H1 = np.array(problem2.solve().H1.detach())

    np.testing.assert_allclose(
        problem2.activation_jacobians().numpy(), [np.diag(h * (1 - h)) for h in H1], rtol=1e-12
    )


def test_the_stale_h_gives_every_printed_gradient():
    each, mean = problem2.paper_formula()

    np.testing.assert_array_equal(np.round(each, 2), [p.values for p in Problem2.GRADIENT_PER_EXAMPLE])
    np.testing.assert_array_equal(np.round(mean, 3), Problem2.GRADIENT_MEAN.values)


def test_without_the_inner_rounding_two_numbers_would_be_printed_differently():
    each, mean = problem2.paper_formula(inner_rounding=False)
    different = np.round(each, 2) != [p.values for p in Problem2.GRADIENT_PER_EXAMPLE]

    assert np.argwhere(different).tolist() == [[0, 0, 1], [1, 2, 1]]
    assert np.round(each[0, 0, 1], 2) == -0.29
    np.testing.assert_array_equal(np.round(mean, 3), Problem2.GRADIENT_MEAN.values)


def test_tensors_carry_the_papers_names():
    solution = problem2.solve()

    assert [x.name for x in solution[:-1]] == list(problem2.Solution._fields[:-1])
    assert solution.mean.name == "L"
