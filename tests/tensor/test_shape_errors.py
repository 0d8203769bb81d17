"""What is said when NumPy cannot compute an operation: which one, of what, why, and what to do."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.tensor.shape_errors import complaint
from tinygrad_edu.tensor.tensor import tensor


def test_shapes_that_do_not_broadcast_are_both_named():
    with pytest.raises(
        ValueError, match=r"add cannot take shape \(2, 3\) and shape \(2,\); sizes must be equal or 1"
    ):
        tensor(np.ones((2, 3))) + tensor([1.0, 2.0])


def test_matrices_that_do_not_fit_are_both_named():
    with pytest.raises(
        ValueError, match=r"matmul cannot take shape \(2, 3\) and shape \(2, 3\); the last size on the"
    ):
        tensor(np.ones((2, 3))) @ tensor(np.ones((2, 3)))


def test_a_reshape_that_does_not_fit_names_both_shapes():
    with pytest.raises(
        ValueError, match=r"reshape cannot take shape \(2,\), shape=\(3,\); the number of elements"
    ):
        tensor([1.0, 2.0]).reshape(3)


def test_numpys_own_error_is_the_cause():
    with pytest.raises(ValueError, match="add cannot take") as caught:
        tensor([1.0, 2.0]) + tensor([1.0, 2.0, 3.0])

    assert isinstance(caught.value.__cause__, ValueError)


def test_the_kind_of_error_stays_and_settings_are_shown():
    error = complaint(IndexError("index 9 is out of bounds"), OPERATIONS["take"], [np.ones(2)], {"index": 9})

    assert isinstance(error, IndexError)
    assert str(error) == "take cannot take shape (2,), index=9; index 9 is out of bounds"


def test_a_plain_number_is_shown_as_it_is():
    error = complaint(ValueError("no"), OPERATIONS["matmul"], [np.ones(2), 3.5], {})

    assert str(error).startswith(
        "matmul cannot take shape (2,) and 3.5; the last size on the left must equal"
    )


def test_long_settings_are_shortened():
    error = complaint(IndexError("too far"), OPERATIONS["take"], [np.ones(2)], {"index": list(range(1000))})

    assert len(str(error)) < 120


def test_linear_says_what_must_fit():
    with pytest.raises(
        ValueError, match=r"linear cannot take shape \(2,\) and shape \(1, 3\); the rows of x must"
    ):
        OPERATIONS["linear"](tensor([1.0, 2.0]), tensor([[1.0, 2.0, 3.0]]))


def test_whole_numbers_have_no_negative_powers():
    with pytest.raises(
        ValueError, match=r"power cannot take .*whole numbers have no negative powers; use x.double"
    ):
        tensor([1, 2]) ** -1


def test_negative_powers_in_a_tensor_of_whole_numbers_are_cut_off_as_in_pytorch():
    x = tensor([1, -1, -1, 2, 0])

    assert (x ** tensor([-1, -1, -2, -1, -1])).tolist() == [1, -1, 1, 0, 0]
    assert (2 ** (-x)).tolist() == [0, 2, 2, 0, 1]
