"""How Tensors are printed."""

from __future__ import annotations

import pytest

from tinygrad_edu import arange, set_printoptions, tensor


@pytest.fixture(autouse=True)
def as_before():
    yield
    set_printoptions(profile="default")


def test_digits_lines_and_how_many_numbers():
    set_printoptions(precision=2, linewidth=20, threshold=5, edgeitems=1)

    assert repr(tensor([1.23456, 2.0])) == "tensor([1.23, 2.  ])"
    assert repr(arange(9)) == "tensor([0, ..., 8])"


def test_powers_of_ten_always_or_never():
    x = tensor([1.5, 1e-6])

    set_printoptions(sci_mode=True)
    always = repr(x)
    set_printoptions(sci_mode=False, precision=7)

    assert always == "tensor([1.5000e+00, 1.0000e-06])"
    assert repr(x) == "tensor([1.5     , 0.000001])"


def test_profiles():
    set_printoptions(profile="short")
    short = repr(tensor([1.23456]))
    set_printoptions(profile="full")
    full = repr(arange(1001))
    set_printoptions(profile="default")

    assert short == "tensor([1.23])"
    assert "..." not in full
    assert repr(tensor([1.23456])) == "tensor([1.23456])"
    with pytest.raises(ValueError, match="profile 'default', 'short' or 'full', got 'long'"):
        set_printoptions(profile="long")
