"""Kinks are found by trying, and the slope there by running the rule."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.ops.kinks import kink, kinks_of


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
