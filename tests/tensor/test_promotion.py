"""The dtype in which an operation on several inputs is computed: the rows of the table, and gradients in their own."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import where
from tinygrad_edu.tensor.promotion import common_dtype
from tinygrad_edu.tensor.tensor import tensor


def numbers(dtype, *sizes):
    return tensor(np.ones(sizes, dtype))


TABLE = {
    "a narrow array beside a wide number": (numbers("float32", 3), numbers("float64"), "float32"),
    "floats beside whole numbers": (numbers("float32", 3), numbers("int64", 3), "float32"),
    "a narrow array beside a wide one": (numbers("float32", 3), numbers("float64", 3), "float64"),
    "floats beside a plain fraction": (numbers("float32", 3), 2.5, "float32"),
    "floats beside a plain whole number": (numbers("float32", 3), 2, "float32"),
    "whole numbers beside a single float": (numbers("int64", 3), numbers("float32"), "float32"),
    "whole numbers beside a plain fraction": (numbers("int64", 3), 2.5, "float64"),
    "whole numbers beside a wider single one": (numbers("int32", 3), numbers("int64"), "int32"),
    "whole numbers beside a plain one": (numbers("int32", 3), 2, "int32"),
    "booleans beside a plain whole number": (numbers("bool", 3), 2, "int64"),
    "whole numbers with and without a sign": (numbers("uint8", 3), numbers("int8", 3), "int16"),
    "booleans beside whole numbers": (numbers("bool", 3), numbers("int16", 3), "int16"),
    "single numbers among themselves": (numbers("float32"), numbers("float64"), "float64"),
    "a single number beside a plain one": (numbers("int32"), 2.5, "float64"),
}


@pytest.mark.parametrize(("x", "y", "dtype"), TABLE.values(), ids=TABLE)
def test_sums_and_products_are_computed_in_the_dtype_of_the_table(x, y, dtype):
    assert (x + y).dtype == dtype
    assert (y * x).dtype == dtype


@pytest.mark.parametrize(("x", "y", "dtype"), TABLE.values(), ids=TABLE)
def test_the_table_is_that_of_common_dtype(x, y, dtype):
    assert common_dtype([getattr(z, "raw", z) for z in (x, y)]) == dtype


@pytest.mark.parametrize("function", ["exp", "sin", "sigmoid", "sqrt"])
def test_a_function_whose_results_are_floats_takes_whole_numbers_as_floats(function):
    assert getattr(numbers("int32", 3), function)().dtype == np.float64
    assert getattr(numbers("float32", 3), function)().dtype == np.float32


def test_a_quotient_of_whole_numbers_is_a_float():
    assert (numbers("int32", 3) / numbers("int32", 3)).dtype == np.float64


def test_a_condition_has_no_say():
    assert where(numbers("float64", 3) > 0, numbers("float32", 3), 0).dtype == np.float32


def test_every_gradient_comes_back_in_the_dtype_of_its_input():
    narrow = tensor(np.ones(3, "float32"), requires_grad=True)
    wide = tensor(np.ones(3), requires_grad=True)
    single = tensor(2.0, requires_grad=True)

    (narrow * wide * single).sum().backward()

    assert [x.grad.dtype for x in (narrow, wide, single)] == ["float32", "float64", "float64"]
    assert (narrow.grad.tolist(), single.grad.item()) == ([2, 2, 2], 3)
