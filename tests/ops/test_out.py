"""Forward functions that take `out` write the same bits into it, also over their own input where that may happen."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from tests.ops import test_rules as _RULES
from tinygrad_edu.ops import OPERATIONS, array_kernels
from tinygrad_edu.ops.elementwise import Elementwise


def takes_out(name):
    forward = OPERATIONS[name].forward
    return not isinstance(forward, np.ufunc) and "out" in inspect.signature(forward).parameters


ROWS = [row for row in _RULES.rows() if takes_out(row.values[0])]
OVER = sorted(name for name in OPERATIONS if takes_out(name) and isinstance(OPERATIONS[name], Elementwise))


def test_the_operations_that_most_networks_consist_of_take_out():
    names = {row.values[0] for row in ROWS}

    assert names >= {
        "linear",
        "matmul",
        "column_sums",
        "sum",
        "mean",
        "amax",
        "softmax",
        "log_softmax",
        "scatter",
    }
    assert OVER == [
        "floor_divide",
        "fmod",
        "relu",
        "remainder",
        "round",
        "sigmoid",
        "sign",
        "softplus",
        "trunc_divide",
    ]


@pytest.mark.parametrize(("name", "arrays", "settings"), ROWS)
def test_what_is_written_into_out_is_what_is_returned_without(name, arrays, settings):
    forward, common = OPERATIONS[name].forward, OPERATIONS[name].common
    arrays = arrays if common is None else [*arrays, common(*arrays, **settings)]
    expected = np.asarray(forward(*arrays, **settings))
    out = np.full_like(expected, np.nan)

    result = forward(*arrays, **settings, out=out)

    assert result is out
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", OVER)
def test_an_elementwise_operation_may_write_over_its_input(name, dtype):
    x = np.array([-1e30, -800, -2, -0.0, 0, 0.3, 90, 800, np.inf, -np.inf, np.nan], dtype)
    over = x.copy()

    others = [x[::-1]] * (len(OPERATIONS[name].rules) - 1)

    with np.errstate(all="ignore"):
        expected = OPERATIONS[name].forward(x, *others)
        OPERATIONS[name].forward(over, *others, out=over)

    np.testing.assert_array_equal(over, expected)
    assert np.signbit(over).tolist() == np.signbit(expected).tolist()


def test_the_sign_of_booleans_is_written_where_it_is_asked_to_be():
    x = np.array([True, False, True])
    out = np.ones(3, bool)

    found = array_kernels.sign(x, out=out)

    assert (found.tolist(), out.tolist()) == (x.tolist(), x.tolist())
