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
    "the square of W in place of its derivative": 2 * LAMBDA * W**2,
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


ALONE = {
    "the penalty alone, without the rest of the loss": LAMBDA * np.sign(W),
    "the penalty alone and without its factor": np.sign(W),
}


@pytest.mark.parametrize("what", ALONE)
def test_the_gradient_of_a_penalty_alone_is_named(what):
    w = tensor(W, name="W", requires_grad=True)
    loss = ((tensor(X) @ w - tensor(Y)) ** 2).mean() + LAMBDA * w.abs().sum()

    text = str(diagnose(loss, w, ALONE[what]))

    assert f"It equals {what}" in text
    assert "it should be dW += 0.15 * sign(W)." in text


SPARED = {
    "the penalty also where the loss has none": W,
    "a penalty with ones where the loss has none": np.r_[np.ones((1, 3)), W[1:]],
}


@pytest.mark.parametrize("columns", [False, True], ids=["rows", "columns"])
@pytest.mark.parametrize("what", SPARED)
def test_a_penalty_on_the_biases_in_a_matrix_of_weights_is_named(what, columns):
    x, turn = np.c_[np.ones(7), X[:, 1:]], np.transpose if columns else np.asarray
    w = tensor(turn(W), name="W", requires_grad=True)
    z = w @ tensor(x.T) if columns else tensor(x) @ w
    spared = w[:, 1:] if columns else w[1:]
    loss = ((z - tensor(turn(Y))) ** 2).mean() + LAMBDA * (spared**2).sum()
    wrong = 2 * x.T @ (x @ W - Y) / Y.size + 2 * LAMBDA * SPARED[what]

    assert what in str(diagnose(loss, w, np.round(turn(wrong), 6)))


def test_a_penalty_lost_on_all_biases_is_told_of_these():
    rng = np.random.default_rng(1)
    shapes = {"W1": (4, 5), "b1": (5,), "W2": (5, 3), "b2": (3,)}
    p = {
        name: tensor(rng.normal(size=shape), name=name, requires_grad=True) for name, shape in shapes.items()
    }
    z = ((tensor(X) @ p["W1"] + p["b1"]).tanh() @ p["W2"] + p["b2"] - tensor(Y)) ** 2
    loss = z.mean() + LAMBDA * sum((each**2).sum() for each in p.values())
    loss.backward()
    lost = {name: 2 * LAMBDA * p[name].raw if name[0] == "b" else 0 for name in p}

    found = diagnose(loss, {p[name]: np.round(p[name].grad.raw - lost[name], 6) for name in p})

    assert [e.sentence.split(" (max")[0] for e in found.explanations] == [
        "It equals the true gradient with the penalty lost, on b2 and b1 only"
    ]
    assert found.explanations[0].fix == "db2 += 0.3 * b2"


def test_the_lines_of_a_penalty_have_its_size():
    text = said(lambda w: (w * w).sum(), LAMBDA * W)

    assert "You wrote dW += 0.15 * W; it should be dW += 0.3 * W." in text
