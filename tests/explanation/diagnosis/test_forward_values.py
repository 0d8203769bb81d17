"""Values handed in on the way forward."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor


def network():
    """A loss and what lies on the way to it, without names of their own."""
    rng = np.random.default_rng(0)
    X, W = tensor(rng.normal(size=(5, 3))), tensor(rng.normal(size=(3, 2)), requires_grad=True)
    z = X @ W
    a = 1 / (1 + (-z).exp())
    loss = ((a - 0.5) ** 2).mean()
    loss.backward()
    return {"X": X, "W": W, "z": z, "a": a, "loss": loss}


def test_a_value_that_does_not_follow_is_named_with_its_formula():
    t = network()

    found = diagnose(t["loss"], forward={t["a"]: np.full((5, 2), 0.25)}, names=t)

    assert str(found) == "a: wrong.\nIt is not 1 / (1 + exp(−z))."


def test_a_gradient_that_is_right_all_the_same_does_not_follow_from_a_wrong_value():
    t = network()
    wrong = t["z"].numpy(force=True) + 1

    found = diagnose(
        t["loss"], {"W": t["W"].grad}, forward={"z": wrong, "a": t["a"].numpy(force=True)}, names=t
    )

    assert {name: array.verdict for name, array in found.arrays.items()} == {
        "z": "wrong",
        "a": "right",
        "W": "right",
    }


def test_gradients_are_judged_by_the_students_own_values():
    t = network()
    z = t["z"].numpy(force=True) + 1
    a = 1 / (1 + np.exp(-z))
    da = (a - 0.5) / a.size * 2
    answers = {"a": da, "W": t["X"].numpy().T @ da}  # the derivative of the sigmoid is missing

    found = diagnose(t["loss"], answers, forward={"z": z, "a": a}, names=t)

    assert [line.split(" (")[0] for line in str(found).splitlines()] == [
        "z: wrong.",
        "the value of a: follows from the mistake before it.",
        "a: follows from the mistake before it.",
        "W: wrong.",
        "z: It is not X @ W.",
        "W: It equals the true gradient with the sigmoid derivative left out at 'a'",
    ]


def test_the_worked_line_of_a_value_is_no_gradient():
    t = network()
    wrong = t["a"].numpy(force=True) + 1

    found = diagnose(t["loss"], {"a": -t["a"].grad}, forward={"a": wrong}, names=t)

    lines = found.text(4).splitlines()
    assert [line.split(" = ")[0] for line in lines if " = [[" in line] == ["a", "da"]


def test_a_value_of_another_shape_is_refused():
    t = network()

    with pytest.raises(ValueError, match=r"diagnose needs the value of z in shape \(5, 2\), got \(2, 5\)"):
        diagnose(t["loss"], forward={t["z"]: np.ones((2, 5))}, names=t)


def test_right_values_leave_wrong_gradients_wrong():
    t = network()

    found = diagnose(
        t["loss"], {t["W"]: -t["W"].grad.numpy()}, forward={t["z"]: t["z"].numpy(force=True)}, names=t
    )

    assert {name: array.verdict for name, array in found.arrays.items()} == {"z": "right", "W": "wrong"}
    assert [e.mistake for e in found.explanations] == ["sign-lost"]
