"""First numbers that are no draw."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu
from tinygrad_edu import nn
from tinygrad_edu.nn import init


def test_each_fills_returns_and_records_nothing():
    weight = nn.Parameter(np.zeros((2, 3)))

    filled = init.constant_(weight, 2.5)

    assert filled is weight
    np.testing.assert_array_equal(weight.detach(), np.full((2, 3), 2.5))
    assert weight.requires_grad
    assert weight.operation is None
    assert init.ones_(weight).sum().item() == 6
    assert init.zeros_(weight).sum().item() == 0


def test_a_graph_that_needs_the_former_numbers_is_told():
    weight = nn.Parameter(np.ones((2, 2)))
    loss = (weight * weight).sum()

    init.zeros_(weight)

    with pytest.raises(RuntimeError, match="was overwritten"):
        loss.backward()


def test_eye_is_the_identity_as_far_as_it_fits():
    np.testing.assert_array_equal(init.eye_(tinygrad_edu.ones(2, 3)), np.eye(2, 3))
    np.testing.assert_array_equal(init.eye_(tinygrad_edu.ones(3, 2)), np.eye(3, 2))


@pytest.mark.parametrize("shape", [(4, 4, 3), (4, 2, 3, 3), (2, 3, 3, 4, 5)])
def test_dirac_makes_a_convolution_that_returns_its_channels(shape):
    dims = len(shape) - 2
    convolve = getattr(nn.functional, f"conv{dims}d")
    x = tinygrad_edu.tensor(np.random.default_rng(0).normal(size=(2, shape[1], *[5] * dims)))

    y = convolve(x, init.dirac_(tinygrad_edu.ones(*shape)))

    same = min(shape[:2])
    middle = tuple(slice(n // 2, n // 2 + m) for n, m in zip(shape[2:], y.shape[2:], strict=True))
    np.testing.assert_array_equal(y[:, :same], x[(slice(None), slice(same), *middle)])


def test_dirac_repeats_the_channels_in_each_group():
    weight = init.dirac_(tinygrad_edu.ones(4, 2, 3), groups=2)

    np.testing.assert_array_equal(weight[..., 1], np.tile(np.eye(2), (2, 1)))
    assert weight.sum().item() == 4


def test_the_wrong_number_of_dimensions_is_named():
    with pytest.raises(ValueError, match=r"eye_ needs a tensor of 2 dimensions, got shape \(2,\)"):
        init.eye_(tinygrad_edu.ones(2))
    with pytest.raises(
        ValueError, match=r"dirac_ needs a tensor of 3 or 4 or 5 dimensions, got shape \(2, 2\)"
    ):
        init.dirac_(tinygrad_edu.ones(2, 2))
    with pytest.raises(ValueError, match="multiple of groups=2, got 3"):
        init.dirac_(tinygrad_edu.ones(3, 2, 2), groups=2)


def test_what_is_no_tensor_is_refused():
    with pytest.raises(TypeError, match="zeros_ needs a Tensor to fill, got list"):
        init.zeros_([1.0])
