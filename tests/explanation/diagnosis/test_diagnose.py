from __future__ import annotations

import json

import numpy as np
import pytest

import tinygrad_edu as tg
from tinygrad_edu.explanation.diagnosis import Suspects, diagnose

N, D, H, K = 5, 4, 6, 3


def network(seed=0, activation=tg.sigmoid):
    """A network of two layers with a cross-entropy, all sizes different, and its tensors by name."""
    rng = np.random.default_rng(seed)
    t = {"X": tg.tensor(rng.normal(size=(N, D)), name="X")}
    for name, shape in (("W1", (D, H)), ("b1", (H,)), ("W2", (H, K)), ("b2", (K,))):
        t[name] = tg.tensor(rng.normal(size=shape), requires_grad=True, name=name)
    t["Y"] = tg.tensor(np.eye(K)[rng.integers(0, K, N)], name="Y")
    t["z1"] = t["X"] @ t["W1"] + t["b1"]
    t["a1"] = activation(t["z1"])
    t["z2"] = t["a1"] @ t["W2"] + t["b2"]
    t["p"] = t["z2"].softmax(1)
    t["L"] = -(t["Y"] * t["p"].log()).sum(1).mean()
    for name in ("z1", "a1", "z2", "p", "L"):
        t[name].name = name
    return t


def by_hand(t, slope=lambda z, a: a * (1 - a), delta=None):
    """The gradients as NumPy lines, with what may be done wrong in them."""
    raw = {name: x.raw for name, x in t.items()}
    dz2 = (raw["p"] - raw["Y"]) / N if delta is None else delta(raw)
    dz1 = dz2 @ raw["W2"].T * slope(raw["z1"], raw["a1"])
    return {
        "W1": raw["X"].T @ dz1,
        "b1": dz1.sum(axis=0),
        "W2": raw["a1"].T @ dz2,
        "b2": dz2.sum(axis=0),
    }


def test_the_forgotten_derivative_is_named_with_node_line_and_fix():
    t = network()

    found = diagnose(t["L"], t["W1"], by_hand(t, slope=lambda z, a: 1)["W1"])

    assert str(found).startswith(
        "W1: wrong.\nIt equals the true gradient with the sigmoid derivative left out at 'a1'"
    )
    assert str(found).endswith("You wrote dz1 = da1; it should be dz1 = da1 * a1 * (1 - a1).")
    assert "(line test_diagnose.py:" in str(found)
    assert (found.verdict, found.explanations[0].catalogue) == ("mistake", 11)


def test_a_prompt_shows_what_print_prints():
    t = network()

    found = diagnose(t["L"], t["W1"], by_hand(t)["W1"])

    assert repr(found) == str(found) == found.text() == "W1: right."


def test_right_gradients_are_right_at_four_decimals():
    t = network()

    found = diagnose(t["L"], {name: np.round(g, 4) for name, g in by_hand(t).items()})

    assert found.right
    assert found.text() == "b2: right.\nW2: right.\nb1: right.\nW1: right."


def test_one_mistake_explains_rest_arrays_and_only_the_first_is_blamed():
    t = network()

    found = diagnose(t["L"], by_hand(t, slope=lambda z, a: 1))

    verdicts = {name: array.verdict for name, array in found.arrays.items()}
    assert verdicts == {"b2": "right", "W2": "right", "b1": "wrong", "W1": "consistent-with-earlier"}
    assert [e.mistake for e in found.explanations] == ["sigmoid-derivative-forgotten"]


def test_a_wrong_rule_times_a_constant_is_named_with_both():
    t = network()

    found = diagnose(t["L"], t["W1"], -by_hand(t, slope=lambda z, a: 1)["W1"])

    assert [(e.catalogue, e.also[-1]) for e in found.explanations] == [(11, 1)]
    assert "times -1: the sign is lost" in str(found)


def test_what_cannot_be_told_apart_is_a_tie():
    t = network()

    found = diagnose(t["L"], t["W1"], 2 * by_hand(t)["W1"])

    assert found.verdict == "tie"
    assert {e.catalogue for e in found.explanations} == {29, 34}


def test_random_numbers_are_no_known_mistake():
    t = network()

    found = diagnose(t["L"], t["W1"], np.random.default_rng(1).normal(size=(D, H)))

    assert found.verdict == "unknown"
    next_to_check = (
        "Check da1 next, which lies on the way to dW1: the mistake is either before it or after it."
    )
    assert str(found) == f"W1: wrong.\nNo known mistake explains this. {next_to_check}"


def test_json_holds_the_verdict():
    t = network()

    found = json.loads(diagnose(t["L"], t["W1"], -by_hand(t)["W1"]).to_json())

    assert found["right"] is False
    assert found["explanations"][0]["mistake"] == "sign-lost"


def test_suspects_judge_many_submissions():
    t = network()
    suspects = Suspects(t["L"], [t["W1"], t["b1"]])
    true = by_hand(t)

    verdicts = [suspects.judge({"W1": c * true["W1"], "b1": c * true["b1"]}).verdict for c in (1, -1, N)]

    assert verdicts == ["right", "mistake", "mistake"]


def test_a_tensor_the_loss_does_not_depend_on_is_refused():
    t = network()

    with pytest.raises(
        ValueError, match=r"diagnose needs tensors that the loss depends on.*'X' of shape \(5, 4\)"
    ):
        diagnose(t["L"], t["X"], np.zeros((N, D)))


