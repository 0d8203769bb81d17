from __future__ import annotations

import math

import numpy as np
import pytest

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.examples import example
from tinygrad_edu.symbolic import evaluate, symbol
from tinygrad_edu.symbolic.expression import inside_out, same, size
from tinygrad_edu.symbolic.shape_rules import shape_of

X, Y = symbol("x", (2, 3)), symbol("y", (2, 3))


def test_what_is_used_twice_is_kept_once_and_comes_before_its_use():
    total = X * X + Y

    names = [node.name or node.operation.name for node in inside_out(total)]

    assert names == ["x", "multiply", "y", "add"]
    assert size(total) == 5


def test_formulas_are_the_same_if_they_are_written_alike():
    assert same(X * 2 + Y, X * 2 + Y)
    assert not same(X * 2 + Y, X * 3 + Y)
    assert not same(X.sum(0), X.sum(1))
    assert not same(X, symbol("x", (2, 3)))


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_shape_of_a_result_is_known_without_computing_it(name):
    arrays, settings = example(OPERATIONS[name], 3)

    shape = shape_of(OPERATIONS[name], [x.shape for x in arrays], settings)

    assert shape == np.shape(OPERATIONS[name](*arrays, **settings))


def test_an_operation_without_a_shape_rule_is_tried_out():
    doubled = Operation(
        lambda x: np.concatenate([x, x]), lambda g, _y, x: g[: len(x)] + g[len(x) :], name="doubled"
    )

    assert shape_of(doubled, [(2, 3)], {}) == (4, 3)
    with pytest.raises(NotImplementedError, match="doubled"):
        shape_of(doubled, [(1000, 1000)], {})


def test_matrices_that_do_not_fit_are_refused():
    with pytest.raises(
        ValueError, match=r"columns of the left as rows of the right, got shapes \(2, 3\) and \(2, 3\)"
    ):
        X @ Y


def test_a_formula_is_neither_true_nor_a_number_and_says_what_to_write():
    with pytest.raises(TypeError, match=r"cannot branch on it; write where"):
        bool(symbol("x") > 0)
    with pytest.raises(TypeError, match="not of math"):
        math.exp(symbol("x"))
    with pytest.raises(TypeError, match=r"np\.spacing has no formula here"):
        np.spacing(symbol("x"))
    with pytest.raises(TypeError, match="takes symbols and plain numbers in a formula, got ndarray"):
        X.apply(OPERATIONS["add"], (X, np.ones(3)), {})


def test_numpys_functions_and_numbers_take_symbols():
    x = symbol("x")

    assert evaluate(np.float64(2) * np.exp(x), {x: 0.0}) == 2


def test_a_symbol_without_a_value_is_named():
    with pytest.raises(KeyError, match="x"):
        evaluate(X + 1, {})
