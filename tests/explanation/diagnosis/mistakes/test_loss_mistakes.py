from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor
from tinygrad_edu.nn.functional import cross_entropy

rng = np.random.default_rng(0)
X, W = rng.normal(size=(3, 7)), rng.normal(size=(4, 3))
Y = np.eye(4)[:, [0, 1, 2, 3, 1, 0, 2]]


def softmax(z, axis):
    return np.exp(z) / np.exp(z).sum(axis=axis, keepdims=True)


P = softmax(W @ X, 0)
BEST = np.equal(P, P.max(axis=0)) * 1.0

DELTAS = {
    "softmax-wrong-axis": (softmax(W @ X, 1) - Y, "dZ = (softmax(Z, axis=1) - y) / 7"),
    "softmax-diagonal-only": (-Y * (1 - P), ""),
    "softmax-twice": (softmax(P, 0) - Y, "dZ = (softmax(P) - y) / 7"),
    "target-missing": (P, "dZ = P / 7"),
    "prediction-for-probability": (BEST - Y, "dZ = (onehot(argmax(P)) - y) / 7"),
    "eps-in-the-logarithm": (P * (-Y / (P + 0.01) + (Y * P / (P + 0.01)).sum(axis=0)), "log(P + 0.01)"),
}


CLASS_WEIGHTS = np.array([[1.0], [2.5], [0.7], [1.8]])
OF_EXAMPLES = (CLASS_WEIGHTS * Y).sum(axis=0, keepdims=True)
WEIGHED = {
    "weight-on-the-target": P - CLASS_WEIGHTS * Y,
    "factor-lost": P - Y,
    "weight-of-another-class": CLASS_WEIGHTS * (P - Y),
    "target-missing": OF_EXAMPLES * P,
}


@pytest.mark.parametrize("rows", [False, True], ids=["columns", "rows"])
@pytest.mark.parametrize("form", ["of classes", "of examples", "one operation"])
@pytest.mark.parametrize("mistake", WEIGHED)
def test_a_mistake_with_weights_of_classes_is_named(mistake, form, rows):
    turn = np.transpose if rows else np.asarray
    w = tensor(turn(W), requires_grad=True, name="W")
    z = tensor(X.T) @ w if rows else w @ tensor(X)
    each = z.log_softmax(1 if rows else 0)
    if form == "one operation":
        targets, weight = tensor(Y.argmax(axis=0)), tensor(CLASS_WEIGHTS.ravel())
        loss = cross_entropy(z if rows else z.T, targets, weight=weight, reduction="sum") / 7
    else:
        weights = CLASS_WEIGHTS if form == "of classes" else OF_EXAMPLES
        loss = -(tensor(turn(weights)) * (tensor(turn(Y)) * each)).sum() / 7

    found = diagnose(loss, w, np.round(turn(WEIGHED[mistake] @ X.T / 7), 6), names={"z": z})

    assert [e.mistake for e in found.explanations] == [mistake]


@pytest.mark.parametrize("rows", [False, True], ids=["columns", "rows"])
def test_the_most_likely_class_in_place_of_smoothed_targets_is_named(rows):
    turn, smooth = np.transpose if rows else np.asarray, 0.9 * Y + 0.1 / 4
    w = tensor(turn(W), requires_grad=True, name="W")
    z = tensor(X.T) @ w if rows else w @ tensor(X)
    loss = -(tensor(turn(smooth), name="S") * z.log_softmax(1 if rows else 0)).sum() / 7

    found = diagnose(loss, w, np.round(turn((P - Y) @ X.T / 7), 6), names={"z": z})

    assert [e.mistake for e in found.explanations] == ["target-as-one-hot"]
    assert found.explanations[0].wrote == "dz = (softmax(z) - onehot(argmax(S))) / 7"


@pytest.mark.parametrize("mistake", DELTAS)
def test_a_wrong_beginning_is_told_where_classes_are_rows(mistake):
    w = tensor(W, requires_grad=True, name="W")
    z = w @ tensor(X, name="X")
    p = z.softmax(0)
    loss = -(tensor(Y) * p.log()).sum() / 7
    wrong, wrote = DELTAS[mistake]

    found = diagnose(loss, w, np.round(wrong @ X.T / 7, 6), names={"Z": z, "P": p})

    assert [e.mistake for e in found.explanations] == [mistake]
    assert found.explanations[0].wrote == wrote
    assert "axis=1" not in found.explanations[0].fix


def test_an_output_in_one_row_has_no_examples_in_its_rows():
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(2, 1)), rng.normal(size=(2, 1))
    w = tensor(rng.normal(size=(1, 1)), requires_grad=True, name="W")
    k = tensor(X) @ w
    loss = (((tensor(X) @ k.T).softmax(-1) @ tensor(X) - tensor(Y)) ** 2).mean()

    assert diagnose(loss, w, [[123.4]]).verdict == "unknown"


@pytest.mark.parametrize(
    ("factor", "sentence"),
    [
        (
            28.0,
            "It equals N K = 28 times the true gradient: the mean over 7 examples and 4 outputs is missing",
        ),
        (
            1 / 28,
            "1/(N K) = 1/28 times the true gradient: the mean over 7 examples and 4 outputs is taken once too",
        ),
        (
            1 / 4,
            "1/K = 1/4 times the true gradient: the mean over 4 outputs is taken though the loss has none",
        ),
    ],
)
def test_a_mean_over_examples_and_outputs_is_named(factor, sentence):
    w = tensor(W, requires_grad=True, name="W")
    loss = ((w @ tensor(X) - tensor(Y)).T ** 2).mean()
    loss.backward()

    assert sentence in str(diagnose(loss, w, w.grad.numpy() * factor))
