"""What comes in becomes an array of real numbers of its own."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.tensor.coerce import as_array, get_default_dtype, real_dtype, set_default_dtype
from tinygrad_edu.tensor.tensor import tensor

# Dtypes.


@pytest.mark.parametrize(
    "dtype", [float, np.int64, bool, "float32", np.float16, np.dtype("uint8"), "f4"], ids=str
)
def test_dtypes_are_given_in_any_way_numpy_understands(dtype):
    assert real_dtype("x", dtype) == np.dtype(dtype)
    assert real_dtype("x", int) == np.int64  # where a long has 32 bits, too


@pytest.mark.parametrize("dtype", [complex, "U1", object, "datetime64[s]"], ids=str)
def test_only_real_numbers_have_a_dtype_here(dtype):
    with pytest.raises(TypeError, match="astype needs a dtype of real numbers, got "):
        real_dtype("astype", dtype)


@pytest.mark.parametrize("dtype", ["banana", 3, "float33"])
def test_what_is_no_dtype_is_refused(dtype):
    with pytest.raises(TypeError, match=f"astype needs a dtype such as float or np.int64, got {dtype!r}"):
        real_dtype("astype", dtype)


def test_the_default_dtype_can_be_set_and_read():
    set_default_dtype("float32")
    try:
        seen = get_default_dtype()
    finally:
        set_default_dtype(float)

    assert (seen, get_default_dtype()) == (np.float32, np.float64)


@pytest.mark.parametrize(("dtype", "got"), [(int, "int64"), (bool, "bool")])
def test_the_default_dtype_is_a_floating_one(dtype, got):
    with pytest.raises(TypeError, match=f"set_default_dtype needs a floating dtype, got {got}"):
        set_default_dtype(dtype)


# Arrays.


@pytest.mark.parametrize(
    ("data", "dtype", "requires_grad", "expected"),
    [
        ([1, 2], None, False, "int64"),
        ([1, 2], None, True, "float64"),
        ([1, 2], "float32", True, "float32"),
        ([1.5], None, False, "float64"),
        (np.float32(1.5), None, True, "float32"),
        (np.ones(1, "int32"), None, False, "int32"),
        (np.ones(1, "int32"), None, True, "float64"),
        (1.7, int, False, "int64"),
        (True, None, False, "bool"),
    ],
)
def test_dtype_of_what_comes_in(data, dtype, requires_grad, expected):
    assert as_array(data, dtype, requires_grad).dtype == expected


def test_arrays_are_copied_also_if_they_have_the_dtype_already():
    source = np.ones(2)

    assert not np.shares_memory(as_array(source, float, False), source)


def test_views_and_read_only_arrays_become_plain_ones():
    source = np.broadcast_to(np.arange(3.0), (2, 3))

    made = as_array(source, None, False)
    made[0, 0] = 9

    assert made.tolist() == [[9, 1, 2], [0, 1, 2]]


REFUSED = [
    ([[1], [1, 2]], ValueError, r"tensor needs rows of equal length, got \[\[1\], \[1, 2\]\]"),
    ([1j], TypeError, r"tensor needs real numbers, got complex numbers in \[1j\]; convert them first"),
    ("abc", TypeError, "tensor needs real numbers, got <U3 data in 'abc'"),
    (None, TypeError, "tensor needs real numbers, got object data in None"),
    ({"a": 1}, TypeError, "tensor needs real numbers, got object data in"),
    (
        np.array(["2024-01-01"], "datetime64[D]"),
        TypeError,
        r"tensor needs real numbers, got datetime64\[D\] data",
    ),
    (
        np.ma.masked_array([1.0], [True]),
        TypeError,
        r"tensor needs all its numbers, got a masked array; use array.filled",
    ),
    (
        [tensor([1.0], requires_grad=True)],
        TypeError,
        "the graph of a Tensor in the list would be lost; use stack",
    ),
]


@pytest.mark.parametrize(("data", "error", "message"), REFUSED)
def test_what_is_not_an_array_of_real_numbers_is_refused(data, error, message):
    with pytest.raises(error, match=message):
        as_array(data, None, False)


def test_whole_numbers_asked_for_by_name_have_no_gradient():
    with pytest.raises(
        TypeError, match="tensor needs a floating dtype to have a gradient, got int64; use dtype=float"
    ):
        as_array([1], int, True)


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_a_number_that_is_not_finite_is_no_whole_number(number):
    with pytest.raises(ValueError, match=r"tensor needs finite numbers for int64, got .*; use dtype=float"):
        tensor([1.0, number], dtype=int)
