"""Wrong derivatives, in networks of several kinds of layers."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor
from tinygrad_edu.nn.functional import binary_cross_entropy_with_logits, mse_loss

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(6, 4)), rng.integers(0, 2, size=(6, 1)).astype(float)
W1, W2, W3 = (rng.normal(size=shape) for shape in ((4, 5), (5, 3), (3, 1)))


def network():
    """A sigmoid, then a tanh, then scores; and its weights. The loss is written with softplus inside."""
    weights = [tensor(w, requires_grad=True, name=f"W{i}") for i, w in enumerate((W1, W2, W3), 1)]
    a = (tensor(X) @ weights[0]).sigmoid()
    b = (a @ weights[1]).tanh()
    return binary_cross_entropy_with_logits(b @ weights[2], tensor(Y)), weights


def by_hand(of_sigmoid, of_tanh):
    """The gradient of W1, with these in place of `da * f'`."""
    a = 1 / (1 + np.exp(-X @ W1))
    b = np.tanh(a @ W2)
    p = 1 / (1 + np.exp(-b @ W3))
    dz2 = of_tanh(b, (p - Y) / 6 @ W3.T)
    return X.T @ of_sigmoid(a, dz2 @ W2.T)


@pytest.mark.parametrize(
    ("of_sigmoid", "of_tanh", "mistake"),
    [
        (lambda a, g: g, lambda a, g: g, "tanh-derivative-forgotten"),
        (lambda a, g: g * a, lambda a, g: g * (1 - a), "half-of-the-derivative"),
        (lambda a, g: g * (1 - a), lambda a, g: g * (1 + a), "half-of-the-derivative"),
        (lambda a, g: g * g * (1 - g), lambda a, g: g * (1 - g * g), "derivative-of-the-error"),
    ],
)
def test_one_misunderstanding_at_layers_of_two_kinds_is_one_mistake(of_sigmoid, of_tanh, mistake):
    loss, (w, *_) = network()

    found = diagnose(loss, w, np.round(by_hand(of_sigmoid, of_tanh), 5), names={})

    assert [e.mistake for e in found.explanations] == [mistake]
    assert "at tanh (line" in str(found)
    assert " and sigmoid (line" in str(found)


@pytest.mark.parametrize(("count", "text"), [(6, "/ N"), (18, "/ (N * K)")])
def test_p_minus_y_under_a_squared_error_is_told(count, text):
    targets = rng.uniform(0.1, 0.9, size=(6, 3))
    w = tensor(rng.normal(size=(4, 3)), requires_grad=True, name="W")
    p = (tensor(X) @ w).sigmoid()

    found = diagnose(
        mse_loss(p, tensor(targets)), w, np.round(X.T @ (p.numpy(force=True) - targets) / count, 5)
    )

    assert [e.mistake for e in found.explanations] == ["cross-entropy-shortcut"]
    assert found.explanations[0].wrote.endswith(text)
