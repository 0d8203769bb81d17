"""A result that is overwritten: the rule of the operation that made it still finds its old numbers."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.tensor.tensor import tensor


def leaf(*numbers):
    return tensor(list(numbers), requires_grad=True)


READ_THEIR_RESULT = {
    "exp": lambda x: x.exp(),
    "sqrt": lambda x: x.sqrt(),
    "tanh": lambda x: x.tanh(),
    "sigmoid": lambda x: x.sigmoid(),
    "softmax": lambda x: x.softmax(0),
    "divide": lambda x: 3 / x,
}


@pytest.mark.parametrize("name", READ_THEIR_RESULT)
def test_a_rule_that_reads_its_result_finds_the_numbers_it_was_computed_with(name):
    x, y = leaf(1.0, 2.0), leaf(1.0, 2.0)
    weights = tensor([5.0, 7.0])

    h = READ_THEIR_RESULT[name](x)
    h *= weights
    h.sum().backward()
    (READ_THEIR_RESULT[name](y) * weights).sum().backward()

    np.testing.assert_array_equal(x.grad, y.grad)


def test_a_view_of_a_result_that_its_rule_reads_may_be_overwritten_too():
    x = leaf(1.0, 2.0)
    h = x.exp()

    h[0] = 0.0
    h.sum().backward()

    assert x.grad.tolist() == [0, pytest.approx(np.exp(2))]


def test_what_an_operation_shares_with_its_rule_goes_with_it_into_the_overwritten_result():
    square = Operation(
        lambda x, half: x * half * 2, lambda g, _y, _x, half: g * half * 4, common=lambda x: x / 2
    )
    x = leaf(1.0, 2.0, 3.0)

    h = x * 1
    h.overwrite("square_", square(h))
    h.sum().backward()

    np.testing.assert_array_equal(h.numpy(force=True), [1, 4, 9])
    np.testing.assert_array_equal(x.grad.numpy(), [2, 4, 6])
