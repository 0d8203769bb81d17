"""Right but for some numbers, or for the last digit."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor

rng = np.random.default_rng(0)
X = rng.normal(size=(6, 4))


def asked(change):
    """What is said of the gradient with this change."""
    w = tensor(rng.normal(size=(4, 5)), requires_grad=True, name="W")
    loss = (tensor(X) @ w).tanh().square().mean()
    loss.backward()
    return diagnose(loss, w, change(w.grad.numpy()))


@pytest.mark.parametrize("cut", [np.trunc, np.floor, np.ceil])
def test_numbers_cut_off_are_told_from_rounded_ones(cut):
    found = asked(lambda g: cut(g * 1e4) / 1e4)

    assert [e.catalogue for e in found.explanations] == [40]
    assert "It equals the true gradient, cut off where it should be rounded" in str(found)


@pytest.mark.parametrize(
    ("place", "where"),
    [(np.s_[1], "row 1"), (np.s_[:, 2], "column 2"), (np.s_[0, 3], "the number at [0, 3]")],
)
def test_one_wrong_row_column_or_number_is_pointed_at(place, where):
    def change(g):
        g = g.copy()
        g[place] += 0.1234
        return np.round(g, 4)

    assert f"except in one place: {where} is wrong, everything else is right" in str(asked(change))


@pytest.mark.parametrize(
    ("order", "pair"),
    [(np.s_[[1, 0, 2, 3]], "rows 0 and 1"), (np.s_[:, [0, 4, 2, 3, 1]], "columns 1 and 4")],
)
def test_two_rows_or_columns_in_each_others_place_are_told(order, pair):
    found = asked(lambda g: np.round(g, 4)[order])

    assert str(found).endswith(f"It equals the true gradient with {pair} exchanged.")


def test_two_numbers_of_a_bias_in_each_others_place_are_told():
    b = tensor(rng.normal(size=4), requires_grad=True, name="b")
    loss = (tensor(X) + b).tanh().square().mean()
    loss.backward()

    assert "with numbers 1 and 2 exchanged" in str(
        diagnose(loss, b, np.round(b.grad.numpy(), 4)[[0, 2, 1, 3]])
    )


def test_two_wrong_rows_that_are_not_those_of_each_other_are_not_exchanged():
    found = asked(lambda g: np.round(g * np.array([[1], [1.37], [1], [0.61]]), 4))

    assert "exchanged" not in str(found)
