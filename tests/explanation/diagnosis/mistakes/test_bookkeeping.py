"""Paths that were lost or counted twice."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor

rng = np.random.default_rng(0)
X, W, B = rng.normal(size=(5, 3)), rng.normal(size=(3, 3)), rng.normal(size=3)


def network():
    """A layer used twice, and a penalty on its weights."""
    w, b = tensor(W, requires_grad=True, name="W"), tensor(B, requires_grad=True, name="b")
    h = (tensor(X) @ w + b).tanh()
    return ((h @ w + b) ** 2).mean() + 0.1 * (w**2).sum(), w, b


def shares():
    """What W and b get from the second use, from the first, and from the penalty."""
    h = np.tanh(X @ W + B)
    d2 = 2 * (h @ W + B) / 15
    d1 = d2 @ W.T * (1 - h * h)
    return (h.T @ d2, d2.sum(0)), (X.T @ d1, d1.sum(0)), (0.2 * W, 0 * B)


@pytest.mark.parametrize(
    ("second", "first", "penalty", "mistake"),
    [
        (0, 1, 0, "path-lost"),  # the last one written is all that is left
        (0, 1, 1, "path-lost"),
        (1, 0, 1, "path-lost"),
        (2, 1, 2, "path-twice"),
        (1, 2, 1, "path-twice"),
        (1, 1, 0, "regularisation"),
    ],
)
def test_some_paths_lost_or_counted_twice_are_one_mistake(second, first, penalty, mistake):
    loss, w, b = network()
    times = (second, first, penalty)
    answers = {
        x: np.round(sum(c * part[i] for c, part in zip(times, shares())), 5) for i, x in enumerate((w, b))
    }

    found = diagnose(loss, answers)

    assert [e.mistake for e in found.explanations] == [mistake]


def test_paths_of_several_arrays_are_counted_as_people_count():
    loss, w, b = network()
    _, first, penalty = shares()
    answers = {x: np.round(first[i] + penalty[i], 5) for i, x in enumerate((w, b))}

    (lost,) = diagnose(loss, answers).explanations

    assert re.search(r"(b and W|W and b) reach the loss by", lost.sentence)
    assert re.search(r"(db and dW|dW and db) as the sum over all uses of each", lost.fix)
