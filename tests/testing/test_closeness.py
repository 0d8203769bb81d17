"""`assert_close`: what is close, and what is said of what is not."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import tensor
from tinygrad_edu.testing import assert_close


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (tensor([1.0, 2.0]), tensor([1.0, 2.0 + 1e-8])),
        (tensor([1.0]).float(), tensor([1.0 + 1e-6]).float()),
        ({"a": [tensor(1.0), 2]}, {"a": [tensor(1.0), 2]}),
        (np.ones(2), np.ones(2)),
        (3, 3),
    ],
)
def test_what_is_close_passes(actual, expected):
    assert_close(actual, expected)


@pytest.mark.parametrize(
    ("actual", "expected", "message"),
    [
        (
            tensor([1.0, 2.0]),
            tensor([1.0, 2.1]),
            "1 of 2 numbers are not close, the greatest difference is 0.1",
        ),
        (tensor([1.0]), tensor([1.0, 1.0]), r"The shapes differ: \(1,\) and \(2,\)"),
        (tensor([1.0]), tensor([1.0]).float(), "The dtypes differ: float64 and float32"),
        ({"a": tensor(1.0)}, {"b": tensor(1.0)}, r"The keys differ: \['a', 'b'\]"),
        ([tensor(1.0)], [], "The lengths differ: 1 and 0"),
        ({"a": [1.0, 2.0]}, {"a": [1.0, 3.0]}, r"1 of 1 numbers are not close.* at 'a' at \[1\]"),
        (tensor(float("nan")), tensor(float("nan")), "1 of 1 numbers are not close"),
        (3, 4, "1 of 1 numbers are not close"),
    ],
)
def test_what_is_not_close_is_described(actual, expected, message):
    with pytest.raises(AssertionError, match=message):
        assert_close(actual, expected)


def test_tolerances_and_words_are_chosen():
    assert_close(tensor(1.0), tensor(1.2), rtol=0, atol=0.3)
    assert_close(tensor(float("nan")), tensor(float("nan")), equal_nan=True)
    assert_close(tensor(1.0), tensor(1.0).float(), check_dtype=False)
    with pytest.raises(AssertionError, match=r"^mine$"):
        assert_close(tensor(1.0), tensor(2.0), msg="mine")
    with pytest.raises(ValueError, match="needs rtol and atol, or none of them"):
        assert_close(tensor(1.0), tensor(1.0), rtol=1)
    with pytest.raises(TypeError, match="needs values of one class"):
        assert_close(tensor(1.0), 1.0, allow_subclasses=False)
