"""Mistakes with a number in them."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor
from tinygrad_edu.explanation.diagnosis.evidence import Evidence
from tinygrad_edu.explanation.diagnosis.mistakes.families import NEW_WEIGHTS, Family
from tinygrad_edu.explanation.diagnosis.parameter_fit import solved

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(6, 4)), rng.normal(size=(6, 2))
WEIGHTS = [rng.normal(size=shape) for shape in ((4, 5), (5, 3), (3, 2))]


def network():
    """Three layers of tanh, tanh and nothing, and the weights of the first."""
    w1, w2, w3 = (tensor(w, requires_grad=True, name=f"W{i}") for i, w in enumerate(WEIGHTS, 1))
    return (((tensor(X) @ w1).tanh() @ w2).tanh() @ w3 - tensor(Y)).square().mean(), w1


def updated_on_the_way_back(lr):
    """The gradient of W1 if W3 and W2 are updated as soon as their gradients are known."""
    w1, w2, w3 = WEIGHTS
    a = np.tanh(X @ w1)
    b = np.tanh(a @ w2)
    d3 = 2 * (b @ w3 - Y) / Y.size
    d2 = d3 @ (w3 - lr * b.T @ d3).T * (1 - b * b)
    d1 = d2 @ (w2 - lr * a.T @ d2).T * (1 - a * a)
    return X.T @ d1


@pytest.mark.parametrize("lr", [0.01, 0.3, 5.0])
def test_a_learning_rate_is_found_that_comes_in_at_two_layers(lr):
    loss, w1 = network()

    found = diagnose(loss, w1, np.round(updated_on_the_way_back(lr), 6))

    assert [e.mistake for e in found.explanations] == ["updated-weights"]
    assert f"lr = {lr:g}" in str(found)


@pytest.mark.parametrize("t", [0.02, 0.5, -3.0])
def test_a_decay_is_found(t):
    loss, w1 = network()
    loss.backward()

    found = diagnose(loss, w1, np.round(w1.grad.numpy() + t * w1.raw, 4))

    assert [e.mistake for e in found.explanations] == ["regularisation"]
    sign = {True: ("minus", "-"), False: ("plus", "+")}[t < 0]
    assert f"{sign[0]} {abs(t):g} times W1" in str(found)
    assert found.explanations[0].wrote == f"dW1 {sign[1]} {abs(t):g} * W1"


def test_a_rate_that_could_be_any_is_listed_but_not_named():
    loss, w1 = network()

    found = diagnose(loss, w1, np.round(updated_on_the_way_back(0.002), 2))

    assert found.verdict == "unknown"
    assert "updated-weights" in {e.mistake for e in found.possible}


def test_an_array_that_the_number_does_not_reach_does_not_tell_it():
    b = tensor([0.5, -1.5], requires_grad=True, name="b")
    w = tensor(rng.normal(size=(4, 2)), requires_grad=True, name="W")
    loss = ((tensor(X) @ w + b - tensor(Y)) ** 2).mean()
    loss.backward()

    found = diagnose(loss, b, np.round(-b.grad.numpy(), 4))

    assert all("e+" not in e.sentence for e in found.possible)


def test_a_number_for_which_nothing_can_be_computed_explains_nothing():
    e = Evidence(np.array([3.0, 5.0, -2.0, 7.0]), np.ones(4), np.full(4, 0.01))
    loss, _ = network()
    rates = Family(NEW_WEIGHTS, loss, lambda t: {}, (0.0, 1.0), lambda t: True, polynomial=False)
    rows = rng.normal(size=(2, 4))

    assert solved(e, rates, rows, lambda t: np.full(4, np.nan)) is None


def test_numbers_far_from_those_of_every_start_need_no_walk():
    loss, _ = network()
    bounds = Family(NEW_WEIGHTS, loss, lambda t: {}, (0.1, 1.0), lambda t: True, polynomial=False)
    e = Evidence(np.array([3.0, 5.0, -2.0, 70.0]), np.ones(4), np.full(4, 0.01))

    def curve(t):
        raise AssertionError("walked")

    assert solved(e, bounds, np.array([[1.0, 2.0, 0.0, 4.0], [4.0, 6.0, -4.0, 8.0]]), curve) is None
