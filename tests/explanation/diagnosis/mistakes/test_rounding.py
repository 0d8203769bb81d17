"""Numbers rounded on the way."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor

X = np.array([[0.5, 1.5, 1.0], [-1.0, 0.5, 2.0], [1.0, -0.5, 0.5], [2.0, 1.0, -1.5]])
W, V, Y = np.array([[0.5, -0.3], [0.2, 0.7], [-0.4, 0.1]]), np.array([[0.5], [-1.5]]), np.ones((4, 1))


def at_school(x):
    """To one decimal, halves away from zero."""
    return np.sign(x) * np.floor(np.abs(x) * 10 + 0.5 + 1e-9) / 10


@pytest.mark.parametrize("rounded", [lambda x: np.round(x, 1), at_school], ids=["to even", "away from zero"])
def test_halves_may_go_either_way(rounded):
    w = tensor(W, requires_grad=True, name="W")
    a = (tensor(X) @ w).tanh()
    loss = 0.5 * ((a @ tensor(V) - tensor(Y)) ** 2).sum()
    h = rounded(np.tanh(rounded(X @ W)))
    d = rounded(rounded(rounded(h @ V) - Y) @ V.T)  # multiples of 0.1 times 0.5 and 1.5: there are halves
    dz = rounded(d * (1 - h * h))

    found = diagnose(loss, w, np.round(X.T @ dz, 4), digits=4)

    assert "rounded to 1 decimal before" in str(found)
    assert "rounded-early" in {e.mistake for e in found.explanations}
