"""The mistakes planted to judge `diagnose`: the student's gradients are right without one, and wrong with one."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
sys.path.append(str(FOLDER))

from diagnosis import distinguishable, graphs, measures, networks, planted, slips  # noqa: E402 - found only now
from diagnosis.by_hand import gradients  # noqa: E402

seeds = pytest.mark.parametrize("seed", range(40))


@seeds
def test_the_student_without_a_mistake_agrees_with_the_engine(seed):
    network = planted.network(seed)
    loss, parameters = graphs.graph(network)

    loss.backward()

    by_hand = gradients(network)
    assert by_hand.keys() == parameters.keys()
    for name, x in parameters.items():
        np.testing.assert_allclose(by_hand[name], x.grad.numpy(), rtol=1e-9, atol=1e-12)


@seeds
def test_sizes_differ_and_no_two_weights_are_equal(seed):
    network = planted.network(seed)
    weights = np.concatenate([w.ravel() for w in network.parameters.values()])

    assert len(network.X) >= 3
    assert len({*network.X.shape, network.Y.shape[1]}) == 3
    assert np.unique(weights).size == weights.size
    assert (weights != 0).all()


def test_a_careless_last_digit_does_not_count_as_changed():
    right = {"W1": np.array([0.1, 0.2, 0.3])}

    assert planted.changed({"W1": np.array([0.1001, 0.1999, 0.3])}, right) == 0
    assert planted.changed({"W1": np.array([0.1002, 0.1999, 0.3])}, right) == 1
    assert planted.changed({"W1": np.array([0.1])}, right) == 3


def test_a_seed_decides_everything():
    one, other = planted.network(3), planted.network(3)

    np.testing.assert_array_equal(one.X, other.X)
    assert {name: w.tobytes() for name, w in one.parameters.items()} == {
        name: w.tobytes() for name, w in other.parameters.items()
    }
    assert graphs.graph(one)[0].item() == graphs.graph(other)[0].item()


@seeds
def test_what_is_planted_shows_in_the_digits(seed):
    network = planted.network(seed)
    right = planted.rounded(gradients(network), 4)

    found = planted.planted(network)

    assert len(found) > 30
    assert not any(planted.same(answers, right) for _, answers in found)


@pytest.mark.slow
def test_every_kind_of_mistake_is_planted_somewhere():
    found = {mistake.name for seed in range(60) for mistake, _ in planted.planted(planted.network(seed))}

    assert {f"{slip.number} {slip.what}" for slip in planted.SLIPS} - found == set()


def test_every_number_of_the_catalogue_is_planted_or_has_a_reason_not_to_be():
    numbers = {slip.number for slip in planted.SLIPS}

    assert numbers - {0} | planted.NOT_PLANTED.keys() == set(planted.NUMBERS)
    assert not numbers & planted.NOT_PLANTED.keys()


def test_every_step_that_a_mistake_replaces_is_done():
    done = set()
    for seed in range(60):
        network = planted.network(seed)
        note = {("note", 0): lambda s, step, x: done.add(step) or x}
        gradients(network, note)

    assert {slip.step for slip in planted.SLIPS} - {"note"} <= done


def test_a_mistake_in_one_layer_leaves_the_layers_above_as_they_are():
    network = next(n for n in map(planted.network, range(100)) if n.depth == 3 and n.kind == "chain")
    forgotten = {("through_activation", 1): lambda s, k, da: 2 * da}

    right, wrong = gradients(network), gradients(network, forgotten)

    np.testing.assert_array_equal(wrong["W2"], right["W2"])
    assert not np.allclose(wrong["W1"], right["W1"])


def test_weights_of_a_linear_layer_are_handed_in_as_it_keeps_them():
    network = next(n for n in map(networks.draw, range(100)) if n.turned)
    _, parameters = graphs.graph(network)

    assert gradients(network)["W1"].shape == parameters["W1"].shape == network.parameters["W1"].shape[::-1]


def mistake(network, what):
    slip = next(slip for slip in planted.SLIPS if slip.what == what)
    return next(slips.placed(slip, network))


@pytest.mark.parametrize("what", ["factor 2 too many", "accumulated twice"])
def test_twice_the_gradient_has_two_names(what):
    network = planted.network(0)
    found = planted.planted(network)
    place = [m.what for m, _ in found].index(what)

    rivals = distinguishable.rivals(network, found, found, network.parameters)[place]

    assert {"29 factor 2 too many ", "34 accumulated twice "} - rivals == {f"{found[place][0].name} "}


def test_a_sign_has_no_rival_but_its_own_number():
    network = planted.network(0)
    found = planted.planted(network)
    place = [m.what for m, _ in found].index("y - p for p - y")

    assert distinguishable.rivals(network, found, found, network.parameters)[place] == set()


def test_two_mistakes_at_once_are_both_made():
    network = next(
        n for n in map(planted.network, range(100)) if n.activations[0] == "sigmoid" and n.depth == 2
    )
    one, sign = mistake(network, "derivative forgotten"), mistake(network, "y - p for p - y")

    found = planted.both(one, sign).hand_in(network)

    np.testing.assert_allclose(found["W1"], -one.hand_in(network)["W1"])


def test_without_networks_no_time_is_taken():
    assert measures.seconds(0) == {}
