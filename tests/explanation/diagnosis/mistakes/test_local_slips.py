"""One rule wrong at one node: a factor, a sign, a square, a mean, in whatever network the node stands."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor

rng = np.random.default_rng(0)
N, D, H, K = 6, 4, 5, 3
X, W1, W2 = rng.normal(size=(N, D)), rng.normal(size=(D, H)) * 0.6, rng.normal(size=(H, K))
Y = np.eye(K)[rng.integers(0, K, N)]
MASK = (rng.random((N, H)) > 0.4) * 1.0
CLASS_WEIGHTS = np.array([0.5, 1.3, 2.2])
GAMMA = rng.uniform(0.5, 1.5, H)


def leaves():
    return [tensor(a, name=name, requires_grad=True) for name, a in {"W1": W1, "W2": W2}.items()]


def hand_in(wrong, dropped=None):
    """Gradients of W1 and W2 of a network with a dropout of `dropped` and a weight for each class."""
    h = np.tanh(X @ W1)
    mask = MASK if dropped is None else dropped
    d = h * mask
    p = np.exp(d @ W2) / np.exp(d @ W2).sum(axis=1, keepdims=True)
    weights = np.ones(K) if wrong == "class weight" else CLASS_WEIGHTS
    dp = -Y / p * weights / N
    dz2 = p * (dp - (dp * p).sum(axis=1, keepdims=True))
    dd = dz2 @ W2.T
    back = {
        "mask": 1,
        "mask but not its scale": mask.max(),
        "scale of the mask": mask > 0,
        "mask twice": mask**2,
    }
    dh = dd * back.get(wrong, mask)
    return X.T @ (dh * (1 - h * h)), d.T @ dz2


DROPOUT = {
    "mask": "the mask mask left out",
    "mask twice": "the mask mask twice",
    "mask but not its scale": "left out, but not its scale",
    "scale of the mask": "the scale of the mask mask left out",
    "class weight": "the weights class_weights left out",
}


@pytest.mark.parametrize("wrong", DROPOUT)
def test_a_lost_factor_is_named(wrong):
    w1, w2 = leaves()
    mask = tensor(MASK / 0.6, name="mask")
    h = (tensor(X, name="X") @ w1).tanh()
    p = ((h * mask) @ w2).softmax(-1)
    weighted = tensor(CLASS_WEIGHTS, name="class_weights") * (tensor(Y, name="Y") * p.log())
    loss = -weighted.sum() / N
    answers = dict(zip((w1, w2), (np.round(g, 6) for g in hand_in(wrong, MASK / 0.6)), strict=True))

    found = diagnose(loss, answers, names={"h": h, "p": p})

    assert [e.mistake for e in found.explanations] == ["factor-twice" if "twice" in wrong else "factor-lost"]
    assert DROPOUT[wrong].replace("mask mask", "mask") in str(found)


def scaled(wrong):
    """The gradient of W1 through a normalisation over the units, a scale and a gate, by hand."""
    u = X @ W1
    s = u.std(axis=1, keepdims=True)
    y = (u - u.mean(axis=1, keepdims=True)) / s
    dy = 2 * (y * GAMMA) / y.size
    dy = dy if wrong == "gamma" else dy * GAMMA
    axis = 0 if wrong == "axis" else 1
    du = dy - dy.mean(axis=axis, keepdims=True) - y * (dy * y).mean(axis=axis, keepdims=True)
    return X.T @ (du if wrong == "deviation" else du / s)


SCALED = {"gamma": "factor-lost", "axis": "norm-wrong-axis", "deviation": "deviation-left-out"}


@pytest.mark.parametrize("wrong", SCALED)
def test_a_mistake_in_a_layer_norm_is_named(wrong):
    w1, _ = leaves()
    u = tensor(X, name="X") @ w1
    centred = u - u.mean(1, keepdim=True)
    y = centred / (centred * centred).mean(1, keepdim=True).sqrt()
    loss = ((y * tensor(GAMMA, name="gamma")) ** 2).mean()

    found = diagnose(loss, w1, np.round(scaled(wrong), 6), names={"u": u, "y": y})

    assert SCALED[wrong] in [e.mistake for e in found.explanations]


A, B = rng.uniform(0.5, 2, size=(5, 4)), rng.uniform(0.5, 2, size=(5, 4))
G = rng.normal(size=(5, 4))
NODES = {  # how c is made of a and b, which array is asked, what it is, and what was handed in
    "the minus before b lost": (lambda a, b: a - b, "b", G),
    "1/b for the 1/b² of its derivative": (lambda a, b: a / b, "b", -G * A / B),
    "the sign of the derivative of 1/b lost": (lambda a, b: a / b, "b", G * A / B**2),
    "b multiplied where it should divide": (lambda a, b: a / b, "a", G * B),
    "a where b belongs": (lambda a, b: a * b, "a", G * A),
    "the power of a not lowered by one": (lambda a, b: a**3, "a", G * 3 * A**3),
    "the 1/a of the logarithm left out": (lambda a, b: a.log(), "a", G),
    "the derivative of exp left out": (lambda a, b: a.exp(), "a", G),
    "the 1/2 of the root's derivative lost": (lambda a, b: a.sqrt(), "a", G / np.sqrt(A)),
}


@pytest.mark.parametrize("what", NODES)
def test_a_wrong_rule_of_one_operation_is_named(what):
    made, asked, wrong = NODES[what]
    a, b = (tensor(x, name=name, requires_grad=True) for name, x in {"a": A, "b": B}.items())

    found = diagnose((made(a, b) * tensor(G)).sum(), {"a": a, "b": b}[asked], np.round(wrong, 6))

    assert what in str(found)


def test_a_reshape_for_a_transpose_is_named():
    a = tensor(A, name="a", requires_grad=True)

    found = diagnose((a.T * tensor(G.T)).sum(), a, np.round(G.T.reshape(5, 4), 6))

    assert [e.mistake for e in found.explanations] == ["reshaped-for-transposed"]


def test_the_lost_count_of_a_mean_inside_a_network_is_named():
    w = tensor(W1, name="W1", requires_grad=True)
    pooled = (tensor(X, name="X") @ w).tanh().mean(1)
    h = np.tanh(X @ W1)
    wrong = X.T @ (2 * (h.mean(axis=1, keepdims=True) - 0.3) / N * (1 - h * h))

    found = diagnose(((pooled - 0.3) ** 2).mean(), w, np.round(wrong, 6))

    assert "the 1/n of a mean left out" in str(found)
