"""Settings as they are put in, and a learning rate that watchers can follow through arithmetic."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from tinygrad_edu import Tensor, optim, tensor
from tinygrad_edu.engine.grad_mode import watch
from tinygrad_edu.optim.remembered import power
from tinygrad_edu.optim.settings import Scheduled


@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "pow"])
def test_arithmetic_of_a_learning_rate_is_seen_by_watchers(name):
    compute, lr, seen = getattr(operator, name), Scheduled({"lr": 0.5}, "lr"), []

    with watch(lambda operation, inputs, settings, result: seen.append(inputs)):
        results = [
            compute(lr, 2),
            compute(2, lr),
            compute(lr, tensor(2.0)),
            compute(tensor(2.0), lr),
            compute(lr, lr),
        ]

    expected = [compute(a, b) for a, b in ((0.5, 2), (2, 0.5), (0.5, 2), (2, 0.5), (0.5, 0.5))]
    assert all(isinstance(x, Tensor) for x in results)
    assert [x.item() for x in results] == expected
    assert sum(any(x is lr for x in inputs) for inputs in seen) >= 5


def test_a_learning_rate_is_negated_as_a_tensor():
    assert (-Scheduled({"lr": 0.5}, "lr")).item() == -0.5


def test_powers_of_numbers_have_the_bits_of_those_of_tensors():
    rng = np.random.default_rng(0)
    for base, exponent in zip(rng.uniform(0.5, 1, 200), rng.integers(1, 1000, 200), strict=True):
        assert power(float(base), float(exponent)) == power(float(base), tensor(float(exponent))).item()


def test_numbers_in_tensors_become_pythons_but_a_learning_rate_stays():
    lr = tensor(0.1)
    optimizer = optim.Adam([tensor([1.0], requires_grad=True)], lr=lr, betas=(tensor(0.5), tensor(0.75)))

    assert optimizer.param_groups[0]["betas"] == (0.5, 0.75)
    assert optimizer.param_groups[0]["lr"] is lr


def test_a_learning_rate_in_a_tensor_is_one_number():
    group = optim.SGD([tensor([1.0], requires_grad=True)]).param_groups[0]

    with pytest.raises(
        ValueError, match=r"an optimizer needs lr as one number, got a Tensor of shape \(2,\)"
    ):
        group["lr"] = tensor([0.1, 0.2])
