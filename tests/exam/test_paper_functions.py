from __future__ import annotations

import math

import numpy as np
import pytest

from tinygrad_edu import Tensor, tensor
from tinygrad_edu.exam.paper_functions import Loss, loss_BCE, loss_bce, loss_CCE, sigmoid, softmax

Y = np.array([[1.0, 0.0], [0.0, 1.0]])
P = np.array([[0.25, 0.75], [0.5, 0.5]])


def test_sigmoid_takes_numbers_arrays_and_tensors():
    for x in (0, [0.0, 0.0], np.zeros((2, 2)), tensor([0.0])):
        assert (sigmoid(x).numpy() == 0.5).all()


def test_the_jacobian_of_sigmoid_is_diagonal_with_the_closed_form():
    x = np.random.default_rng(0).normal(size=(4, 3))
    s = 1 / (1 + np.exp(-x))

    jacobians = sigmoid(x, deriv=True).numpy()

    np.testing.assert_allclose(jacobians, [np.diag(row) for row in s * (1 - s)], rtol=1e-13)


def test_the_jacobian_leaves_no_gradient_on_the_input():
    x = tensor([[1.0, 2.0]], requires_grad=True)

    sigmoid(x, deriv=True)

    assert x.grad is None


def test_sigmoid_deriv_says_that_it_needs_a_matrix():
    with pytest.raises(ValueError, match=r"needs a matrix.*shape \(2,\)"):
        sigmoid([1.0, 2.0], deriv=True)


def test_softmax_rows_sum_to_one_even_for_large_numbers():
    np.testing.assert_allclose(softmax([[1000.0, 1000.0]]).numpy(), [[0.5, 0.5]])


def test_the_categorical_loss_is_in_bits_and_one_per_example():
    np.testing.assert_allclose(loss_CCE(Y, P).numpy(), [2, 1], rtol=1e-9)


def test_the_categorical_loss_in_nats_is_the_same_times_log_2():
    np.testing.assert_allclose(loss_CCE.nats(Y, P).numpy(), math.log(2) * loss_CCE(Y, P).numpy())


def test_the_binary_loss_is_the_papers_formula_summed_over_outputs():
    paper = -Y * np.log(P + 1e-10) - (1 - Y) * np.log(1 - P + 1e-10)

    np.testing.assert_allclose(loss_bce(P, Y).numpy(), paper, rtol=1e-14)
    np.testing.assert_allclose(loss_BCE(Y, P).numpy(), paper.sum(axis=1), rtol=1e-14)


def test_eps_keeps_the_loss_of_a_certain_mistake_finite():
    assert loss_bce([[0.0]], [[1.0]]).item() == pytest.approx(-math.log(1e-10))


def test_losses_have_a_gradient_in_their_prediction():
    p = Tensor(P, requires_grad=True)

    loss_CCE.nats(Y, p).sum().backward()

    np.testing.assert_allclose(p.grad, -Y / P, rtol=1e-8)


def test_loss_bce_names_both_shapes():
    with pytest.raises(ValueError, match=r"one shape, got \(2, 1\) and \(2,\)"):
        loss_bce([[0.5], [0.5]], [0.0, 1.0])


def test_a_loss_needs_a_known_unit():
    with pytest.raises(ValueError, match=r"'nats' or 'bits', got 'digits'"):
        Loss("mine", "digits", lambda *_: 0)


def test_a_loss_shows_its_unit():
    assert repr(loss_CCE) == "<loss loss_CCE in bits>"
