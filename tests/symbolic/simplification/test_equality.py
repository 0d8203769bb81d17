"""Equal terms cancel and add up, in whatever shape they are written."""

from __future__ import annotations

import pytest

from tinygrad_edu.symbolic import simplify, symbol, text
from tinygrad_edu.symbolic.expression import size
from tinygrad_edu.symbolic.simplification.equality import equal

A, V, R = symbol("A", (4, 3)), symbol("v", (3,)), symbol("r", (1, 3))
KEPT = A.sum(0, keepdim=True)

EQUAL = {
    "kept or not": (A.sum(0), KEPT),
    "kept or not, all numbers": (A.sum(), A.sum((0, 1), keepdim=True)),
    "kept and reshaped": (A.sum(0), KEPT.reshape(3)),
    "reshaped to what is kept": (A.sum(1).reshape(4, 1), A.sum(1, keepdim=True)),
    "means": (A.mean(0), A.mean(0, keepdim=True)),
    "the largest": (A.amax(0), A.amax(0, keepdim=True)),
    "a vector and a row": (V, V.reshape(1, 3)),
    "a row and a vector": (R, R.reshape(3)),
}
DIFFERENT = {
    "a column and a row": (V.reshape(3, 1), V),
    "a kept column": (A.sum(1), A.sum(1, keepdim=True)),
    "another dimension": (A.sum(0), A.sum(1)),
    "another operation": (A.amax(0), A.amin(0, keepdim=True)),
    "another matrix": (A.sum(0), symbol("B", (4, 3)).sum(0, keepdim=True)),
    "other rows": (A.reshape(3, 4), A),
}


@pytest.mark.parametrize(("x", "y"), EQUAL.values(), ids=EQUAL)
def test_what_holds_the_same_numbers_cancels(x, y):
    assert equal(x, y)
    assert equal(y, x)
    assert text(simplify(x - y)) == "0"
    assert simplify(x - y).shape == (x - y).shape
    assert size(simplify(x + y)) <= size(2 * simplify(x))


@pytest.mark.parametrize(("x", "y"), DIFFERENT.values(), ids=DIFFERENT)
def test_what_holds_others_or_is_repeated_otherwise_does_not(x, y):
    assert not equal(x, y)
    assert not equal(y, x)
