"""Right gradients in the wrong place."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor

rng = np.random.default_rng(0)
X, Y, W1, W2 = (rng.normal(size=shape) for shape in ((6, 4), (6, 4), (4, 4), (4, 4)))


@pytest.mark.parametrize("columns", [False, True], ids=["rows", "columns"])
def test_gradients_of_two_parameters_in_each_others_place_are_named(columns):
    turn = np.transpose if columns else np.asarray
    w1, w2 = (tensor(turn(w), requires_grad=True, name=n) for n, w in (("W1", W1), ("W2", W2)))
    h = (w1 @ tensor(X.T) if columns else tensor(X) @ w1).tanh()
    loss = (((w2 @ h if columns else h @ w2) - tensor(turn(Y))) ** 2).mean()
    loss.backward()

    found = diagnose(loss, {w1: np.round(w2.grad.raw, 6), w2: np.round(w1.grad.raw, 6)})

    assert [e.mistake for e in found.explanations] == ["gradients-exchanged"]
    assert "It equals the true gradients of W2 and W1 in each other's place" in str(found)


def test_gradients_of_queries_and_keys_in_each_others_place_are_named_and_followed():
    wq, wk, wv = (tensor(rng.normal(size=(4, 3)), requires_grad=True, name=n) for n in ("Wq", "Wk", "Wv"))
    q, k = tensor(X) @ wq, tensor(X) @ wk
    loss = (((q @ k.T).softmax(-1) @ (tensor(X) @ wv) - tensor(Y[:, :3])) ** 2).mean()
    q.retain_grad(), k.retain_grad()
    loss.backward()
    dq, dk = q.grad.raw, k.grad.raw

    found = diagnose(
        loss,
        {q: np.round(dk, 7), k: np.round(dq, 7), wq: np.round(X.T @ dk, 7), wv: np.round(wv.grad.raw, 7)},
        names={"Q": q, "K": k},
    )

    assert [e.mistake for e in found.explanations] == ["gradients-exchanged"]
    assert {array.name: array.verdict for array in found.arrays.values()}["Wv"] == "right"
