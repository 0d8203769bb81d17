"""The transcription against itself: shapes fit, decimals hold, and the paper's own sums come out."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.exam.paper import Printed, Problem1, Problem2, Problem3


def everything_printed() -> dict[str, Printed]:
    tables = (Problem1.PRINTED, Problem2.INITIAL, Problem2.FORWARD, Problem3.DATA, Problem3.INITIAL)
    tables += (Problem3.FORWARD, Problem3.GRADIENTS)
    found = {f"{i} {name}": p for i, table in enumerate(tables) for name, p in table.items()}
    found |= {f"per example {i}": p for i, p in enumerate(Problem2.GRADIENT_PER_EXAMPLE)}
    singles = (Problem2.GRADIENT_MEAN, Problem3.LOSS, Problem3.LOSS_AVG, Problem3.W1_NEW)
    return found | {f"single {i}": p for i, p in enumerate(singles)}


@pytest.mark.parametrize("name", everything_printed())
def test_printed_numbers_have_no_more_decimals_than_said(name):
    values, decimals = everything_printed()[name]

    np.testing.assert_array_equal(np.round(values, decimals), values)


@pytest.mark.parametrize("name", everything_printed())
def test_printed_numbers_cannot_be_changed_by_accident(name):
    assert not everything_printed()[name].values.flags.writeable


def test_half_unit_is_half_of_the_last_decimal():
    assert Problem3.W1_NEW.half_unit == pytest.approx(0.00005)
    assert Problem1.PRINTED["X @ W1"].half_unit == 0.5


def test_problem_2_the_mean_is_that_of_the_examples_up_to_their_rounding():
    mean = np.mean([p.values for p in Problem2.GRADIENT_PER_EXAMPLE], axis=0)

    assert np.abs(mean - Problem2.GRADIENT_MEAN.values).max() <= 0.0055


def test_problem_3_rows_of_yhat_are_distributions_and_rows_of_y_one_hot():
    assert np.abs(Problem3.FORWARD["Yhat"].values.sum(axis=1) - 1).max() < 0.0151
    np.testing.assert_array_equal(Problem3.Y.sum(axis=1), np.ones(6))


def test_problem_3_yhat_minus_y_is_the_difference_of_the_printed():
    difference = Problem3.FORWARD["Yhat"].values - Problem3.Y

    np.testing.assert_allclose(Problem3.FORWARD["Yhat - Y"].values, difference, atol=1e-12)


def test_problem_3_the_total_loss_is_six_times_the_printed_mean():
    assert np.round(Problem3.LOSS_AVG.values / 6, 4) == Problem3.LOSS.values
    assert f"{Problem3.LOSS.values:.4f}" in Problem3.LINE


def test_problem_3_gradients_have_the_shapes_of_their_parameters():
    for name, gradient in Problem3.GRADIENTS.items():
        assert gradient.values.shape == Problem3.INITIAL[name.removeprefix("dL/d")].values.shape
