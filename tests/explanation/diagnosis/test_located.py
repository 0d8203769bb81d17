"""Where the numbers went wrong that no known mistake explains."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(6, 3)), rng.normal(size=(6, 2))
NOISE = rng.normal(size=(3, 4))


@pytest.fixture
def network():
    shapes = {"W1": (3, 4), "b1": (4,), "W2": (4, 2), "b2": (2,)}
    rng = np.random.default_rng(1)
    parameters = {
        name: tensor(rng.normal(size=s), requires_grad=True, name=name) for name, s in shapes.items()
    }
    z1 = tensor(X) @ parameters["W1"] + parameters["b1"]
    h = z1.tanh()
    z1.name, h.name = "z1", "h"
    loss = ((h @ parameters["W2"] + parameters["b2"] - tensor(Y)) ** 2).mean()
    for each in (z1, h):
        each.retain_grad()
    loss.backward()
    tensors = {**parameters, "z1": z1, "h": h}
    return loss, tensors, {name: np.round(x.grad.raw, 5) for name, x in tensors.items()}


def test_numbers_right_by_accident_are_no_place(network):
    loss, _, g = network
    wrong = g["W1"] + NOISE
    wrong[0, 0] = g["W1"][0, 0]
    wrong[1, 1] = g["W1"][1, 1]

    assert "Wrong are only" not in diagnose(loss, {**g, "W1": wrong}).reason


def reason(network, wrong, right):
    loss, _, g = network
    diagnosis = diagnose(loss, {**{name: g[name] for name in right}, **wrong})
    assert diagnosis.verdict == "unknown"
    return diagnosis.reason


@pytest.mark.parametrize(
    ("right", "sentence"),
    [
        (
            ["b1"],
            "db1 is right, and dW1 is made of the same gradient: the mistake is in the line of dW1 itself.",
        ),
        (["z1"], "dz1 is right, and dW1 is made of it: the mistake is in the line of dW1 itself."),
        (["h"], "dh is right: the mistake is between dh and dW1."),
        (["W2", "b2"], "dW2 is right: the mistake is after the gradient from which dW2 follows."),
    ],
)
def test_the_last_right_gradient_on_the_way_back_is_named(network, right, sentence):
    wrong = {"W1": network[2]["W1"] + np.round(0.1 * NOISE, 5)}

    assert sentence in reason(network, wrong, right)


def test_where_nothing_is_known_to_be_right_the_gradient_halfway_is_to_be_checked(network):
    wrong = {"W1": network[2]["W1"] + np.round(0.1 * NOISE, 5)}

    sentence = "Check dz1 next, which lies on the way to dW1: the mistake is either before it or after it."
    assert sentence in reason(network, wrong, [])


def test_wrong_rows_columns_and_numbers_are_listed(network):
    def of(places):
        return {"W1": np.round(network[2]["W1"] + np.where(places, 0.1 * NOISE, 0), 5)}

    rows, columns, single = np.zeros((3, 3, 4))
    rows[[0, 2]], columns[:, [1, 3]], single[[0, 1, 2], [0, 1, 2]] = 1, 1, 1

    assert "Wrong are only its first and third rows (index 0, 2); all else is right." in reason(
        network, of(rows), []
    )
    assert "only its second and fourth columns (index 1, 3); all" in reason(network, of(columns), [])
    assert "only its first, second and third columns (index 0, 1, 2)" in reason(network, of(single), [])


def test_two_mistakes_at_once_keep_both_names(network):
    loss, tensors, g = network
    dh = np.asarray(tensors["h"].grad.raw)

    found = diagnose(loss, {**g, "W2": np.round(-tensors["W2"].grad.raw, 5), "z1": np.round(dh, 5)})

    assert {e.array: e.mistake for e in found.explanations} == {
        "W2": "sign-lost",
        "z1": "tanh-derivative-forgotten",
    }
