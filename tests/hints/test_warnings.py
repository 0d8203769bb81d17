"""Warnings that teach: said where they should be, once, and not where the code is right."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from tinygrad_edu import tensor
from tinygrad_edu.hints import warnings as teaching
from tinygrad_edu.hints.warnings import (
    NotRawScoresWarning,
)
from tinygrad_edu.nn import functional as F


def logits():
    return tensor(np.random.default_rng(0).normal(size=(4, 10)), requires_grad=True)


def test_one_line_is_told_once():
    scores, targets = logits().softmax(1), tensor(np.arange(4))
    teaching.on()
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for _ in range(3):
            F.cross_entropy(scores, targets)

    assert len(said) == 1


def test_warnings_can_be_switched_off_for_a_while():
    with teaching.off():
        F.cross_entropy(logits().softmax(1), tensor(np.arange(4)))

    with pytest.warns(NotRawScoresWarning):
        F.cross_entropy(logits().softmax(1), tensor(np.arange(4)))
