from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.exam import problem3
from tinygrad_edu.exam.paper import Problem3

# From the printed weights, by hand-written NumPy.
TRUE = {
    "dL/dW1": [[-0.01955187, 0.01492883], [0.0143751, -0.00403281], [0.02108499, -0.01601004]],
    "dL/dW2": [[0.07254399, -0.10069478, 0.02815079], [0.08478156, -0.11496253, 0.03018097]],
    "dL/dB": [[0.01695853, -0.00572855]],
    "dL/dC": [[0.1202354, -0.16212734, 0.04189194]],
}


def at_the_start(measures):
    return {
        name: np.array(x.detach())
        for name, x in measures(problem3.network(problem3.initial().centre)).items()
    }


@pytest.mark.parametrize("name", TRUE)
def test_gradients_from_the_printed_weights_are_the_true_ones(name):
    np.testing.assert_allclose(at_the_start(problem3.gradients)[name], TRUE[name], atol=5e-9)


def test_one_epoch_of_training_is_one_step_along_the_gradient():
    step = problem3.after_true_step()

    np.testing.assert_allclose(step.W1, at_the_start(problem3.gradients)["W1_new"], rtol=1e-14)
    np.testing.assert_allclose(step.C, problem3.initial().centre.C - TRUE["dL/dC"], atol=1e-8)


def test_after_the_papers_step_the_loss_is_the_printed_one_in_bits():
    forward = problem3.forward(problem3.network(problem3.after_papers_step().centre))

    assert round(forward["Loss"].item(), 4) == Problem3.LOSS.values
    assert forward["L_avg"].item() == pytest.approx(6 * forward["Loss"].item())


def test_losses_before_and_after_in_both_units():
    before, paper, true = problem3.readings()

    assert (round(before.bits, 4), round(before.nats, 4)) == (1.6866, 1.1691)
    assert (round(paper.bits, 4), round(paper.nats, 4)) == (1.5997, 1.1088)
    assert (round(true.bits, 4), round(true.nats, 4)) == (1.5984, 1.1079)
    assert round(paper.nats * 6, 3) == 6.653


def test_the_true_step_lowers_the_loss_more_than_the_papers():
    _, paper, true = problem3.readings()

    assert true.bits < paper.bits


def test_batch_means_and_gradients_differ_by_the_covariance_over_the_batch():
    net = problem3.network(problem3.initial().centre)
    Yhat = np.array(net.feed_forward(Problem3.X).detach())
    H = 1 / (1 + np.exp(-np.array(net.layers[0].detach())))
    delta = Yhat - Problem3.Y
    covariance = (H - H.mean(axis=0)).T @ (delta - delta.mean(axis=0)) / 6

    difference = at_the_start(problem3.gradients)["dL/dW2"] - at_the_start(problem3.batch_means)["dL/dW2"]

    np.testing.assert_allclose(difference, covariance, atol=1e-8)


def test_batch_means_give_the_true_gradient_of_the_last_bias_only():
    true, means = at_the_start(problem3.gradients), at_the_start(problem3.batch_means)

    np.testing.assert_allclose(means["dL/dC"], true["dL/dC"], atol=1e-8)
    assert np.abs(means["dL/dB"] - true["dL/dB"]).max() > 0.004


def test_further_training_starts_before_the_first_step_and_learns():
    losses = problem3.further_training(200)

    assert losses[0] == pytest.approx(problem3.readings()[0].bits)
    assert losses[1] == pytest.approx(problem3.readings()[2].bits)
    assert losses[-1] < 0.1
