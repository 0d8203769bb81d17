from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_edu.symbolic.writers.text_writer import constant
from tinygrad_edu.viz.drawing.number_cells import CORNER_SIDE, cells_of, number

WRITTEN = {
    0.0: "0",
    3.0: "3",
    -13.0: "−13",
    0.5: "0.5",
    0.9975273768: "0.998",
    0.99951: "1.00",
    1.004: "1.00",
    -13.331: "−13.3",
    0.00233: "0.00233",
    0.000746: "7.46e−4",
    1e-10: "1e−10",
    123456.0: "1.23e5",
    1e300: "1e300",
    math.nan: "NaN",
    math.inf: "∞",
    -math.inf: "−∞",
}


@pytest.mark.parametrize(("x", "text"), WRITTEN.items(), ids=str)
def test_a_number_is_written_with_three_digits(x, text):
    assert number(x) == text


@given(st.floats(1e-300, 1e308) | st.floats(-1e308, -1e-300))
def test_a_written_number_is_the_number_to_three_digits(x):
    written = float(number(x).replace("−", "-"))

    assert written == pytest.approx(x, rel=5.01e-3, abs=0)


@given(st.floats(allow_nan=False, allow_infinity=False).filter(bool))
def test_only_zero_is_written_as_zero(x):
    assert float(number(x).replace("−", "-")) != 0


@pytest.mark.parametrize(
    ("x", "text"),
    [(1.001, "1.001"), (2, "2"), (-0.5, "−0.5"), (1e-10, "1e−10"), (1e300, "1e300"), (math.inf, "∞")],
)
def test_a_constant_of_the_program_is_written_with_more_digits(x, text):
    assert constant(x) == text


def test_minus_zero_is_written_as_zero():
    assert number(-0.0) == "0"


def test_a_small_matrix_is_shown_whole_without_a_note():
    cells = cells_of(np.arange(36.0).reshape(6, 6))

    assert cells.rows == tuple(tuple(range(i, i + 6)) for i in range(0, 36, 6))
    assert (cells.note, cells.more_rows, cells.more_columns) == ("", False, False)


def test_a_large_matrix_shows_its_corner_and_a_summary_of_all():
    matrix = np.arange(70.0).reshape(7, 10)

    cells = cells_of(matrix)

    assert cells.rows == tuple(map(tuple, matrix[:CORNER_SIDE, :CORNER_SIDE]))
    assert cells.texts[0] == ["0", "1", "2", "3", "…"]
    assert cells.texts[-1] == ["…"] * 5
    assert cells.note == "min 0 · mean 34.5 · max 69"


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_mean_of_what_cancels_is_zero_and_no_rounding_error(dtype):
    third = np.full((4, 8), 1 / 3, dtype)
    third[:, ::2] *= -1

    assert cells_of(third * (1 + np.finfo(dtype).eps * (third > 0))).note.split(" · ")[1] == "mean 0"
    assert cells_of(third + dtype(1e-5)).note.split(" · ")[1].startswith("mean 1")


def test_the_mean_of_one_small_number_among_zeros_is_not_zero():
    sparse = np.zeros((100, 100), np.float16)
    sparse[0, 0] = 1

    assert cells_of(sparse).note == "min 0 · mean 1e−4 · max 1"


def test_the_summary_leaves_out_what_is_not_finite_and_counts_it():
    cells = cells_of(np.array([1.0, 2, 3, 4, 5, np.nan, np.inf]))

    assert cells.note == "min 1 · mean 3 · max 5 · 2 NaN or ∞"


def test_a_stack_of_matrices_shows_the_first():
    cells = cells_of(np.arange(12.0).reshape(3, 2, 2))

    assert cells.rows == ((0, 1), (2, 3))
    assert cells.note.startswith("first of 3 · ")


@pytest.mark.parametrize(("array", "texts"), [(np.float64(2.5), [["2.5"]]), (np.array([1, 2]), [["1", "2"]])])
def test_numbers_and_vectors_are_one_row(array, texts):
    assert cells_of(np.asarray(array)).texts == texts


def test_no_numbers_and_only_strange_numbers_are_no_error():
    assert cells_of(np.zeros((0, 3))).note == "no numbers"
    assert cells_of(np.array([np.nan])).texts == [["NaN"]]


def test_cells_do_not_change_with_the_array():
    array = np.ones((2, 2))
    cells = cells_of(array)

    array[...] = 7

    assert cells.texts == [["1", "1"], ["1", "1"]]
