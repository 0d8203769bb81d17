"""Domains are found by trying the operation on numbers."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.domain import domain
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
