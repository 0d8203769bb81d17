"""Wrong rules of a softmax inside a network, as one operation and written out."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor

rng = np.random.default_rng(0)
X, W, Y = (rng.normal(size=shape) for shape in ((6, 4), (4, 3), (6, 3)))
P = np.exp(X @ W) / np.exp(X @ W).sum(axis=1, keepdims=True)
G = 2 * (P - Y) / Y.size

WAYS = {
    "one operation": lambda z, axis: z.softmax(axis),
    "divided": lambda z, axis: z.exp() / z.exp().sum(axis, keepdim=True),
    "shifted": lambda z, axis: shifted(z, axis) / shifted(z, axis).sum(axis, keepdim=True),
    "multiplied": lambda z, axis: z.exp() * z.exp().sum(axis, keepdim=True) ** -1,
}
WRONG = {
    "softmax-diagonal-only": G * P * (1 - P),
    "softmax-derivative-skipped": G,
    "softmax-derivative-unfinished": G * P,
    "softmax-wrong-axis": P * (G - (G * P).sum(axis=0)),
}


def shifted(z, axis):
    return (z - z.amax(axis, keepdim=True).detach()).exp()


@pytest.mark.parametrize("columns", [False, True], ids=["rows", "columns"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mistake", WRONG)
def test_a_wrong_rule_of_softmax_is_named(mistake, way, columns):
    turn = np.transpose if columns else np.asarray
    w = tensor(turn(W), requires_grad=True, name="W")
    z = w @ tensor(X.T) if columns else tensor(X) @ w
    p = WAYS[way](z, 0 if columns else 1)
    loss = ((p - tensor(turn(Y))) ** 2).mean()

    found = diagnose(loss, w, np.round(turn(X.T @ WRONG[mistake]), 6), names={"z": z, "p": p})

    assert [e.mistake for e in found.explanations] == [mistake]
    assert "at 'p'" in str(found)
