"""Gradients of the rows that an index takes, put where they should be added, or to other rows."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor
from tinygrad_edu.nn.functional import embedding

rng = np.random.default_rng(0)
ROWS = np.array([2, 0, 2, 5, 2])
E, V = rng.normal(size=(7, 3)), rng.normal(size=(5, 3))


def last(d):
    g = np.zeros_like(E)
    g[ROWS] += d
    return g


def first(d):
    g = np.zeros_like(E)
    g[ROWS[::-1]] = d[::-1]
    return g


def at(rows, d):
    g = np.zeros_like(E)
    np.add.at(g, rows, d)
    return g


WAYS = {
    "index-overwritten": last,
    "only the first": first,
    "index-averaged": lambda d: at(ROWS, d) / np.maximum(np.bincount(ROWS, minlength=7), 1)[:, None],
    "one too far down": lambda d: at(ROWS + 1, d),
    "one too far up": lambda d: at(ROWS - 1, d),
    "in sorted order": lambda d: at(np.sort(ROWS), d),
    "in reverse order": lambda d: at(ROWS[::-1], d),
    "among the different numbers": lambda d: at([1, 0, 1, 2, 1], d),
    "index-left-out": lambda d: at(np.arange(5), d),
}


@pytest.mark.parametrize("taken", [lambda e: e[ROWS], lambda e: embedding(tensor(ROWS), e)])
@pytest.mark.parametrize("what", WAYS)
def test_rows_put_in_a_wrong_way_are_named(what, taken):
    e = tensor(E, requires_grad=True, name="E")

    found = diagnose((taken(e) * tensor(V)).sin().sum(), e, np.round(WAYS[what](V * np.cos(E[ROWS] * V)), 5))

    assert [what in f"{x.mistake}: {x.sentence}" for x in found.explanations] == [True]


def test_gradients_put_where_they_should_be_added_are_told():
    """`dE[rows] += de` adds once to each row, however often it was taken."""
    e = tensor(rng.normal(size=(4, 3)), requires_grad=True, name="E")
    w = tensor(rng.normal(size=(3, 2)), requires_grad=True, name="W")
    rows = [0, 2, 2, 3, 2]
    taken = e[rows]
    loss = (taken @ w - 1).square().mean()
    de = 2 * (e.raw[rows] @ w.raw - 1) / 10 @ w.raw.T
    dw = e.raw[rows].T @ (2 * (e.raw[rows] @ w.raw - 1) / 10)
    wrong = np.zeros((4, 3))
    wrong[rows] += de

    found = diagnose(loss, {e: np.round(wrong, 4), w: np.round(dw, 4)}, names={"e": taken})

    # equal rows have equal gradients here: their mean is the last of them
    assert [x.mistake for x in found.explanations] == ["index-overwritten", "index-averaged"]
    assert found.explanations[0].fix == "np.add.at(dE, index, de)"


def test_an_index_that_takes_nothing_twice_has_nothing_to_overwrite():
    e = tensor(rng.normal(size=(4, 3)), requires_grad=True, name="E")

    found = diagnose(e[[0, 2, 3]].square().mean(), e, np.zeros((4, 3)))

    assert "index-overwritten" not in {x.mistake for x in [*found.explanations, *found.possible]}
