"""Warnings that teach: said where they should be, once, and not where the code is right."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from tinygrad_edu import nn, no_grad, optim, tensor
from tinygrad_edu.hints import warnings as teaching
from tinygrad_edu.hints.warnings import (
    GrowingGraphWarning,
    NotFiniteWarning,
    NotRawScoresWarning,
    NotZeroedWarning,
)
from tinygrad_edu.nn import functional as F


def logits():
    return tensor(np.random.default_rng(0).normal(size=(4, 10)), requires_grad=True)


def test_softmax_fed_to_cross_entropy_tells_the_least_loss():
    with pytest.warns(NotRawScoresWarning, match=r"With 10 classes .* ln\(e \+ 9\) - 1 = 1.4612"):
        F.cross_entropy(logits().softmax(1), tensor(np.arange(4)))


def test_the_floor_is_the_least_loss():
    one_hot = tensor(np.eye(10)[:4])

    with teaching.off():
        least = F.cross_entropy(one_hot, tensor(np.arange(4))).item()

    assert round(least, 4) == 1.4612


def test_sigmoid_fed_to_with_logits_is_told():
    with pytest.warns(NotRawScoresWarning, match="applies sigmoid itself"):
        F.binary_cross_entropy_with_logits(logits().sigmoid(), np.ones((4, 10)))


def test_raw_scores_and_log_softmax_are_fine():
    F.cross_entropy(logits(), tensor(np.arange(4)))
    F.cross_entropy(logits().log_softmax(1), tensor(np.arange(4)))
    F.cross_entropy(logits().relu(), tensor(np.arange(4)))
    F.binary_cross_entropy_with_logits(logits().tanh(), np.ones((4, 10)))


def train(steps, zero, micro_batches=1):
    w = tensor([1.0], requires_grad=True)
    optimizer = optim.SGD([w], lr=0.1)
    for _ in range(steps):
        if zero:
            optimizer.zero_grad()
        for _ in range(micro_batches):
            (w * w).sum().backward()
        optimizer.step()


def test_gradients_of_the_step_before_are_told():
    with pytest.warns(NotZeroedWarning, match="call zero_grad\\(\\) once for every step"):
        train(3, zero=False)


def test_micro_batches_may_add_up():
    train(3, zero=True, micro_batches=4)


def descend(steps, zero):
    """Without an optimizer."""
    w = tensor([1.0], requires_grad=True, name="w")
    for _ in range(steps):
        (w * w).sum().backward()
        with no_grad():
            w -= 0.1 * w.grad
        if zero:
            zero(w)


def test_gradients_of_the_step_before_are_told_without_an_optimizer_too():
    with pytest.warns(
        NotZeroedWarning, match=r"added to the gradient of 'w'.*; set its grad to None once for every"
    ):
        descend(3, zero=None)


@pytest.mark.parametrize("zero", [lambda w: w.zero_grad(), lambda w: w.grad.zero_()])
def test_gradients_that_are_zeroed_are_fine(zero):
    descend(4, zero)


def test_adding_up_over_batches_before_a_step_is_fine_with_any_optimizer():
    first, second = (tensor([1.0], requires_grad=True) for _ in "ab")
    optimizer = optim.SGD([first, second], lr=0.1)
    for _ in range(4):
        optimizer.zero_grad()
        for _ in range(3):
            (first * second).sum().backward()
        optimizer.step()


def test_an_update_that_makes_a_new_tensor_is_told_soon():
    def run():
        w = tensor([1.0], requires_grad=True)
        for _ in range(39):
            (w * w).sum().backward()
            w = w - 0.1 * w.grad

    with pytest.warns(
        GrowingGraphWarning, match=r"each subtract at .* remembers the one before; write with no_g"
    ):
        run()


def test_one_line_is_told_once():
    scores, targets = logits().softmax(1), tensor(np.arange(4))
    teaching.on()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for _ in range(3):
            F.cross_entropy(scores, targets)

    assert len(said) == 1


def test_warnings_can_be_switched_off_for_a_while():
    with teaching.off():
        F.cross_entropy(logits().softmax(1), tensor(np.arange(4)))

    with pytest.warns(NotRawScoresWarning):
        F.cross_entropy(logits().softmax(1), tensor(np.arange(4)))


def test_a_loss_that_is_not_finite_is_traced_to_its_first_operation():
    p = tensor([0.0, 1.0], requires_grad=True)

    with (
        np.errstate(all="ignore"),
        pytest.warns(NotFiniteWarning, match=r"log at .*, element \[0\]: log\(0.0\)"),
    ):
        (-p.log()).sum().backward()


def test_a_total_that_keeps_every_graph_is_told():
    w = tensor([1.0], requires_grad=True)

    def run():
        total = 0
        for _ in range(300):
            total = total + (w * w).sum()
            total.backward()

    with pytest.warns(GrowingGraphWarning, match=r"total \+= loss.item\(\)|item"):
        run()


def test_a_network_names_the_part_and_where_its_input_came_from():
    net = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(8, 3))

    with pytest.raises(ValueError, match=r"rows of 8 numbers.*\(8, 16\)") as caught:
        net(tensor(np.ones((8, 3))))

    (note,) = caught.value.__notes__
    assert "In net.2, Linear" in note
    assert "that came from net.1, ReLU" in note
