"""The ways from a loss back to a tensor, written out."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import tensor, why_no_grad
from tinygrad_edu.engine.backward import accumulate, newest_first
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.why.routes import behind, zero_at


def leaf(*numbers, name=None):
    return tensor(list(numbers), requires_grad=True, name=name)


def repeated(count):
    w = y = leaf(1.0, name="W")
    for _ in range(count):
        y = y.sin()
    return why_no_grad(y, w).text.split(": ")[-1].split(";")[0]


@pytest.mark.parametrize("count", [1, 7])
def test_a_way_of_up_to_eight_names_is_written_out(count):
    assert repeated(count) == " ← ".join(["sin"] * count + ["W"])


@pytest.mark.parametrize("count", [8, 9, 100])
def test_of_a_longer_way_only_both_ends_are_written(count):
    assert repeated(count) == "sin ← sin ← sin ← sin ← … ← sin ← sin ← sin ← W"


def test_behind_a_result_is_everything_it_was_computed_from_with_a_user():
    x, c = leaf(1.0), tensor([2.0])
    h = x * c
    loss = h.sum()

    assert behind(loss) == {loss: None, h: loss, x: h, c: h}


def test_numbers_that_were_overwritten_since_are_no_obstacle():
    w = leaf(1.0, 2.0, name="W")
    loss = (w * w).sum()
    w.data.fill_(5.0)

    assert "no gradient yet. Looking backward from the loss: sum ← multiply ← W" in why_no_grad(loss, w).text


def gradients(loss):
    return accumulate(newest_first(loss), {loss: np.ones_like(loss.raw)}, Variable.shares)


def test_the_newest_node_that_hands_on_only_zeros_is_found():
    w = leaf(-1.0, -2.0)
    h = w.relu()
    k = h * 0
    loss = (k + w.detach() * leaf(1.0)).sum()

    assert zero_at(loss, w, gradients(loss)) is k


def test_a_part_of_zeros_beside_others_is_no_end_of_the_way():
    w = leaf(-1.0, 2.0)
    loss = w.relu().sum()

    assert zero_at(loss, w, gradients(loss)) is None


def test_what_does_not_lead_to_the_tensor_is_not_looked_at():
    w, v = leaf(-1.0), leaf(1.0)
    dead = w.relu()
    loss = (dead + v * 0).sum()

    assert zero_at(loss, w, gradients(loss)) is dead


def test_zeros_handed_to_another_input_are_no_end_of_the_way():
    w, v = leaf(-1.0), leaf(1.0)
    dead = w.relu()
    loss = (dead * v).sum()  # v gets nothing but zeros, too

    assert zero_at(loss, w, gradients(loss)) is dead


def test_a_node_that_is_used_twice_is_reached_by_its_newest_user():
    w = leaf(1.0, name="W")
    h = w * 2
    loss = (h.exp() + h).sum()

    assert behind(loss)[h].operation.name == "add"
    assert "sum ← add ← multiply ← W" in why_no_grad(loss, w).text


def test_a_node_whose_shares_cancel_is_not_blamed_for_handing_on_zeros():
    w = leaf(1.0, name="W")
    h = w.exp()
    loss = (h * 2 - h * 2).sum()

    assert zero_at(loss, w, gradients(loss)) is None
    assert "The shares of its uses cancel" in why_no_grad(loss, w).text
