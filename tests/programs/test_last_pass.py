"""The last backward pass of a program: its numbers come back, and no other pass is given them."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import no_grad, optim, tensor
from tinygrad_edu.programs.last_pass import LastPass
from tinygrad_edu.reading.nodes import Computation
from tinygrad_edu.tensor.gradient_flow import before_backward


def by_optimizer(w):
    optim.Adam([w], lr=0.5).step()


def by_hand(w):
    with no_grad():
        w -= 0.5 * w.grad


def by_data(w):
    w.data = w.data - 0.5 * w.grad


@pytest.mark.parametrize("move", [by_optimizer, by_hand, by_data])
def test_the_numbers_before_the_step_come_back(move):
    w = tensor([1.0, 2.0], requires_grad=True)
    with LastPass() as last:
        for _ in range(3):
            w.grad = None
            before = w.tolist()
            loss = (w * w).sum()
            loss.backward()
            move(w)
    gradient, after = w.grad.tolist(), w.tolist()

    last.restore(loss)
    w.grad = None
    with Computation(loss).rewound():
        loss.backward()
        assert w.tolist() == before

    assert w.tolist() == after
    assert w.grad.tolist() == gradient


def test_numbers_that_no_step_has_moved_stay():
    w = tensor([1.0], requires_grad=True)
    with LastPass() as last:
        loss = (w * w).sum()
        loss.backward()
    raw = w.raw

    last.restore(loss)

    assert w.raw is raw


def test_an_earlier_loss_is_not_given_the_numbers_of_a_later_one():
    w = tensor([1.0], requires_grad=True)
    losses = []
    with LastPass() as last:
        for _ in range(2):
            losses.append((w * w * w).sum())
            losses[-1].backward()
            by_hand(w)
            w.grad = None
    now = w.tolist()

    last.restore(losses[0])

    assert w.tolist() == now
    assert list(Computation(losses[0]).lost) == [w]
    last.restore(losses[1])
    with Computation(losses[1]).rewound():
        losses[1].backward()
        np.testing.assert_allclose(w.grad.item(), 3 * w.item() ** 2)


def test_all_leaves_of_the_last_pass_can_be_taken_back():
    w = tensor([2.0], requires_grad=True)
    with LastPass() as last:
        (w * w).sum().backward()
        with no_grad():
            w -= 1

    last.rewind()

    assert w.tolist() == [2.0]
    (w * w).sum().backward()


def test_nothing_is_kept_outside():
    with LastPass() as last:
        pass
    w = tensor([1.0], requires_grad=True)
    (w * w).sum().backward()

    last.restore(w)
    last.restore(None)

    assert before_backward == []
