"""What a recorded `max` or `min` picks of two numbers is what Python's function picks, on floats and on arrays."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.plan.values import recorded_functions as recorded

NAN = float("nan")


@pytest.mark.parametrize(
    ("operation", "function"), [(recorded._larger, max), (recorded._smaller, min)], ids=["max", "min"]
)
@pytest.mark.parametrize(
    ("x", "y"), [(1.0, 2.0), (2.0, 1.0), (0.0, -0.0), (-0.0, 0.0), (NAN, 1.0), (1.0, NAN)]
)
def test_a_number_is_picked_as_python_picks_it(operation, function, x, y):
    expected = function(x, y)

    for found in (operation.on_numbers(x, y), operation.forward(np.array([x]), np.array([y]))[0]):
        np.testing.assert_array_equal(found, expected)
        assert np.signbit(found) == np.signbit(expected)
