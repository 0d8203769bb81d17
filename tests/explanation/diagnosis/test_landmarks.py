from __future__ import annotations

import numpy as np

from tinygrad_edu import tensor
from tinygrad_edu.explanation.diagnosis.faulty_backward import Tape
from tinygrad_edu.explanation.diagnosis.landmarks import heads


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
