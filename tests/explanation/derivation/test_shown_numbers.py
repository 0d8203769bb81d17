from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_edu.explanation.derivation.shown_numbers import decimals, rows
from tinygrad_edu.text.numbers import significant


@pytest.mark.parametrize(
    ("x", "written"),
    [(0.25, "0.25"), (-3.0, "-3"), (True, "1"), (1 / 3, "0.3333"), (1.9999999, "2.000"), (7.4632e-5, "7.463e-5"),
     (-0.0, "0"), (np.inf, "∞"), (np.nan, "NaN")],
)  # fmt: skip
def test_a_number_has_four_significant_digits_unless_it_has_fewer(x, written):
    assert significant(x) == written


@pytest.mark.parametrize(
    ("x", "written"), [(1 / 3, "0.33"), (-0.001, "0.00"), (2.0, "2.00"), (1e9 / 3, "3.333e8")]
)
def test_a_number_has_as_many_decimals_as_asked(x, written):
    assert significant(x, digits=2) == written


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        ([1.0, -2.0], 0),
        ([0.1, -0.54], 2),
        ([-0.486 + 1e-16, 0.257], 3),  # no digits of binary fractions
        ([1 / 3, 2 / 3], 4),
        ([40 / 3, 1 / 3], 2),
        ([4 / 3, 0.0123456], 3),
        ([4 / 3, 0.00123456], 3),  # too small beside the largest
        ([400 / 3, 1 / 3], 2),
        ([1.23456e-4, -1.23456e-4], 7),
        ([1.23456e-5, 1.23456e-4], 7),
        ([1.23456e-6, 1.23456e-6], None),
        ([1e6, 0.123456], None),
        ([0.0, 0.0], None),
        ([np.nan, 1 / 3], 4),
    ],
)
def test_the_numbers_of_a_matrix_have_the_same_decimals(array, expected):
    assert decimals(np.array(array)) == expected


def test_points_stand_below_each_other_and_exact_zeros_are_seen():
    assert rows(np.array([[1 / 3, 0], [-10 / 3, 0.05]])) == [["0.333", "0"], ["-3.333", "0.050"]]


def test_zeros_among_numbers_that_are_not_rounded_have_their_decimals_too():
    assert rows(np.array([0.5, 0, -1.25])) == [["0.50", "0.00", "-1.25"]]
    assert rows(np.array([0.0, 1.0])) == [["0", "1"]]


def test_what_is_next_to_nothing_beside_the_others_is_written_as_such():
    assert rows(np.array([4 / 3, 1e-17])) == [["1.333", "0.000"]]


def test_given_digits_hold_for_all():
    assert rows(np.array([1 / 3, 0]), digits=2) == [["0.33", "0.00"]]


def test_of_a_large_matrix_a_corner_is_shown():
    assert rows(np.arange(200.0).reshape(20, 10))[0] == ["0", "1", "2", "3", "…"]
    assert rows(np.arange(200.0).reshape(20, 10))[-1] == ["⋮"] * 5


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=8), st.none() | st.integers(0, 8))
def test_what_is_shown_is_right_to_the_last_digit(values, digits):
    array = np.array(values)

    (shown,) = rows(array, digits)

    for text, x in zip(shown, array, strict=True):
        mantissa, _, power = text.partition("e")
        unit = 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2]))
        assert abs(float(text) - x) <= 0.5 * unit * (1 + 1e-9) + 1e-12 * np.abs(array).max()
