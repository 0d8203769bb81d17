"""The walk of a diagnosis: the engine's gradients, and those that come of corrections on the way."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import tensor
from tinygrad_edu.explanation.diagnosis.faulty_backward import Tape, instead, plus, replaced, scaled

RNG = np.random.default_rng(0)


@pytest.fixture
def graph():
    """Two layers, and the tensors by name."""
    x = tensor(RNG.normal(size=(4, 3)))
    w1 = tensor(RNG.normal(size=(3, 2)), requires_grad=True)
    w2 = tensor(RNG.normal(size=(2, 2)), requires_grad=True)
    z = x @ w1
    a = z.tanh()
    loss = (a @ w2 + a).square().mean()
    return {"w1": w1, "w2": w2, "z": z, "a": a, "loss": loss}


def test_without_corrections_the_gradients_are_those_of_the_engine(graph):
    graph["loss"].backward()

    tape = Tape(graph["loss"])

    for x in graph.values():
        np.testing.assert_array_equal(tape.grads[x], x.grad)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_gradients_have_the_dtype_of_the_engine(dtype):
    w = tensor(np.ones((3, 2)), dtype=dtype, requires_grad=True)
    b = tensor(np.ones(2), dtype=np.float64, requires_grad=True)
    h = tensor(np.linspace(0.1, 1.0, 6).reshape(2, 3)) @ (w * 2) + b
    loss = (h / 3).square().sum()
    loss.backward()

    tape = Tape(loss)

    assert {tape.grads[w].dtype, w.grad.dtype} == {np.dtype(dtype)}
    for x, g in tape.grads.items():
        assert g.dtype == x.raw.dtype
    np.testing.assert_array_equal(tape.grads[w], w.grad)


def test_a_correction_changes_all_that_comes_after_and_nothing_before(graph):
    tape = Tape(graph["loss"])

    walked = tape.walk({graph["z"]: scaled(2)})

    for name, factor in {"loss": 1, "a": 1, "w2": 1, "z": 2, "w1": 2}.items():
        np.testing.assert_allclose(walked[graph[name]], factor * tape.grads[graph[name]])


def test_a_correction_sees_what_has_arrived_at_newer_tensors(graph):
    tape, seen = Tape(graph["loss"]), []

    def correction(grads, g):
        seen.append(grads[graph["a"]])
        return g

    tape.walk({graph["a"]: scaled(3), graph["z"]: correction})

    np.testing.assert_allclose(seen[0], 3 * tape.grads[graph["a"]])


def test_a_leaf_is_corrected_too(graph):
    array = np.ones((3, 2))

    assert Tape(graph["loss"]).walk({graph["w1"]: replaced(array)})[graph["w1"]] is array


@pytest.mark.parametrize("name", ["z", "a", "w1", "loss"])
def test_one_correction_carried_on_is_what_the_whole_walk_gives(graph, name):
    tape, x = Tape(graph["loss"]), graph[name]
    correction = plus(np.full(x.raw.shape, 0.5))

    changes, walked = tape.changed(x, correction), tape.walk({x: correction})

    for y, g in tape.grads.items():
        np.testing.assert_allclose(g + changes.get(y, 0), walked[y], rtol=1e-12)


def test_changes_of_several_gradients_add_up(graph):
    tape = Tape(graph["loss"])
    changes = {graph[name]: np.full(graph[name].raw.shape, 0.5) for name in ("a", "z")}

    both = tape.carried(changes)[graph["w1"]]

    each = [tape.carried({x: change})[graph["w1"]] for x, change in changes.items()]
    np.testing.assert_allclose(both, sum(each))
    assert changes.keys() == {graph["a"], graph["z"]}


def test_what_is_true_by_assumption_does_not_change(graph):
    tape = Tape(graph["loss"], {graph["z"]: replaced(np.ones((4, 2)))})

    assert tape.changed(graph["a"], scaled(2)).keys() == {graph["a"]}
    np.testing.assert_array_equal(tape.grads[graph["z"]], 1)


def test_another_rule_at_one_operation(graph):
    tape, a, z = Tape(graph["loss"]), graph["a"], graph["z"]

    walked = tape.walk({z: instead(a, 0, lambda g, _y, _x: 10 * g)})

    np.testing.assert_allclose(walked[z], 10 * tape.grads[a], rtol=1e-12)
