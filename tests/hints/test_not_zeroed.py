"""Gradients of the step before that were not zeroed: told, and not where they may add up."""

from __future__ import annotations

import pytest

from tinygrad_edu import no_grad, optim, tensor
from tinygrad_edu.hints.warnings import NotZeroedWarning


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


def test_adding_up_is_fine_also_where_the_numbers_are_looked_at_in_between():
    w = tensor([1.0], requires_grad=True)
    for _ in range(2):
        (w * w).sum().backward()
    w.detach()
    (w * w).sum().backward()

    assert w.grad.tolist() == [6]


def test_a_gradient_of_zeros_may_be_added_to_after_a_step():
    w = tensor([1.0], requires_grad=True)
    optimizer = optim.SGD([w], lr=0.1)
    for _ in range(3):
        (w * 0).sum().backward()
        optimizer.step()

    assert w.grad.tolist() == [0]
