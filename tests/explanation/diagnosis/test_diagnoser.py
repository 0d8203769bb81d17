"""Suspects: one graph asked about many submissions, what else may have been mixed in, and what it refuses."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, nn, tensor
from tinygrad_edu.explanation.diagnosis import Suspects
from tinygrad_edu.nn.functional import cross_entropy

rng = np.random.default_rng(0)
X, Y = rng.normal(size=(5, 4)), np.eye(3)[[0, 1, 2, 1, 0]]


def network(names=("W1", "W2")):
    """A loss, its two parameters, and their true gradients."""
    w1, w2 = (
        tensor(rng.normal(size=shape), requires_grad=True, name=name)
        for shape, name in zip(((4, 6), (6, 3)), names, strict=True)
    )
    loss = cross_entropy((tensor(X) @ w1).tanh() @ w2, tensor(Y))
    loss.backward()
    return loss, w1, w2, w1.grad.numpy(), w2.grad.numpy()


def test_one_array_is_enough_where_one_is_asked():
    loss, w1, _, g, _ = network()

    assert Suspects(loss, w1).judge(g).right
    assert Suspects(loss, [w1]).judge(-g).explanations[0].mistake == "sign-lost"


def test_without_wrt_all_leaves_are_asked():
    loss, _, _, g1, g2 = network()

    assert list(Suspects(loss).judge({"W1": g1, "W2": g2}).arrays) == ["W2", "W1"]


def test_one_array_is_not_enough_where_several_are_asked():
    loss, *_, g, _ = network()

    with pytest.raises(
        ValueError, match=r"judge needs an array for each of 2 tensors, got one; pass {'W1': array"
    ):
        Suspects(loss).judge(g)


def test_tensors_that_were_not_asked_at_first_are_judged_too():
    loss, w1, w2, g1, g2 = network()
    suspects = Suspects(loss, w1)

    found = suspects.judge({w1: g1, w2: -g2})

    assert {name: array.verdict for name, array in found.arrays.items()} == {"W2": "wrong", "W1": "right"}
    assert suspects.wrt == [w1]


@pytest.mark.parametrize("by_name", [True, False])
def test_digits_can_be_given_for_each_tensor(by_name):
    loss, w1, w2, g1, g2 = network()
    coarse = g1 + 0.04
    digits = {"W1": 1} if by_name else {w1: 1}

    assert diagnose(loss, {w1: coarse, w2: g2}, digits=digits).right
    assert not diagnose(loss, {w1: coarse, w2: g2}).right


def test_tensors_without_a_name_are_numbered_on_the_way_back():
    loss, w1, w2, g1, g2 = network((None, None))

    assert list(diagnose(loss, {w1: g1, w2: g2}, names={}).arrays) == ["array 1", "array 2"]
    assert str(diagnose(loss, w1, g1, names={})) == "the gradient: right."


def test_the_callers_variables_are_names_but_come_after_a_name_of_its_own():
    loss, first, w2, g1, g2 = network((None, "W2"))

    assert list(diagnose(loss, {first: g1, w2: g2}).arrays) == ["W2", "first"]
    assert diagnose(loss, {"first": g1, "dW2": g2}).right
    assert diagnose(loss, {"other": g1}, names={"other": first}).right


def test_parameters_of_the_callers_module_are_named_by_their_path():
    net = nn.Sequential(nn.Linear(3, 2)).double()
    loss = net(tensor(rng.normal(size=(4, 3)))).square().mean()
    loss.backward(retain_graph=True)

    assert list(diagnose(loss, {"0.weight": net[0].weight.grad.numpy()}).arrays) == ["net.0.weight"]


def test_where_nothing_has_a_name_the_tensors_themselves_are_asked_for():
    loss, *_, g, _ = network((None, None))

    with pytest.raises(
        ValueError, match="got 'W1'; it depends on tensors without a name, so pass them themselves"
    ):
        diagnose(loss, "W1", g)


def test_the_names_that_could_be_meant_are_listed():
    loss, *_, g, _ = network()

    with pytest.raises(ValueError, match=r"got 'W3'; it depends on (W1, W2|W2, W1)$"):
        diagnose(loss, "W3", g)


# What else may have been mixed in.


@pytest.mark.parametrize(
    ("factor", "what"),
    [
        (0.03, "lr = 0.03 times the true gradient: the learning rate was multiplied in"),
        (-0.03, "-lr = -0.03 times the true gradient: this is the step, not the gradient"),
    ],
)
def test_a_learning_rate_that_is_known_is_told_from_a_number_like_one(factor, what):
    loss, w1, _, g, _ = network()
    submitted = np.round(factor * g, 6)

    known, unknown = diagnose(loss, w1, submitted, lr=0.03), diagnose(loss, w1, submitted)

    assert [(e.mistake, e.catalogue) for e in known.explanations] == [("learning-rate", 38)]
    assert what in str(known)
    assert f"{factor} times the true gradient, as if by a learning rate" in str(unknown)


def test_the_gradient_of_an_earlier_step_that_was_added_is_told_if_it_is_given():
    loss, w1, _, g, _ = network()
    before = rng.normal(size=(4, 6))

    found = diagnose(loss, w1, np.round(g + before, 4), given={"dW1_before": before})

    assert "dW1_before" in str(found)
    assert found.verdict == "mistake"
    assert diagnose(loss, w1, np.round(g + before, 4)).verdict == "unknown"


def test_given_arrays_are_numbers():
    loss, w1, _, g, _ = network()

    with pytest.raises(TypeError, match="diagnose needs real numbers for old, got str"):
        diagnose(loss, w1, g, given={"old": "a"})


@pytest.mark.parametrize("by_name", [True, False])
def test_gradients_of_parameters_that_are_known_as_printed_are_right_within_their_rounding(by_name):
    exact = rng.normal(size=(4, 3))
    (loss, w), (true, unrounded) = (
        (((tensor(X) @ w - 1) ** 3).mean(), w)
        for w in (tensor(array, requires_grad=True, name="W") for array in (np.round(exact, 2), exact))
    )
    true.backward()
    submitted = np.round(unrounded.grad.numpy(), 6)
    rounded = {"W" if by_name else w: 2}

    assert diagnose(loss, w, submitted, rounded=rounded).right
    assert not diagnose(loss, w, submitted).right
    assert not diagnose(loss, w, submitted, rounded={w: 5}).right
    assert not diagnose(loss, w, -submitted, rounded=rounded).right


# Losses.


@pytest.mark.parametrize(
    ("loss", "error", "message"),
    [
        (
            3.0,
            TypeError,
            "diagnose needs the loss as a Tensor or as a function that computes it, got 3; pass the function: ",
        ),
        (
            tensor(1.0),
            ValueError,
            r"diagnose needs a loss with its graph, but nothing .*; compute it from tensors with requires_grad",
        ),
        (
            tensor([1.0, 2.0], requires_grad=True, name="W"),
            ValueError,
            r"diagnose needs the loss first, got 'W' of shape \(2,\); diagnose\(loss, W1, gradient\)",
        ),
        (
            tensor([1.0, 2.0], requires_grad=True) * 2,
            ValueError,
            r"diagnose needs a loss that is one number: got shape \(2,\); take its sum or mean",
        ),
    ],
)
def test_a_loss_is_one_number_with_a_graph(loss, error, message):
    with pytest.raises(error, match=message):
        Suspects(loss)
