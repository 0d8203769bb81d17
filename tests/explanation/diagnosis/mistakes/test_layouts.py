"""Every mistake of a layer, an activation, a bias or a penalty, with examples as rows and as columns.

A network of two layers is taken back by hand with one line wrong. The mistake is named in both layouts, the line that
the student is said to have written gives the wrong array, and the right line the true one.
"""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor

rng = np.random.default_rng(0)
N, LAMBDA = 6, 0.3
ROWS = {
    "X": rng.normal(size=(N, 4)),
    "W1": rng.normal(size=(4, 4)),
    "b1": rng.normal(size=(1, 4)),
    "W2": rng.normal(size=(4, 3)),
    "b2": rng.normal(size=(1, 3)),
    "T": rng.normal(size=(N, 3)),
}
LAST, MEAN = np.eye(N)[[-1]].T, np.full((N, 1), 1 / N)


def by_hand(**wrong):
    """All arrays with examples as rows; a function in `wrong` stands in place of the right line."""
    s = SimpleNamespace(**ROWS)

    def line(name, right):
        setattr(s, name, wrong.get(name, right)(s))

    s.z1 = s.X @ s.W1 + s.b1
    s.h = np.tanh(s.z1)
    s.z2 = s.h @ s.W2 + s.b2
    line("dz2", lambda s: 2 * (s.z2 - s.T) / s.T.size)
    line("dW2", lambda s: s.h.T @ s.dz2 + LAMBDA * s.W2)
    line("db2", lambda s: s.dz2.sum(axis=0, keepdims=True))
    line("dh", lambda s: s.dz2 @ s.W2.T)
    line("dz1", lambda s: s.dh * (1 - s.h**2))
    line("dW1", lambda s: s.X.T @ s.dz1 + LAMBDA * s.W1)
    line("db1", lambda s: s.dz1.sum(axis=0, keepdims=True))
    return s


def in_one_line(s):
    return s.X.T @ s.dh + LAMBDA * s.W1


def updated(s):
    return s.dz2 @ (s.W2 - 0.2 * s.dW2).T


MISTAKES = {
    # activations
    "tanh-derivative-forgotten": {"dz1": lambda s: s.dh},
    "tanh-derivative-forgotten, for b1": {"db1": lambda s: s.dh.sum(axis=0, keepdims=True)},
    "tanh-derivative-forgotten, for W1": {"dW1": in_one_line},
    "derivative-at-pre-activation": {"dz1": lambda s: s.dh * (1 - s.z1**2)},
    "activation-applied-twice": {"dz1": lambda s: s.dh * (1 - np.tanh(s.h) ** 2)},
    "half-of-the-derivative": {"dz1": lambda s: s.dh * (1 - s.h)},
    "derivative-squared": {"dz1": lambda s: s.dh * (1 - s.h**2) ** 2},
    "derivative-of-another-function": {"dz1": lambda s: s.dh * (s.h * (1 - s.h))},
    "activation-applied-twice, for the slope": {"dz1": lambda s: s.dh * np.tanh(s.h)},
    "incoming-gradient-lost": {"dz1": lambda s: 1 - s.h**2},
    # products
    "one-sample-only": {"dW1": lambda s: s.X.T @ (LAST * s.dz1) + LAMBDA * s.W1},
    "product-of-means": {"dW1": lambda s: np.outer(s.X.mean(0), s.dz1.sum(0)) + LAMBDA * s.W1},
    "product-reversed": {"dW1": lambda s: s.dz1.T @ s.X + LAMBDA * s.W1},
    "wrong-saved-input": {"dW1": lambda s: s.h.T @ s.dz1 + LAMBDA * s.W1},
    "gradient-for-weights": {"dh": lambda s: s.dz2 @ s.dW2.T},
    "updated-weights": {"dh": updated},
    # biases
    "bias-one-sample": {"db1": lambda s: s.dz1[[-1]]},
    "bias-averaged": {"db1": lambda s: s.dz1.mean(axis=0, keepdims=True)},
    "bias-times-input": {"db1": lambda s: (s.X.T @ s.dz1).sum(axis=0, keepdims=True)},
    "summed-over-everything": {"db1": lambda s: np.full((1, 4), s.dz1.sum())},
    # penalties
    "regularisation, lost": {"dW1": lambda s: s.X.T @ s.dz1},
    "regularisation, halved": {
        "dW1": lambda s: s.X.T @ s.dz1 + LAMBDA / 2 * s.W1,
        "dW2": lambda s: s.h.T @ s.dz2 + LAMBDA / 2 * s.W2,
    },
    "regularisation, over N": {
        "dW1": lambda s: s.X.T @ s.dz1 + LAMBDA / N * s.W1,
        "dW2": lambda s: s.h.T @ s.dz2 + LAMBDA / N * s.W2,
    },
    "regularisation, signs": {
        "dW1": lambda s: s.X.T @ s.dz1 + LAMBDA * np.sign(s.W1),
        "dW2": lambda s: s.h.T @ s.dz2 + LAMBDA * np.sign(s.W2),
    },
    "regularisation, on the biases": {
        "db1": lambda s: s.dz1.sum(axis=0, keepdims=True) + LAMBDA * s.b1,
        "db2": lambda s: s.dz2.sum(axis=0, keepdims=True) + LAMBDA * s.b2,
    },
    # the loss
    "target-missing": {"dz2": lambda s: 2 * s.z2 / s.T.size},
    "gradient-of-another-loss": {"dz2": lambda s: 2 * np.sign(s.z2 - s.T) / s.T.size},
    "sample-left-out": {"dz2": lambda s: 2 * (1 - LAST) * (s.z2 - s.T) / s.T.size},
    # one array alone
    "stray-factor": {"db1": lambda s: 2.7 * s.dz1.sum(axis=0, keepdims=True)},
    "gradient-clipped": {
        name: lambda s, name=name: np.clip(getattr(by_hand(), name), -0.5, 0.5)
        for name in ("dW1", "db1", "dW2", "db2")
    },
}
LAYOUTS = {"rows": lambda a: a, "columns": lambda a: a.T}
GRADIENTS = ("dz2", "dW2", "db2", "dh", "dz1", "dW1", "db1")
FUNCTIONS = {name: getattr(np, name) for name in ("tanh", "outer", "sign", "clip")}


