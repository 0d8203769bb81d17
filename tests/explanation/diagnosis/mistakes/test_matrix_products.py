"""Wrong matrix products, in networks whose examples are columns: W @ X."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor
from tinygrad_edu.nn import functional

rng = np.random.default_rng(0)
X, T = rng.normal(size=(3, 6)), rng.normal(size=(2, 6))
W1, W2 = rng.normal(size=(4, 3)), rng.normal(size=(2, 4))
H = np.tanh(W1 @ X)
D2 = (W2 @ H - T) / 6
D1 = W2.T @ D2 * (1 - H * H)


def through(weights):
    return weights.T @ D2 * (1 - H * H) @ X.T


COLUMNS = {
    "mean-missing": (6 * D1 @ X.T, ""),
    "product-of-means": (
        np.outer(D1.sum(axis=1), X.mean(axis=1)),
        "dW1 = outer(dz1.sum(axis=1), X.mean(axis=1))",
    ),
    "one-sample-only": (np.outer(D1[:, 2], X[:, 2]), ""),
    "sample-left-out": (D1[:, 1:] @ X[:, 1:].T, ""),
    "updated-weights": (through(W2 - 0.1 * D2 @ H.T), "W2 -= lr * dW2 before dh = W2.T @ dy"),
    "gradient-for-weights": (through(D2 @ H.T), "dh = dW2.T @ dy"),
    "target-shifted": (
        (W2.T @ (W2 @ H - np.roll(T, 1, 1)) / 6 * (1 - H * H)) @ X.T,
        "dy = (y - roll(target, 1, -1)) / 6",
    ),
}


@pytest.mark.parametrize("mistake", COLUMNS)
def test_a_mistake_is_told_with_columns_as_examples(mistake):
    x, w1, w2 = tensor(X, name="X"), *(tensor(w, requires_grad=True) for w in (W1, W2))
    z1 = w1 @ x
    h = z1.tanh()
    y = w2 @ h
    names = {"W1": w1, "W2": w2, "z1": z1, "h": h, "y": y}
    submitted, wrote = COLUMNS[mistake]

    found = diagnose((y - tensor(T)).square().sum() / 12, w1, np.round(submitted, 5), names=names)

    assert [e.mistake for e in found.explanations] == [mistake]
    assert found.explanations[0].wrote == wrote
    assert "one class off" not in str(found)
    assert "K = " not in str(found)


def test_a_batch_of_columns_averaged_too_early_is_told():
    x, w1, w2 = tensor(X, name="X"), *(tensor(w, requires_grad=True) for w in (W1, W2))
    loss = (w2 @ (w1 @ x).tanh() - tensor(T)).square().sum() / 12
    mean = np.mean(D2 * 6, axis=1)
    h = np.mean(H, axis=1)
    slope = 1 - h * h

    found = diagnose(loss, w1, np.round(np.outer(W2.T @ mean * slope, X.mean(axis=1)), 5))

    assert [e.sentence[:38] for e in found.explanations] == ["It equals what comes out if the batch "]


def test_the_line_of_a_product_entry_by_entry_is_that_of_the_gradient_it_stands_in():
    x, w = tensor(X[:3, :3], name="X"), tensor(W1[:3], requires_grad=True)
    z = x @ w
    loss = (z - tensor(T[:, :3].mean(axis=0))).square().sum() / 6
    dz = (z.numpy(force=True) - T[:, :3].mean(axis=0)) / 3

    found = diagnose(loss, w, np.round(X[:3, :3] * dz, 5), names={"W": w, "z": z})

    assert [e.mistake for e in found.explanations] == ["entrywise-product"]
    assert (found.explanations[0].wrote, found.explanations[0].fix) == ("dW = X * dz", "dW = X.T @ dz")


def test_a_reshape_for_a_transpose_is_named_where_the_weights_are_those_of_a_linear_layer():
    rng = np.random.default_rng(5)
    X, Y, W = rng.normal(size=(6, 4)), rng.normal(size=(6, 3)), rng.normal(size=(3, 4))
    weight = tensor(W, requires_grad=True, name="W")
    loss = ((functional.linear(tensor(X, name="X"), weight) - tensor(Y)) ** 2).sum()
    dz = 2 * (X @ W.T - Y)
    by_hand = {
        "the inputs": (X.reshape(4, 6) @ dz).T,
        "the product, into the shape of W": (X.T @ dz).reshape(3, 4),
        "the product, and turned round at the end": (dz.T @ X).reshape(4, 3).T,
    }

    for answer in by_hand.values():
        found = diagnose(loss, weight, np.round(answer, 5))
        assert [e.mistake for e in found.explanations] == ["reshaped-for-transposed"]
