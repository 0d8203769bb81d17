"""Many numbers made into one, where there are very many, or none."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from tinygrad_edu.tensor.creation import ones, zeros
from tinygrad_edu.tensor.tensor import tensor

# float16 counts no further than 2048 and ends at 65504.
MANY = 70_000


def test_the_sum_of_many_halves_is_infinite_as_in_pytorch():
    with np.errstate(over="ignore"):
        assert ones(MANY, dtype="float16").sum().item() == np.inf


@pytest.mark.parametrize("name", ["mean", "amax", "amin"])
def test_many_halves_have_a_gradient_that_is_not_0(name):
    x = ones(MANY, dtype="float16", requires_grad=True)

    result = getattr(x, name)()
    result.backward()

    assert (result.item(), result.dtype, x.grad.dtype) == (1, "float16", "float16")
    np.testing.assert_allclose(x.grad.raw.astype(float) * MANY, 1, rtol=2e-3)


def test_reductions_of_no_numbers_are_pytorchs():
    x = zeros(0, 2, requires_grad=True)

    assert (x.sum().item(), x.sum(0).tolist(), x.sum(1).shape) == (0, [0, 0], (0,))
    assert (x.any().item(), x.all().item(), x.any(0).tolist()) == (False, True, [False, False])
    x.sum().backward()
    assert x.grad.shape == (0, 2)


@pytest.mark.parametrize(
    ("data", "some", "every"),
    [
        ([[True, False], [True, True]], [True, True], [[False], [True]]),
        ([[0.0, 2.0], [np.nan, 1.0]], [True, True], [[False], [True]]),
        ([[0, 0], [0, 3]], [False, True], [[False], [False]]),
    ],
    ids=["booleans", "floats with nan", "whole numbers"],
)
def test_any_and_all_ask_whether_numbers_are_not_0(data, some, every):
    x = tensor(data)

    assert (x.any(0).tolist(), x.all(1, True).tolist()) == (some, every)
    assert (x.any().item(), x.all().item(), x.any().dtype) == (True, False, np.bool_)


@pytest.mark.parametrize("name", ["uint8", "int8", "int64", "bool"])
def test_the_sum_of_whole_numbers_is_int64(name):
    total = tensor(np.full((2, 150), 1, name)).sum(1)

    assert total.dtype == np.int64
    assert total.tolist() == [150, 150]


def test_halves_are_summed_in_float32():
    assert tensor(np.full(70_000, 0.5, "float16")).sum().item() == 35_008  # the next float16
    assert tensor(np.arange(1000, dtype="float16") % 37).var().item() == pytest.approx(114.3, rel=1e-3)
    assert zeros(70_000, dtype="float16").softmax(0).amax().item() == pytest.approx(1 / 70_000, rel=1e-2)


def test_the_gradient_of_a_repeated_half_is_summed_in_float32():
    x = ones(3, dtype="float16", requires_grad=True)

    x.expand(MANY, 3).mean().backward()

    np.testing.assert_allclose(x.grad.numpy(), 1 / 3, rtol=1e-2)


def test_numpy_does_not_warn_of_a_mean_that_is_not_finite():
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"tinygrad_edu\.")
        assert np.isnan(tensor([np.inf, -np.inf]).mean().item())

    assert shown == []
