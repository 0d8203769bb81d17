"""The uses of a tensor, each with its formula and its part of the gradient; and where one has no formula."""

from __future__ import annotations

import operator
import re

import numpy as np
import pytest

from tinygrad_edu import explain, tensor
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.symbolic import text


def plain(g, _z, x, y):
    return g * x


def strange(g, _z, x, y):
    """A rule that works on numbers only."""
    if x.dtype is None:
        raise TypeError
    return g * x


def product(*rules):
    return Elementwise(np.multiply, operator.mul, *rules, name="product")


def leaf():
    return tensor([1.0, 2.0], requires_grad=True, name="w")


def uses(loss):
    """Of the last step: what each use is called, whether it has a formula, and its part of the gradient."""
    step = explain(loss).steps[-1]
    return [(text(use.via), use.formula is not None, use.value.tolist()) for use in step.uses]


def test_a_use_inside_a_line_is_called_by_its_own_formula_in_short():
    w = leaf()

    derivation = explain((w * w + w.exp() * 2).sum())

    assert [text(use.via) for use in derivation.steps[-1].uses] == ["exp(w)", "w²"]
    assert re.search(r"= \[ 5\.4\S+  14\.\S+ \] via exp\(w\) \+ \[ 2  4 \] via w²", derivation.text)


def test_a_use_as_a_line_is_called_by_its_name():
    w = leaf()
    h, k = (w * w) * 1, w * 3
    loss = (h * k).sum()

    step = explain(loss, names={"h": h, "k": k}).steps[-1]

    assert [text(use.via) for use in step.uses] == ["k", "w²"]


@pytest.mark.parametrize("rules", [(strange, plain), (plain, strange)])
def test_two_inputs_of_one_operation_are_one_use_and_have_no_formula_if_one_has_none(rules):
    w = leaf()

    assert uses(product(*rules)(w, w).sum()) == [("product(w, w)", False, [2, 4])]
    assert uses(product(plain, plain)(w, w).sum()) == [("product(w, w)", True, [2, 4])]


@pytest.mark.parametrize("rules", [(strange, plain), (plain, strange)])
def test_what_is_used_twice_inside_a_line_has_no_formula_if_one_use_has_none(rules):
    w = leaf()
    h = w * 2

    derivation = explain(product(*rules)(h, h).sum(), names={})

    assert derivation.formula == "∂L/∂w = (no formula)"
    assert derivation.gradient.tolist() == [8, 16]


def test_what_is_used_twice_inside_a_line_has_the_sum_of_both_formulas():
    w = leaf()
    h = w * 2

    derivation = explain(product(plain, plain)(h, h).sum(), names={})

    assert derivation.formula == "∂L/∂w = 8 w"
    assert derivation.gradient.tolist() == [8, 16]


def test_a_use_with_a_formula_keeps_it_beside_one_that_has_none():
    w = leaf()

    assert uses((product(strange, plain)(w, w) + w).sum()) == [
        ("product(w, w) + w", True, [1, 1]),
        ("product(w, w)", False, [2, 4]),
    ]


@pytest.mark.parametrize(("count", "said"), [(12, False), (13, True)])
def test_uses_that_are_too_many_for_a_formula_are_counted(count, said):
    w = leaf()
    loss = sum([w.sin() * i for i in range(1, count)], product(strange, plain)(w, tensor([1.0, 1.0]))).sum()

    derivation = explain(loss, w)

    assert derivation.formula == "∂L/∂w = (no formula)"
    assert (f"the sum over all {count} uses" in derivation.text) is said
