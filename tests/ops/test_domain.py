"""Domains and kinks are found by trying, and the slope at a kink by running the rule."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.domain import domain, kink, kinks_of
from tinygrad_edu.ops.elementwise import Elementwise


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("log", "x > 0"),
        ("sqrt", "x ≥ 0"),
        ("log1p", "x > −1"),
        ("divide", "y ≠ 0"),
        ("power", "x > 0"),
        ("exp", "all"),
    ],
)
def test_domains_are_found_by_trying(name, where):
    assert domain(OPERATIONS[name]) == where


@pytest.mark.parametrize(
    ("function", "where"),
    [
        (lambda x: 1 / x, "x ≠ 0"),
        (lambda x: np.log(x - 0.25), "x > 0.25"),
        (lambda x: np.sqrt(x + 1), "x ≥ −1"),
        (lambda x: np.log(-x), "not all x"),
    ],
)
def test_another_function_has_another_domain(function, where):
    operation = Elementwise(function, lambda x: function(np.float64(x)), lambda g, _y, _x: g, name="mine")

    assert domain(operation) == where


@pytest.mark.parametrize("name", ["sum", "where", "matmul"])
def test_of_arrays_and_of_three_inputs_nothing_is_left_out(name):
    assert domain(OPERATIONS[name]) == "all"


@pytest.mark.parametrize(
    ("name", "convention"),
    [
        ("relu", "derivative 0 at x = 0"),
        ("absolute", "derivative 0 at x = 0"),
        ("sqrt", "derivative ∞ at x = 0"),
        ("maximum", "0.5 each at x = y"),
        ("amin", "0.5 each for two equal numbers"),
        ("exp", ""),
        ("softplus", ""),
        ("sum", ""),
    ],
)
def test_the_slope_at_a_kink_is_found_by_running_the_rule(name, convention):
    assert kink(OPERATIONS[name]) == convention


def test_another_rule_is_another_convention():
    other = Elementwise(np.abs, abs, lambda g, _y, x: g * (2 * (x >= 0) - 1), name="other")

    assert kink(other) == "derivative 1 at x = 0"


def test_the_kinks_of_a_function_are_listed_by_the_slope_that_is_taken():
    def f(x):
        return min(max(x, -1), 1)

    assert kinks_of(f, lambda x: float(-1 <= x < 1)) == "derivative 1 at x = −1, derivative 0 at x = 1"


def test_an_operation_of_three_inputs_has_no_kink_that_could_be_said():
    assert kink(OPERATIONS["where"]) == ""
