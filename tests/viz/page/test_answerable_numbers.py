"""Numbers that can be computed by hand: few products, or numbers of one place."""

from __future__ import annotations

import pytest

from tinygrad_edu.nn import functional as F
from tinygrad_edu.symbolic.expression import symbol
from tinygrad_edu.viz.page.answerable_numbers import FROM_ALL, FROM_SAME_PLACE, NONE, answerable

x, w, small, one = (symbol("x", shape) for shape in ((20, 6), (6, 20), (2, 3), ()))
long = symbol("x", (20, 784))
FORMULAS = {
    "elementwise": (x.tanh() * x, FROM_SAME_PLACE),
    "with a single number": (x / one, FROM_SAME_PLACE),
    "one number in every place": (one.expand(20, 6), FROM_SAME_PLACE),
    "of another shape": (x.mT, FROM_ALL),
    "6 products": (x @ w, FROM_ALL),
    "20 products": (w @ x, NONE),
    "784 products": (long @ long.mT, NONE),
    "6 numbers added up": (small.sum(), FROM_ALL),
    "120 numbers added up": (x.sum(), NONE),
    "20 rows added up": (x.sum(0), NONE),
    "6 columns added up": (x.mean(1), FROM_ALL),
    "softmax of 6": (F.softmax(x, 1), FROM_ALL),
    "softmax of 20": (F.softmax(x, 0), NONE),
    "sums of sums": (small @ (small.mT @ small), FROM_ALL),
    "no formula": (None, NONE),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_where_the_numbers_are_that_one_number_is_computed_from(name):
    formula, found = FORMULAS[name]

    assert answerable([formula]) == found


def test_of_several_formulas_the_hardest_counts():
    assert answerable([x * 2, x @ w]) == FROM_ALL
    assert answerable([x * 2, x.sum()]) == NONE
    assert answerable([]) == NONE
