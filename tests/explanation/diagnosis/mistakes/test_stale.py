"""Another array of a fitting shape, used by mistake."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor
from tinygrad_edu.nn.functional import huber_loss

rng = np.random.default_rng(0)
X, Y, OLD = (rng.normal(size=shape) for shape in ((6, 4), (6, 3), (6, 5)))


def network():
    """A loss of two layers, its parameters by name, and the arrays of the way back."""
    w1, w2 = (rng.normal(size=shape) for shape in ((4, 5), (5, 3)))
    p = {name: tensor(w, requires_grad=True, name=name) for name, w in (("W1", w1), ("W2", w2))}
    a = 1 / (1 + np.exp(-X @ w1))
    dz2 = 2 * (a @ w2 - Y) / Y.size
    h = (tensor(X, name="X") @ p["W1"]).sigmoid()
    h.name = "a1"
    return ((h @ p["W2"] - tensor(Y)) ** 2).mean(), p, {"a": a, "da": dz2 @ w2.T, "dz2": dz2}


STALE = {
    "the input of a layer": (
        "W2",
        lambda n: OLD.T @ n["dz2"],
        "wrong-saved-input",
        "with old where a1 belongs",
    ),
    "the delta of a layer": ("W1", lambda n: X.T @ OLD, "stale-delta", "with old where d(X @ W1) belongs"),
    "the values in a derivative": (
        "W1",
        lambda n: X.T @ (n["da"] * OLD * (1 - OLD)),
        "stale-variable",
        "with old where a1 belongs, in the sigmoid derivative",
    ),
    "the gradient at an activation": (
        "W1",
        lambda n: X.T @ (OLD * n["a"] * (1 - n["a"])),
        "stale-upstream",
        "with old where da1 belongs",
    ),
}


@pytest.mark.parametrize(("name", "wrong", "mistake", "did"), STALE.values(), ids=STALE)
def test_a_given_array_used_by_mistake_is_named(name, wrong, mistake, did):
    loss, p, n = network()
    submitted = np.round(wrong(n), 6)

    found = diagnose(loss, p[name], submitted, given={"old": OLD, "another": np.ones((2, 2))})

    assert [e.mistake for e in found.explanations] == [mistake]
    assert did in str(found)
    assert diagnose(loss, p[name], submitted).verdict == "unknown"


def test_a_prediction_by_other_weights_is_named():
    loss, p, _ = network()
    old = rng.normal(size=(4, 5))
    a = 1 / (1 + np.exp(-X @ old))
    dz = 2 * (a @ p["W2"].raw - Y) / Y.size @ p["W2"].raw.T * a * (1 - a)

    found = diagnose(loss, p["W1"], np.round(X.T @ dz, 6), given={"W1_old": old})

    assert [e.mistake for e in found.explanations] == ["stale-weights"]
    assert "It equals the gradient at W1_old in place of W1" in str(found)


@pytest.mark.parametrize("columns", [False, True], ids=["rows", "columns"])
def test_a_prediction_without_the_bias_is_named(columns):
    turn = np.transpose if columns else np.asarray
    w, b = rng.normal(size=(4, 3)), rng.normal(size=(1, 3))
    p = {name: tensor(turn(a), requires_grad=True, name=name) for name, a in (("W", w), ("b", b))}
    z = p["W"] @ tensor(X.T) + p["b"] if columns else tensor(X) @ p["W"] + p["b"]
    d = 2 * (X @ w - Y) / Y.size
    answers = {"W": X.T @ d, "b": d.sum(axis=0, keepdims=True)}

    found = diagnose(
        ((z - tensor(turn(Y))) ** 2).mean(), {p[n]: np.round(turn(a), 6) for n, a in answers.items()}
    )

    assert [e.sentence.split(" (max")[0] for e in found.explanations] == [
        "It equals the gradient of a prediction without b: b is not added in the forward pass"
    ]


def test_a_mask_of_a_loss_is_no_array_that_was_taken_by_mistake():
    w = tensor(rng.normal(size=(4, 3)), requires_grad=True, name="W")
    loss = huber_loss(tensor(X) @ w, tensor(Y), reduction="sum")

    found = diagnose(loss, w, np.round(X.T @ (X @ w.raw - Y), 5))

    assert [e.mistake for e in found.explanations] == ["gradient-of-another-loss"]


@pytest.mark.parametrize(
    ("given", "mistake", "also"),
    [({}, "entrywise-product", ""), ({"H": rng.normal(size=3)}, "stale-variable", ", and H for a1")],
)
def test_a_matrix_product_in_the_derivative_is_named_with_the_array_that_it_used(given, mistake, also):
    x, w = rng.normal(size=(3, 4)), rng.normal(size=(4, 3))
    weights = tensor(w, requires_grad=True, name="W")
    a = (tensor(x) @ weights).sigmoid()
    a.name = "a1"
    h = given.get("H", a.raw)
    dz = (2 * (a.raw - 1) / a.raw.size @ h) * (1 - h)

    found = diagnose(
        ((a - 1) ** 2).mean(), weights, np.round(x.T @ np.broadcast_to(dz, a.shape), 6), given=given
    )

    assert [e.mistake for e in found.explanations] == [mistake]
    assert "with @ for * in the sigmoid derivative at 'a1'" in str(found)
    assert also in str(found)
