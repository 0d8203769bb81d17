"""Loss functions as they are written in NumPy: diagnosed as those of tensors are."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose

rng = np.random.default_rng(0)
N, D, H, K = 5, 4, 6, 3
X, T = rng.normal(size=(N, D)), rng.normal(size=(N, K))
y = rng.integers(0, K, N)
W1, b1, W2 = rng.normal(size=(D, H)), rng.normal(size=H), rng.normal(size=(H, K))
PARAMETERS = {"W1": W1, "b1": b1, "W2": W2}
DATA = {"X": X, "y": y, "T": T}


def scores(W1, b1, W2, X):
    return np.maximum(0, X.dot(W1) + b1).dot(W2)


def softmax(W1, b1, W2, X, y, T):
    z = scores(W1, b1, W2, X)
    z -= z.max(axis=1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y]).mean()


def one_hot(W1, b1, W2, X, y, T):
    z = np.where(X @ W1 + b1 > 0, X @ W1 + b1, 0.1 * (X @ W1 + b1)) @ W2
    p = np.exp(z) / np.sum(np.exp(z), axis=1)[:, None]
    return -np.sum(np.eye(K)[y] * np.log(np.clip(p, 1e-12, 1))) / X.shape[0]


def hinge(W1, b1, W2, X, y, T):
    s = scores(W1, b1, W2, X)
    margins = np.maximum(0, s - s[np.arange(len(y)), y].reshape(-1, 1) + 1)
    margins[np.arange(len(y)), y] = 0
    return margins.sum() / len(y) + 0.1 * np.sum(W1 * W1)


def normalized_batch(W1, b1, W2, X, y, T):
    z = X @ W1
    z = (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-5) + b1
    return np.linalg.norm(np.tanh(z) @ W2 - T) ** 2 / len(X)


def normalized_layer(W1, b1, W2, X, y, T):
    z = X @ W1 + b1
    z = (z - np.mean(z, axis=1, keepdims=True)) / (z.std(axis=1, keepdims=True) + 1e-5)
    return np.square(z @ W2 - T).mean()


def example_by_example(W1, b1, W2, X, y, T):
    loss = 0.0
    for i in range(X.shape[0]):
        f = np.tanh(X[i].dot(W1) + b1).dot(W2)
        f -= np.max(f)
        loss += -np.log(np.exp(f[y[i]]) / np.sum(np.exp(f)))
    loss /= X.shape[0]
    return loss.item()


def joined(W1, b1, W2, X, y, T):
    both = np.concatenate([W1, b1[None]], axis=0)
    z = np.einsum("nd,dh->nh", np.hstack([X, np.ones((len(X), 1))]), both).copy()
    z[z < 0] *= 0.1
    weights = np.concatenate([W1.ravel(), W2.flatten()])
    return np.log1p(np.exp(z @ W2)).sum() + (weights**2).sum() + np.outer(b1, b1).sum()


def in_lists(W1, b1, W2, X, y, T):
    padded = np.pad(W1, 1)
    rows = np.array([[np.sum(padded[i : i + 3, j : j + 3]) for j in range(H)] for i in range(D)])
    return (np.tanh(X @ rows + b1).dot(W2) - T).T.reshape(-1).astype(float).var()


def masked(W1, b1, W2, X, y, T):
    h = X @ W1 + b1
    p = 1 / (1 + np.exp(-(h * (h > 0)) @ W2))
    labels = (T > 0).astype(float)
    print(f"{p.mean():.3f}", (p.argmax(axis=1) == y).mean())
    return -np.average(labels * np.log(p) + (1 - labels) * np.log(1 - p))


LOSSES = [
    softmax,
    one_hot,
    hinge,
    normalized_batch,
    normalized_layer,
    example_by_example,
    joined,
    in_lists,
    masked,
]


def differences(loss):
    """The gradients by central differences."""
    found = {}
    for name, array in PARAMETERS.items():
        found[name] = np.zeros_like(array)
        for place in np.ndindex(array.shape):
            step = np.zeros_like(array)
            step[place] = 1e-6
            up, down = (loss(**PARAMETERS | {name: array + s}, **DATA) for s in (step, -step))
            found[name][place] = (up - down) / 2e-6
    return found


@pytest.mark.slow
@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.__name__)
def test_a_loss_in_numpy_is_diagnosed(loss):
    answers = {name: np.round(g, 5) for name, g in differences(loss).items()}

    assert diagnose(loss, PARAMETERS, answers, data=DATA).right
    assert not diagnose(loss, PARAMETERS, answers | {"W2": -answers["W2"]}, data=DATA).right


def test_numbers_are_changed_in_place_without_harm_to_what_was_computed_before():
    def loss(W, X):
        z = X @ W
        squares = z * z
        z[0] = 0
        same = z
        same += 1
        return squares.sum() + z.sum()

    w = rng.normal(size=(D, K))
    z_rows = np.concatenate([np.zeros((1, D)), X[1:]])

    answer = 2 * X.T @ (X @ w) + z_rows.T @ np.ones((N, K))

    assert diagnose(loss, {"W": w}, {"W": answer}, data={"X": X}).right


def test_the_arrays_handed_in_stay_as_they_are():
    def loss(W, X):
        X -= X.mean(axis=0)
        return ((X @ W) ** 2).sum()

    w, x = rng.normal(size=(D, K)), X.copy()
    centred = X - X.mean(axis=0)

    assert diagnose(loss, {"W": w}, {"W": 2 * centred.T @ centred @ w}, data={"X": x}).right
    np.testing.assert_array_equal(x, X)


def numbers_in_zeros(W, X):
    out = np.zeros((N, K))
    for i in range(N):
        out[i] = X[i] @ W
    return (out**2).sum()


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        (numbers_in_zeros, r"cannot record `out\[i\] = X\[i\] @ W` .*collect the numbers in a list"),
        (lambda W, X: float((X @ W).sum()), "leave float"),
        (lambda W, X: np.add(np.ones((N, K)), X @ W, out=np.ones((N, K))).sum(), "write x = x - y"),
        (lambda W, X: (X @ W).tolist()[0][0], r"an array in a loss function has no \.tolist"),
        (lambda W, X: 3.5, "leave float"),
    ],
)
def test_what_cannot_be_recorded_is_told_with_what_to_write(loss, message):
    with pytest.raises(TypeError, match=message):
        diagnose(loss, {"W": np.ones((D, K))}, {"W": np.ones((D, K))}, data={"X": X})


def test_a_loss_that_differs_from_call_to_call_is_refused():
    def loss(W, X):
        return (X @ W * rng.random(K)).sum()

    with pytest.raises(ValueError, match=r"same loss at every call: got .*keep its random numbers the same"):
        diagnose(loss, {"W": np.ones((D, K))}, {"W": np.ones((D, K))}, data={"X": X})