def product(layout, x, w):
    return x @ w if layout == "rows" else w @ x


def told(layout, mistake):
    """What is said of the mistake, and the student's arrays by name, in this layout."""
    turn, s = LAYOUTS[layout], by_hand(**MISTAKES[mistake])
    t = {name: tensor(turn(a), name=name, requires_grad=name[0] in "Wb") for name, a in ROWS.items()}
    z1 = product(layout, t["X"], t["W1"]) + t["b1"]
    h = z1.tanh()
    z2 = product(layout, h, t["W2"]) + t["b2"]
    loss = ((z2 - t["T"]) ** 2).mean() + LAMBDA / 2 * ((t["W1"] ** 2).sum() + (t["W2"] ** 2).sum())
    answers = {t[name]: np.round(turn(getattr(s, f"d{name}")), 6) for name in ("W1", "b1", "W2", "b2")}
    found = diagnose(loss, answers, names={"z1": z1, "h": h, "z2": z2})
    arrays = {name: turn(getattr(s, name)) for name in (*ROWS, "z1", "h", "z2", *GRADIENTS)}
    return found, arrays


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_in_either_layout(mistake, layout):
    found, _ = told(layout, mistake)

    assert {e.mistake for e in found.explanations} == {mistake.split(",")[0]}


ASSIGNED = re.compile(r"(d\w+) = (.*)")


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_lines_that_are_told_give_the_wrong_and_the_right_array(mistake, layout):
    found, arrays = told(layout, mistake)
    right = {name: LAYOUTS[layout](getattr(by_hand(), name)) for name in arrays}

    for e in found.explanations:
        for text, values in ((e.wrote, arrays), (e.fix, {**arrays, "dW2": right["dW2"]})):
            line = ASSIGNED.fullmatch(text)
            if line and "only" not in e.sentence:
                name, formula = line.groups()
                given = eval(formula, {**FUNCTIONS, **values})
                penalty = LAMBDA * values[name[1:]] if name.startswith("dW") else 0
                wanted = (arrays if values is arrays else right)[name]
                np.testing.assert_allclose(np.broadcast_to(given + penalty, wanted.shape), wanted, atol=1e-9)
