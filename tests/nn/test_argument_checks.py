"""What losses are given in place of raw scores: told once, and not where the call is right."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from tinygrad_edu import tensor
from tinygrad_edu.hints import warnings as teaching
from tinygrad_edu.hints.warnings import NotRawScoresWarning
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


def by_hand(z, dim):
    e = (z - z.amax(dim, keepdim=True)).exp()
    return e / e.sum(dim, keepdim=True)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_softmax_written_by_hand_is_recognised_by_its_rows(dtype):
    scores = logits().astype(dtype)
    p = by_hand(scores, 1)

    with pytest.warns(
        NotRawScoresWarning,
        match=r"already the output of a softmax \(test_argument_checks.py:\d+\)\. With 10",
    ):
        F.cross_entropy(p, tensor(np.arange(4)))


def test_a_softmax_written_by_hand_for_one_example_is_recognised_too():
    with pytest.warns(NotRawScoresWarning, match=r"With 3 classes .* ln\(e \+ 2\) - 1 = 0.5514"):
        F.cross_entropy(by_hand(tensor([1.0, 2.0, 0.5], requires_grad=True), 0), tensor(1))


def test_a_softmax_that_was_moved_since_is_told_by_its_own_line():
    p = logits().softmax(1)
    line = sys._getframe().f_lineno - 1

    with pytest.warns(NotRawScoresWarning, match=rf"output of softmax \(test_argument_checks.py:{line}\)"):
        F.cross_entropy(p.reshape(2, 2, 10).permute(0, 2, 1).float(), tensor(np.zeros((2, 2), int)))


NO_ROWS = {
    "sums of 2": lambda z: by_hand(z, 1) * 2,
    "sums of 1 along the other dimension": lambda z: by_hand(z, 0),
    "one of them below 0": lambda z: z * 0 + np.array([-0.5, 1.5, *[0.0] * 8]),
    "exp alone": lambda z: (z - 5).exp(),
    "one class": lambda z: (z * 0 + 1)[:, :1] * 1,
    "of another operation, moved": lambda z: (z.softmax(1) @ np.eye(10)).reshape(4, 10),
    "no examples": lambda z: by_hand(z, 1)[:0] * 1,
}


@pytest.mark.parametrize("scores", NO_ROWS.values(), ids=NO_ROWS)
def test_what_has_no_rows_of_probabilities_is_taken_for_raw_scores(scores):
    z = scores(logits())

    F.cross_entropy(z, tensor(np.zeros(len(z), int)), reduction="sum")


def test_a_sigmoid_fed_to_with_logits_tells_both_of_the_least_losses():
    floors = (
        r"below ln\(1 \+ 1/e\) = 0.3133 where the target is 1, and ln 2 = 0.6931 where it is 0\. Pass the raw"
    )

    with pytest.warns(NotRawScoresWarning, match=floors):
        F.binary_cross_entropy_with_logits(logits().sigmoid(), np.ones((4, 10)))


def test_with_logits_says_nothing_of_a_softmax_by_hand():
    F.binary_cross_entropy_with_logits(by_hand(logits(), 1), np.ones((4, 10)))


def test_a_computed_number_is_no_logits_either():
    with pytest.raises(ValueError, match="cross_entropy needs logits for every class, got a single number"):
        F.cross_entropy(logits().sum() * 0.5, tensor(0))
