"""Cross-entropy in one operation: exact numbers, extreme logits, and every input with its gradient."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tinygrad_edu.nn import functional as F
from tinygrad_edu.ops.fused_loss import binary_cross_entropy, class_cross_entropy, cross_entropy
from tinygrad_edu.tensor.tensor import tensor


def leaf(data):
    return tensor(data, requires_grad=True)


def test_equal_logits_cost_the_logarithm_of_their_number():
    assert cross_entropy(np.zeros((2, 4)), np.eye(4)[[0, 3]], 2, dim=1) == pytest.approx(math.log(4))
    assert cross_entropy(np.zeros(4), np.eye(4)[0], 1, dim=0) == pytest.approx(math.log(4))


def test_every_input_has_its_gradient():
    z, target, divisor = leaf([[0.0, 0.0]]), leaf([[1.0, 0.0]]), leaf(2.0)

    loss = cross_entropy(z, target, divisor, dim=1)
    loss.backward()

    ln2 = math.log(2)
    assert loss.item() == pytest.approx(ln2 / 2)
    assert z.grad.tolist() == [[-0.25, 0.25]]
    assert target.grad.tolist() == [[pytest.approx(ln2 / 2), pytest.approx(ln2 / 2)]]
    assert divisor.grad.item() == pytest.approx(-ln2 / 4)


def test_a_target_that_does_not_sum_to_1_weighs_its_example():
    z = leaf([[0.0, 0.0], [0.0, 0.0]])

    cross_entropy(z, np.array([[3.0, 0.0], [0.0, 0.5]]), 1, dim=1).backward()

    assert z.grad.tolist() == [[-1.5, 1.5], [0.25, -0.25]]


def test_a_masked_logit_costs_nothing_where_its_target_is_0():
    z = np.array([[-np.inf, 0.0, 0.0], [1000.0, 0.0, -1000.0]])

    assert cross_entropy(z, np.eye(3)[[1, 0]], 1, dim=1) == pytest.approx(math.log(2))


def test_a_masked_logit_of_the_target_costs_infinitely_much():
    assert cross_entropy(np.array([[-np.inf, 0.0]]), np.array([[1.0, 0.0]]), 1, dim=1) == math.inf


def test_a_logit_that_is_nan_is_not_hidden():
    assert math.isnan(cross_entropy(np.array([[np.nan, 0.0]]), np.array([[1.0, 0.0]]), 1, dim=1))


def test_class_numbers_are_one_operation_and_stay_numbers():
    z, numbers = leaf([[0.0, 0.0], [0.0, 0.0]]), tensor([0, 1])

    loss = F.cross_entropy(z, numbers)
    loss.backward()

    assert loss.operation is class_cross_entropy
    assert loss.inputs == (z, numbers)
    assert z.grad.tolist() == [[-0.25, 0.25], [0.25, -0.25]]


def test_class_numbers_cost_what_their_one_hot_rows_cost():
    z, numbers = np.random.default_rng(0).normal(size=(2, 3, 4)), np.array([[0, 2, 1, 1], [2, 2, 0, 1]])
    rows = np.moveaxis(np.eye(3)[numbers], -1, 1)

    found = class_cross_entropy(z, numbers, dim=1, ignore_index=-100)

    assert found == cross_entropy(z, rows, 8, dim=1)


def test_an_ignored_class_number_neither_costs_nor_counts():
    z = np.array([[0.0, 0.0, 0.0], [5.0, 1.0, 2.0]])

    found = class_cross_entropy(z, np.array([1, -7]), dim=1, ignore_index=-7)

    assert found == pytest.approx(math.log(3))


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ([0, 3], "cross_entropy needs class numbers from 0 to 2, got 3"),
        ([-1, 0], "cross_entropy needs class numbers from 0 to 2, got -1"),
        ([-100, -100], "cross_entropy needs examples to average, but there are none, or all are ignored"),
    ],
)
def test_what_is_no_class_is_refused(numbers, message):
    with pytest.raises(ValueError, match=message):
        class_cross_entropy(np.zeros((2, 3)), np.array(numbers), dim=1, ignore_index=-100)


@pytest.mark.parametrize(("p", "logarithm"), [(1e-41, np.log(1e-41)), (1e-44, -100), (0.0, -100)])
def test_the_gradient_by_the_target_is_that_of_the_logarithms_cut_off_at_minus_100(p, logarithm):
    y = tensor([1.0, 0.5], requires_grad=True)

    binary_cross_entropy(tensor([p, p]), y).sum().backward()

    np.testing.assert_allclose(y.grad.numpy(), [-logarithm, -logarithm], rtol=1e-12)
