"""Evidence: numbers that fit, and arrays that are right but for a part, the order or the rounding."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor
from tinygrad_edu.explanation.diagnosis.evidence import Evidence, cut_off
from tinygrad_edu.explanation.diagnosis.mistakes.constants import Constant

rng = np.random.default_rng(0)
X = rng.normal(size=(6, 4))


def test_a_prediction_that_leaves_a_number_open_may_be_multiplied_by_a_constant():
    e = Evidence(np.array([50.0, -2.0, 4.0]), np.ones(3), np.full(3, 0.01))
    minus = Constant(-1.0, "-1", "sign-lost", 1, "")

    assert e.times(np.array([[np.nan, 2.0, -4.0], [1.0, 2.0, -4.0]]), [minus]) == [(0, minus)]


def diagnosis(change):
    """The diagnosis of the gradient with this change."""
    w = tensor(rng.normal(size=(4, 5)), requires_grad=True, name="W")
    loss = (tensor(X) @ w).tanh().square().mean()
    loss.backward()
    return diagnose(loss, w, change(w.grad.numpy()))


@pytest.mark.parametrize("cut", [np.trunc, np.floor, np.ceil])
def test_numbers_cut_off_are_told_from_rounded_ones(cut):
    found = diagnosis(lambda g: cut(g * 1e4) / 1e4)

    assert [e.catalogue for e in found.explanations] == [40]
    assert "It equals the true gradient, cut off where it should be rounded" in str(found)


def test_numbers_cut_off_in_all_arrays_are_told_for_each():
    w = tensor(rng.normal(size=(4, 5)), requires_grad=True, name="W")
    v = tensor(rng.normal(size=(5, 3)), requires_grad=True, name="V")
    loss = ((tensor(X) @ w).tanh() @ v).square().mean()
    loss.backward()

    found = diagnose(loss, {x: np.trunc(x.grad.raw * 1e4) / 1e4 for x in (v, w)})

    assert [(e.mistake, e.array) for e in found.explanations] == [("misrounded", "V"), ("misrounded", "W")]
    assert not found.possible


@pytest.mark.parametrize(
    ("place", "where"),
    [
        (np.s_[1], "the second row (index 1)"),
        (np.s_[:, 2], "the third column (index 2)"),
        (np.s_[0, 3], "the number at [0, 3]"),
    ],
)
def test_one_wrong_row_column_or_number_is_pointed_at(place, where):
    def change(g):
        g = g.copy()
        g[place] += 0.1234
        return np.round(g, 4)

    assert f"except in one place: {where} is wrong, everything else is right" in str(diagnosis(change))


@pytest.mark.parametrize(
    ("order", "pair"),
    [
        (np.s_[[1, 0, 2, 3]], "the first and second rows (index 0 and 1)"),
        (np.s_[:, [0, 4, 2, 3, 1]], "the second and fifth columns (index 1 and 4)"),
    ],
)
def test_two_rows_or_columns_in_each_others_place_are_told(order, pair):
    found = diagnosis(lambda g: np.round(g, 4)[order])

    assert str(found).endswith(f"It equals the true gradient with {pair} exchanged.")


def test_two_numbers_of_a_bias_in_each_others_place_are_told():
    b = tensor(rng.normal(size=4), requires_grad=True, name="b")
    loss = (tensor(X) + b).tanh().square().mean()
    loss.backward()

    assert "with the second and third numbers (index 1 and 2) exchanged" in str(
        diagnose(loss, b, np.round(b.grad.numpy(), 4)[[0, 2, 1, 3]])
    )


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (np.s_[[2, 0, 1, 3]], "its rows in another order: at index 0, 1, 2 stand those of 2, 0, 1"),
        (
            np.s_[:, [1, 2, 3, 4, 0]],
            "its columns in another order: at index 0, 1, 2, 3, 4 stand those of 1, 2, 3, 4, 0",
        ),
    ],
)
def test_rows_or_columns_in_another_order_are_told(order, words):
    found = diagnosis(lambda g: np.round(g, 4)[order])

    assert str(found).endswith(f"It equals the true gradient with {words}.")


def test_two_wrong_rows_that_are_not_those_of_each_other_are_not_exchanged():
    found = diagnosis(lambda g: np.round(g * np.array([[1], [1.37], [1], [0.61]]), 4))

    assert "exchanged" not in str(found)


def test_large_numbers_with_other_errors_are_not_cut_off():
    true = np.array([12345.6789, -9876.54321, 4321.0987])

    assert not cut_off(Evidence(true + np.array([0.01, -0.02, 0.015]), true, np.full(3, 0.5e-5)))
