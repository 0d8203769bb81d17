"""Weights of classes and examples in a plan: Tensors and arrays are read anew in every call."""

from __future__ import annotations

import numpy as np
import pytest

from tests.plan.as_written import assert_as_written
from tinygrad_edu import nn, tensor
from tinygrad_edu.nn import functional as F
from tinygrad_edu.plan import capture

Z = tensor(np.eye(3))
NUMBERS, ROWS = tensor([0, 1, 1]), tensor(np.full((3, 3), 1 / 3))


def by_module(loss):
    return lambda k: loss(Z * k, NUMBERS)


LOSSES = {
    "class numbers": lambda weight: lambda k: F.cross_entropy(Z * k, NUMBERS, weight=weight),
    "probabilities": lambda weight: lambda k: F.cross_entropy(Z * k, ROWS, weight=weight),
    "a module": lambda weight: by_module(nn.CrossEntropyLoss(weight=weight)),
    "yes or no": lambda weight: lambda k: F.binary_cross_entropy_with_logits(Z * k, ROWS, weight=weight),
    "positive": lambda weight: lambda k: F.binary_cross_entropy_with_logits(Z * k, ROWS, pos_weight=weight),
}


@pytest.mark.parametrize("name", [name for name in LOSSES if name != "a module"])  # which makes it a Tensor
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_an_array_as_weight_is_read_anew(name, dtype):
    def make():
        weight = np.ones(3, dtype)
        loss = LOSSES[name](weight)

        def step(k):
            weight[1] += 1
            return loss(k)

        return step, lambda: weight

    assert_as_written(make, [(tensor(float(i)),) for i in range(6)])


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("make", [tensor, list])
def test_weights_that_are_known_are_followed(name, make):
    weight = make([1.0, 2.0, 3.0])
    step = LOSSES[name](weight)
    plan = capture(step)
    for _ in range(4):
        plan(np.array(1.0))
    assert plan.ready
    if make is tensor:
        weight[0] = 9.0

    assert plan(np.array(2.0)).item() == step(tensor(2.0)).item()


def test_class_weights_given_to_the_loss_when_it_is_made_are_followed():
    losses = nn.CrossEntropyLoss(weight=np.array([1.0, 2.0, 4.0]))
    x, y = tensor(np.random.default_rng(0).normal(size=(5, 3))), tensor([0, 1, 2, 2, 0])
    plan = capture(losses)

    for factor in (1, 1, 1, 3):
        assert plan(x * factor, y).item() == losses(x * factor, y).item()
    losses.weight.mul_(0.5)
    assert plan(x, y).item() == losses(x, y).item()
