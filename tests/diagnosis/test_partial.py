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
