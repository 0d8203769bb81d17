"""Gradients handed in as a function: run on the numbers given and on others."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor
from tinygrad_edu.nn import functional as F

rng = np.random.default_rng(0)
W, B = rng.normal(size=(3, 2)), rng.normal(size=2)
X, Y = rng.normal(size=(4, 3)), rng.normal(size=(4, 2))
DATA = {"X": X, "Y": Y}


def loss_fn(W, X, Y):
    return F.mse_loss(X @ W, Y)


def biased(W, b, X, Y):
    return F.mse_loss(X @ W + b, Y)


def right(W, X, Y):
    return 2 * X.T @ (X @ W - Y) / Y.size


def test_a_function_of_one_array_may_return_its_gradient_alone():
    assert diagnose(loss_fn, {"W": W}, right, data=DATA).right
    assert diagnose(loss_fn, {"W": W}, lambda **arrays: {"W": right(**arrays)}, data=DATA).right


def test_tensors_are_taken_for_their_numbers():
    data = {name: tensor(array) for name, array in DATA.items()}

    assert diagnose(loss_fn, {"W": tensor(W, requires_grad=True)}, right, data=data).right


def test_the_function_is_run_on_the_numbers_given_and_twice_with_one_more_example():
    runs = []

    def student(**arrays):
        runs.append({name: array.copy() for name, array in arrays.items()})
        return right(**arrays)

    diagnose(loss_fn, {"W": W}, student, data=DATA)

    assert [run["X"].shape for run in runs] == [(4, 3), (5, 3), (6, 3)]
    np.testing.assert_array_equal(runs[0]["W"], W)
    np.testing.assert_array_equal(runs[1]["X"], np.concatenate([X, X[:1]]))
    np.testing.assert_array_equal(runs[2]["Y"], np.concatenate([Y, Y[:1], Y[:1]]))
    assert not np.allclose(runs[1]["W"], W)
    assert not np.allclose(runs[1]["W"], runs[2]["W"])


def test_examples_in_columns_get_one_more_column():
    shapes = []

    def student(W, X, Y):
        shapes.append(X.shape)
        return 2 * (W @ X - Y) @ X.T / Y.shape[1]

    def in_columns(W, X, Y):
        return np.sum((W @ X - Y) ** 2) / Y.shape[1]

    data = {"X": X.T, "Y": Y.T}

    assert diagnose(in_columns, {"W": W.T}, student, data=data).right
    assert shapes == [(3, 4), (3, 5), (3, 6)]
    found = diagnose(in_columns, {"W": W.T}, lambda W, X, Y: 2 * (W @ X - Y) @ X.T, data=data)
    assert [e.mistake for e in found.explanations] == ["mean-missing"]


def test_what_has_no_row_for_each_example_keeps_its_shape():
    shapes = []

    def student(W, b, X, Y):
        shapes.append(b.shape)
        return {"b": (2 * (X @ W + b - Y) / Y.size).sum(0)}

    assert diagnose(biased, {"b": B}, student, data={"W": W, **DATA}).right
    assert shapes == [(2,)] * 3


def test_a_function_may_overwrite_what_it_is_given():
    def student(W, X, Y):
        W -= 1.0
        X += 0.0
        return 2 * X.T @ (X @ (W + 1) - Y) / Y.size

    before = W.copy()

    assert diagnose(loss_fn, {"W": W}, student, data=DATA).right
    np.testing.assert_array_equal(W, before)


def test_a_number_that_fits_one_batch_only_is_not_right():
    def student(W, X, Y):
        return 2 * X.T @ (X @ W - Y) / 8  # four examples of two outputs

    assert not diagnose(loss_fn, {"W": W}, student, data=DATA).right


def test_a_tie_that_holds_on_all_numbers_stays_one():
    found = diagnose(loss_fn, {"W": W}, lambda W, X, Y: 2 * right(W, X, Y), data=DATA)

    assert found.verdict == "tie"
    assert {"accumulated-twice", "factor-of-the-square"} <= {e.mistake for e in found.explanations}


def test_explanations_that_fail_on_other_numbers_are_dropped():
    def student(W, X, Y):
        return right(W, X, Y) * len(X)  # four examples: also twice 2

    found = diagnose(loss_fn, {"W": W}, student, data=DATA)

    assert [e.mistake for e in found.explanations] == ["mean-missing"]


def test_what_fits_on_one_example_only_explains_nothing():
    def student(W, X, Y):
        return right(W, X, Y) * (-1 if len(X) == 4 else 0.37)

    found = diagnose(loss_fn, {"W": W}, student, data=DATA)

    assert (found.verdict, found.explanations) == ("unknown", [])
    assert (
        found.reason == "What fits on these numbers does not fit on others: no known mistake explains this."
    )


def test_what_is_right_on_some_numbers_and_wrong_on_others_is_wrong():
    found = diagnose(
        loss_fn, {"W": W}, lambda W, X, Y: right(W, X, Y) * (1 if len(X) == 4 else -1), data=DATA
    )

    assert [e.mistake for e in found.explanations] == ["sign-lost"]


def test_what_is_wrong_on_the_numbers_given_alone_is_wrong():
    found = diagnose(
        loss_fn, {"W": W}, lambda W, X, Y: right(W, X, Y) * (-1 if len(X) == 4 else 1), data=DATA
    )

    assert [e.mistake for e in found.explanations] == ["sign-lost"]


REFUSED = {
    "a loss": (
        lambda: diagnose(tensor(1.0), {"W": W}, right),
        TypeError,
        "diagnose needs the loss as a function of the tensors if a function was handed in: got Tensor",
    ),
    "data that are no mapping": (
        lambda: diagnose(loss_fn, {"W": W}, right, data=[X, Y]),
        TypeError,
        r"diagnose needs data as {'name': array, ...} if a function was handed in: got list",
    ),
    "one gradient for two": (
        lambda: diagnose(biased, {"W": W, "b": B}, lambda **_: W, data=DATA),
        TypeError,
        "diagnose needs a function that returns a gradient for each of W, b, as a dict: got ndarray",
    ),
    "a gradient nobody asked for": (
        lambda: diagnose(loss_fn, {"W": W}, lambda **_: {"b": B}, data=DATA),
        ValueError,
        "diagnose needs gradients of W from the function: got one of 'b'",
    ),
}


@pytest.mark.parametrize(("call", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_functions_are_asked_for_what_is_needed(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_an_operator_of_numpy_is_told_by_the_line_of_the_student():
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(5, 3)), rng.normal(size=(3, 2))

    def loss(w, x):
        return (1 / (1 + np.exp(-(x @ w)))).sum()

    a = 1 / (1 + np.exp(-(x @ w)))
    found = diagnose(loss, {"w": w}, {"w": x.T @ a}, data={"x": x})

    assert "mixins.py" not in str(found)
    assert "test_function_probe.py" in str(found)
