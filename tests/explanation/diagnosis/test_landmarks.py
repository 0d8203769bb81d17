from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import tensor, where
from tinygrad_edu.explanation.diagnosis.faulty_backward import Tape
from tinygrad_edu.explanation.diagnosis.landmarks import activations, heads


def test_large_losses_of_examples_are_no_scores():
    """The sigmoid of 20 is 1: their gradient 1/N would be that of targets that are all 0."""
    w = tensor([1.0, 2.0, 3.0], requires_grad=True)
    losses = 20 + w * tensor([0.5, -1.0, 2.0]) ** 2

    assert heads(Tape(losses.mean())) == []


def test_targets_of_0_and_1_are_found_though_no_array_holds_them():
    z = 2 * tensor([[0.5, -1.0, 2.0], [0.25, 1.0, -0.5]], requires_grad=True)

    (head,) = heads(Tape(-z.log_softmax(1)[[0, 1], [2, 0]].mean()))

    assert head.kind == "softmax"
    np.testing.assert_array_equal(head.y, [[0, 0, 1], [1, 0, 0]])


def test_a_probability_of_zero_is_no_trouble():
    z = 2 * tensor([[0.0, 800.0, 1.0], [0.0, -800.0, 1.0]], requires_grad=True)

    found = heads(Tape(-z.log_softmax(1)[[0, 1], [0, 1]].mean()))

    assert all(np.isfinite(head.scale) for head in found)


ACTIVATIONS = {
    "relu": lambda z: z.clamp(min=0),
    "leaky relu": lambda z: where(z > 0, z, 0.3 * z),
    "elu": lambda z: where(z > 0, z, 0.7 * (z.exp() - 1)),
    "absolute": lambda z: where(z > 0, z, -z),
    "silu": lambda z: z * z.sigmoid(),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_composed_of_other_operations_is_found_with_its_slope(name):
    z = 2 * tensor([[0.5, -1.0, 2.0], [0.25, 1.0, -0.5]], requires_grad=True)
    tape = Tape(ACTIVATIONS[name](z).sum())

    site = next(site for site in activations(tape) if site.name == name)

    assert site.z is z
    np.testing.assert_allclose(site.slope, tape.grads[z])


def test_a_parameter_is_an_output_if_nothing_that_was_computed_is_one():
    z = tensor([0.5, -1.0, 2.0], requires_grad=True)

    (head,) = heads(Tape(-z.log_softmax(0)[1] / 3))

    assert (head.kind, head.z is z) == ("softmax", True)
