from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor

rng = np.random.default_rng(0)
X, Y, W, B = (rng.normal(size=shape) for shape in ((7, 4), (7, 3), (4, 3), (3,)))
D = 2 * (X @ W + B - Y) / Y.size
LAMBDA = 0.15

OF_SQUARES = {
    "the penalty lost": 0 * W,
    "the penalty's 2 lost": LAMBDA * W,
    "a stray 2 at the penalty": 4 * LAMBDA * W,
    "the sign of the penalty lost": -2 * LAMBDA * W,
    "the penalty divided by N = 7 once too often": 2 * LAMBDA * W / 7,
    "the 1/N of the penalty lost": 14 * LAMBDA * W,
    "the penalty of absolute values in place of that of squares": LAMBDA * np.sign(W),
}
OF_ABSOLUTE_VALUES = {
    "the penalty lost": 0 * W,
    "the sign of the penalty lost": -LAMBDA * np.sign(W),
    "the penalty of squares in place of that of absolute values": 2 * LAMBDA * W,
    "the sign of W lost in the penalty": LAMBDA,
}


def said(penalty, wrong, of_bias=0):
    w, b = (tensor(a, name=name, requires_grad=True) for name, a in {"W": W, "b": B}.items())
    loss = ((tensor(X, name="X") @ w + b - tensor(Y)) ** 2).mean() + LAMBDA * penalty(w)
    return str(diagnose(loss, {w: np.round(X.T @ D + wrong, 6), b: np.round(D.sum(axis=0) + of_bias, 6)}))


@pytest.mark.parametrize("what", OF_SQUARES)
def test_a_wrong_penalty_of_squares_is_named(what):
    assert what in said(lambda w: (w * w).sum(), OF_SQUARES[what])


@pytest.mark.parametrize("what", OF_ABSOLUTE_VALUES)
def test_a_wrong_penalty_of_absolute_values_is_named(what):
    assert what in said(lambda w: w.abs().sum(), OF_ABSOLUTE_VALUES[what])


def test_a_penalty_on_the_biases_is_named():
    assert "on the biases as well" in said(lambda w: (w * w).sum(), 2 * LAMBDA * W, 2 * LAMBDA * B)


def test_the_lines_of_a_penalty_have_its_size():
    text = said(lambda w: (w * w).sum(), LAMBDA * W)

    assert "You wrote dW += 0.15 * W; it should be dW += 0.3 * W." in text