REFUSED = {
    "none": ((None,), {}, TypeError, "needs the gradient by hand of .*W1.*, got none; diagnose"),
    "a none inside": (([[None] * H] * D,), {}, TypeError, "needs real numbers for W1, got list"),
    "complex": ((np.ones((D, H)) * 1j,), {}, TypeError, "needs real numbers for W1, got ndarray"),
    "infinite": (
        (np.full((D, H), np.inf),),
        {},
        ValueError,
        r"needs finite numbers for W1, got inf at \[0, 0\]; look there first",
    ),
    "digits as text": (
        (np.ones((D, H)),),
        {"digits": "x"},
        ValueError,
        "needs digits as a number of decimals.*'x'",
    ),
    "digits below 0": (
        (np.ones((D, H)),),
        {"digits": -1},
        ValueError,
        "needs digits as a number of decimals.*-1",
    ),
    "digits of another": (
        (np.ones((D, H)),),
        {"digits": {"W9": 1}},
        ValueError,
        "needs tensors that the loss depends on.*got 'W9'",
    ),
    "lr as text": ((np.ones((D, H)),), {"lr": "x"}, TypeError, "needs lr as a number, got str 'x'"),
    "a list of names": ((np.ones((D, H)),), {"names": [1]}, TypeError, "needs names that map a name"),
    "data of no name": ((lambda **_: 1,), {}, TypeError, "needs the loss as a function"),
}


@pytest.mark.parametrize(("handed_in", "options", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_judged_is_refused(handed_in, options, error, message):
    t = network()

    with pytest.raises(error, match=f"diagnose {message}"):
        diagnose(t["L"], t["W1"], *handed_in, **options)


@pytest.mark.parametrize("wrt", [["W1"], np.ones((D, H)), 3])
def test_what_is_no_tensor_is_refused_as_one(wrt):
    with pytest.raises(TypeError, match=r"diagnose needs a tensor and its gradient, or \{tensor: gradient"):
        diagnose(network()["L"], wrt, np.ones((D, H)))


def test_nothing_handed_in_is_refused():
    with pytest.raises(ValueError, match="diagnose needs at least one array, got none"):
        diagnose(network()["L"])


@pytest.mark.parametrize(
    ("wrt", "answer", "error", "message"),
    [
        (
            None,
            1.0,
            TypeError,
            "diagnose needs wrt as {'name': array, ...} if a function was handed in: got None",
        ),
        (
            {"w": 2.0},
            {"v": 1.0},
            ValueError,
            "diagnose needs gradients of w from the function: got one of 'v'",
        ),
    ],
)
def test_a_function_is_asked_for_what_it_was_given(wrt, answer, error, message):
    with pytest.raises(error, match=message):
        diagnose(lambda w: w * w, wrt, lambda **_: answer)


def test_a_maximum_of_a_tensor_and_itself_has_no_kink():
    a = tg.tensor([1.0, 2.0, 3.0, 4.0], requires_grad=True)
    loss = (a.maximum(a) * tg.tensor([1.0, 2.0, 3.0, 5.0])).sum()

    assert diagnose(loss, a, [1, 2, 3, 5]).right
    assert not diagnose(loss, a, [1.25, 2, 3, 5]).right


# A loss that is a NumPy function.

NUMBERS = np.random.default_rng(0)
X_IN, Y_OUT = NUMBERS.normal(size=(6, 3)), NUMBERS.normal(size=(6, 2))
WEIGHTS = {"W1": NUMBERS.normal(size=(3, 4)), "W2": NUMBERS.normal(size=(4, 2))}


def numpy_loss(W1, W2, X, Y):
    return np.mean((np.tanh(X @ W1) @ W2 - Y) ** 2)


def numpy_gradients(forgotten):
    h = np.tanh(X_IN @ WEIGHTS["W1"])
    d = 2 * (h @ WEIGHTS["W2"] - Y_OUT) / Y_OUT.size
    return {"dW2": h.T @ d, "dW1": X_IN.T @ (d @ WEIGHTS["W2"].T * (1 if forgotten else 1 - h * h))}


def test_a_numpy_function_is_enough_as_the_loss():
    data = {"X": X_IN, "Y": Y_OUT}

    right = diagnose(numpy_loss, WEIGHTS, numpy_gradients(False), data=data)
    wrong = diagnose(numpy_loss, WEIGHTS, numpy_gradients(True), data=data)
    alone = diagnose(
        numpy_loss, {"W1": WEIGHTS["W1"]}, numpy_gradients(True)["dW1"], data=data | {"W2": WEIGHTS["W2"]}
    )

    assert right.right
    assert [e.mistake for e in wrong.explanations] == ["tanh-derivative-forgotten"]
    assert [e.mistake for e in alone.explanations] == ["tanh-derivative-forgotten"]


def test_a_number_as_the_loss_is_told_how_to_pass_the_function():
    with pytest.raises(TypeError, match=r"got 0\.25; pass the function: diagnose\(loss_fn, \{'W1': W1\}"):
        diagnose(0.25, {"W1": WEIGHTS["W1"]}, {"W1": WEIGHTS["W1"]})


def test_a_function_that_leaves_the_graph_is_told_so():
    with pytest.raises(
        TypeError, match=r"result is computed from its arguments, got float 0\.5; leave float\(\)"
    ):
        diagnose(lambda W1: 0.5, {"W1": WEIGHTS["W1"]}, {"W1": WEIGHTS["W1"]})
