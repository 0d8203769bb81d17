"""What may be handed in: intermediates, values, functions, wrong shapes; and how much is told."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_edu import diagnose, nn, tensor
from tinygrad_edu.explanation.diagnosis import Suspects
from tinygrad_edu.nn import functional as F


def network(seed=0, n=5, sizes=(4, 3, 2)):
    """A loss, its parameters and what lies between, by name."""
    rng = np.random.default_rng(seed)
    X, Y = (
        tensor(rng.normal(size=(n, sizes[0])), name="X"),
        tensor(np.eye(sizes[2])[np.arange(n) % sizes[2]], name="Y"),
    )
    W1 = tensor(rng.normal(size=sizes[:2]), requires_grad=True, name="W1")
    b1 = tensor(rng.normal(size=sizes[1]), requires_grad=True, name="b1")
    W2 = tensor(rng.normal(size=sizes[1:]), requires_grad=True, name="W2")
    z1 = X @ W1 + b1
    a1 = z1.sigmoid()
    z2 = a1 @ W2
    loss = F.cross_entropy(z2, Y)
    loss.backward()
    return loss, {"W1": W1, "b1": b1, "W2": W2}, {"z1": z1, "a1": a1, "z2": z2, "X": X, "Y": Y}


def by_hand(p, t, sigmoid=lambda a: a * (1 - a)):
    """The gradients as a student writes them, with this derivative of the sigmoid."""
    X, Y, a1, z2 = (t[name].raw for name in ("X", "Y", "a1", "z2"))
    e = np.exp(z2 - z2.max(1, keepdims=True))
    d2 = (e / e.sum(1, keepdims=True) - Y) / len(Y)
    d1 = d2 @ p["W2"].raw.T * sigmoid(a1)
    return {"W2": a1.T @ d2, "W1": X.T @ d1, "b1": d1.sum(0)}, {"z2": d2, "z1": d1}


def test_an_inner_gradient_is_judged_and_what_follows_from_it_is_not_blamed():
    loss, p, t = network()
    answers, deltas = by_hand(p, t, sigmoid=lambda a: a)
    handed_in = {p["W1"]: answers["W1"], t["z1"]: deltas["z1"]}

    found = diagnose(loss, {x: np.round(g, 4) for x, g in handed_in.items()}, names=t)

    assert found.arrays["z1"].verdict == "wrong"
    assert found.arrays["W1"].verdict == "consistent-with-earlier"


def test_values_are_judged_in_the_order_in_which_they_are_computed():
    loss, _p, t = network()
    wrong = t["z1"].raw + 0.5
    later = 1 / (1 + np.exp(-wrong))

    found = diagnose(loss, forward={t["z1"]: np.round(wrong, 4), t["a1"]: np.round(later, 4)}, names=t)

    assert found.arrays["z1"].verdict == "wrong"
    assert found.arrays["a1"].verdict == "consistent-with-earlier"


def test_a_function_is_run_on_other_numbers_too():
    def loss_fn(W, X, Y):
        return F.mse_loss(X @ W, Y)

    def student(W, X, Y):
        return {"W": X.T @ (X @ W - Y) / Y.size}  # the 2 of the square is lost

    rng = np.random.default_rng(0)
    W, X, Y = rng.normal(size=(3, 2)), rng.normal(size=(4, 3)), rng.normal(size=(4, 2))

    found = diagnose(loss_fn, {"W": W}, student, data={"X": X, "Y": Y})

    assert not found.right
    assert "1/2" in str(found)


def test_a_transposed_array_is_told_and_judged():
    loss, p, t = network()

    found = diagnose(loss, p["W1"], np.round(p["W1"].grad.numpy().T, 4), names=t)

    assert "transposed" in str(found)


def test_a_bias_that_is_not_summed_is_told():
    loss, p, t = network()
    _, deltas = by_hand(p, t)

    found = diagnose(loss, p["b1"], np.round(deltas["z1"], 4), names=t)

    assert "not summed over the batch" in str(found)
    assert found.explanations[0].catalogue == 31


def test_a_wrong_shape_is_no_guess():
    loss, p, t = network()

    assert "needs shape (4, 3)" in str(diagnose(loss, p["W1"], np.ones((7, 7)), names=t))


@pytest.mark.parametrize("shape", [(3, 4), (12,), (5, 4, 3)])
def test_another_shape_is_read_in_some_way_only_if_the_numbers_bear_it_out(shape):
    loss, p, t = network()

    found = diagnose(loss, p["W1"], np.round(np.random.default_rng(0).normal(size=shape), 4), names=t)

    assert found.verdict == "unknown"
    assert str(found) == f"W1: wrong.\nW1 needs shape (4, 3), but what was handed in has {shape}."


def test_rest_arrays_of_another_shape_are_told_one_by_one():
    loss, p, t = network()
    answers = {
        p["W1"]: np.round(p["W1"].grad.numpy().T, 4),
        p["W2"]: np.ones((2, 3)),
        p["b1"]: np.ones((5, 3)),
    }

    found = diagnose(loss, answers, names=t)

    assert "W1 in another shape: it is transposed" in str(found)
    assert "W2 needs shape (3, 2), but what was handed in has (2, 3)." in str(found)
    assert "b1 needs shape (3,), but what was handed in has (5, 3)." in str(found)


def test_an_array_of_another_shape_is_no_obstacle_to_what_the_others_have_in_common():
    loss, p, t = network()
    minus = {x: np.round(-x.grad.numpy(), 4) for x in p.values()}

    found = diagnose(loss, {**minus, p["W1"]: np.ones((4, 4))}, names=t)

    assert [e.mistake for e in found.explanations] == ["sign-lost"]
    assert [found.arrays[name].verdict for name in ("W2", "b1")] == ["wrong", "consistent-with-earlier"]
    assert "W1 needs shape (4, 3), but what was handed in has (4, 4)." in str(found)


def test_a_transposed_array_with_the_sign_lost_is_told_as_both():
    loss, p, t = network()

    found = diagnose(loss, p["W1"], np.round(-p["W1"].grad.numpy().T, 4), names=t)

    assert "transposed" in str(found)
    assert "the sign is lost" in str(found)


@pytest.mark.parametrize("bad", ["abc", [[np.nan] * 3] * 4, [[1, 2], [3]]])
def test_what_is_no_array_of_numbers_is_refused(bad):
    loss, p, t = network()

    with pytest.raises((TypeError, ValueError), match="diagnose needs"):
        diagnose(loss, p["W1"], bad, names=t)


def test_levels_of_help_leak_nothing_above_them():
    loss, p, t = network()
    answers, _ = by_hand(p, t, sigmoid=lambda a: a)
    found = diagnose(loss, p["W1"], np.round(answers["W1"], 4), names=t)
    secrets = [None, "W1", "a1", "sigmoid derivative", "dW1 = [["]

    for level in range(5):
        told = json.dumps(found.to_dict(level), ensure_ascii=False)
        assert told.count("\\n") + 1 == found.to_dict(level)["text"].count("\n") + 1
        for higher in range(level + 1, 5):
            assert secrets[higher] not in told, (level, higher)


def test_another_level_is_refused():
    loss, p, t = network()

    with pytest.raises(ValueError, match="text needs a level of help from 0"):
        diagnose(loss, p["W1"], p["W1"].grad, names=t).text(level=5)


def test_layers_of_modules_are_judged_as_products_are():
    rng = np.random.default_rng(0)
    layer = nn.Linear(4, 3)
    X, Y = tensor(rng.normal(size=(5, 4)), name="X"), rng.normal(size=(5, 3))
    loss = F.mse_loss(layer(X).tanh(), Y)
    a = np.tanh(X.raw @ layer.weight.raw.T + layer.bias.raw)
    d = 2 * (a - Y) / Y.size  # tanh' is forgotten

    found = diagnose(loss, {layer.weight: np.round(d.T @ X.raw, 5), layer.bias: np.round(d.sum(0), 5)})

    assert [e.catalogue for e in found.explanations] == [11]


def test_more_right_arrays_in_single_precision_change_nothing():
    loss, p, t = network(n=7)
    answers, deltas = by_hand(p, t)
    wrong = deltas["z1"].mean(0)

    for right in ({}, {p["W1"]: answers["W1"], p["W2"]: answers["W2"]}):
        single = {x: g.astype(np.float32) for x, g in {**right, p["b1"]: wrong}.items()}
        found = diagnose(loss, single, names=t)
        assert "bias-averaged" in {e.mistake for e in [*found.explanations, *found.possible]}, len(right)


def test_zeros_beside_right_arrays_are_no_mistake_of_the_catalogue():
    loss, p, t = network()
    answers, _ = by_hand(p, t)

    found = diagnose(loss, {p["W2"]: answers["W2"], p["b1"]: np.zeros(3)}, names=t)

    assert found.verdict == "unknown"
    assert "All of it is zero" in found.reason
    assert "e-1" not in str(found)


def test_a_factor_on_a_single_number_is_not_named():
    loss, p, t = network(sizes=(4, 1, 2))
    answers, _ = by_hand(p, t)

    found = diagnose(
        loss, {**{p[x]: answers[x] for x in ("W1", "W2")}, p["b1"]: 0.0178 * answers["b1"]}, names=t
    )

    assert found.verdict == "unknown"


def test_only_arrays_with_a_name_are_asked_for():
    rng = np.random.default_rng(0)
    layer, last = nn.Linear(4, 5), nn.Linear(5, 6)
    loss = F.mse_loss(last(layer(tensor(rng.normal(size=(9, 4)))).tanh()), rng.normal(size=(9, 6)))
    loss.backward()

    found = diagnose(loss, {last.bias: np.round(last.bias.grad.numpy() / 9, 6)})

    assert found.verdict == "tie"
    assert "tensor of shape" not in found.tell_apart


SUSPECTS = {}


def suspects(seed):
    """All mistakes of a network, computed once for all examples."""
    if seed not in SUSPECTS:
        loss, p, t = network(seed)
        SUSPECTS[seed] = Suspects(loss, list(p.values()), names=t), p
    return SUSPECTS[seed]


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.integers(0, 5), st.integers(0, 10**6), st.integers(3, 6))
def test_right_answers_with_any_rounding_are_right(seed, noise, digits):
    judge, p = suspects(seed)
    rng = np.random.default_rng(noise)
    answers = {x: np.array(x.grad) + rng.uniform(-0.49, 0.49, x.shape) * 10.0**-digits for x in p.values()}

    assert judge.judge(answers, digits=digits).right


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.integers(0, 5), st.integers(0, 10**6), st.sampled_from([0.01, 0.1, 1.0]))
def test_arrays_that_mean_nothing_accuse_nobody(seed, noise, size):
    judge, p = suspects(seed)
    rng = np.random.default_rng(noise)

    found = judge.judge({x: np.round(rng.normal(size=x.shape) * size, 4) for x in p.values()}, digits=4)

    assert found.verdict == "unknown"


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.integers(0, 5), st.data())
def test_every_hypothesis_is_found_again_in_its_own_numbers(seed, data):
    judge, _p = suspects(seed)
    table = judge.table
    i = data.draw(st.integers(0, len(table.hypotheses) - 1))
    row = table.predictions[i]
    if not np.isfinite(row).all() or np.abs(row - table.true).max() < 1e-2:
        return
    answers = {x: row[table.columns[x]].reshape(x.shape) for x in judge.wrt}

    found = judge.judge(answers, digits=10)

    numbers = {n for e in [*found.explanations, *found.possible] for n in (e.catalogue, *e.also)}
    assert table.hypotheses[i].mistake.number in numbers


def test_what_should_have_been_written_completes_a_sentence():
    loss, p, t = network()
    a1, z2 = t["a1"].raw, t["z2"].raw
    e = np.exp(z2 - z2.max(1, keepdims=True))
    d2 = (e / e.sum(1, keepdims=True) - t["Y"].raw) / 5
    d1 = d2 @ (p["W2"].raw - 0.1 * a1.T @ d2).T * a1 * (1 - a1)

    found = diagnose(loss, p["W1"], np.round(t["X"].raw.T @ d1, 6), names=t)

    assert str(found).endswith(
        "You wrote W2 -= lr * dW2 before da1 = dz2 @ W2.T; it should be da1 = dz2 @ W2.T."
    )
