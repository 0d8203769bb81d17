"""Weights that are computed before each call."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn, ones, tensor
from tinygrad_edu.nn.utils import parametrizations


@pytest.mark.parametrize("norm", ["weight_norm", "spectral_norm"])
def test_the_weight_is_a_parameter_again_when_the_norm_is_removed(norm):
    layer = nn.Linear(3, 2)
    before = layer.weight.detach().clone()

    getattr(nn.utils, norm)(layer)
    layer.eval()
    y = layer(ones(1, 3)).detach()
    getattr(nn.utils, f"remove_{norm}")(layer)

    assert sorted(layer.state_dict()) == ["bias", "weight"]
    np.testing.assert_allclose(layer(ones(1, 3)).detach(), y)
    if norm == "weight_norm":
        np.testing.assert_allclose(layer.weight.detach(), before)


def test_the_greatest_singular_value_becomes_1():
    layer = nn.utils.spectral_norm(nn.Linear(4, 3), n_power_iterations=100)

    layer(ones(1, 4))

    assert abs(np.linalg.norm(layer.weight.detach().numpy(), 2) - 1) < 1e-10


def test_two_forward_passes_have_both_their_gradients():
    layer = nn.utils.spectral_norm(nn.Linear(3, 2))

    (layer(ones(1, 3)) - layer(2 * ones(1, 3))).sum().backward()

    assert layer.weight_orig.grad is not None


def test_wrong_names_and_numbers_are_refused():
    layer = nn.Linear(3, 2)

    with pytest.raises(ValueError, match="weight_norm needs a parameter of Linear, got 'wait'"):
        nn.utils.weight_norm(layer, "wait")
    with pytest.raises(
        ValueError, match="remove_weight_norm needs a weight with that norm, got 'weight' of Linear"
    ):
        nn.utils.remove_weight_norm(layer)
    with pytest.raises(ValueError, match="n_power_iterations of 1 or more, got 0"):
        nn.utils.spectral_norm(layer, n_power_iterations=0)
    with pytest.raises(ValueError, match="n_power_iterations of 1 or more, got 0"):
        parametrizations.spectral_norm(layer, n_power_iterations=0)
    with pytest.raises(ValueError, match="spectral_norm needs a parameter of Linear, got 'wait'"):
        parametrizations.spectral_norm(layer, "wait")
    nn.utils.weight_norm(layer)
    with pytest.raises(RuntimeError, match="weight_norm needs a weight without such a norm, but 'weight'"):
        nn.utils.weight_norm(layer)


def test_a_vector_is_brought_to_length_1():
    layer = nn.Linear(2, 2)
    layer.bias.data = tensor([3.0, 4.0])

    parametrizations.spectral_norm(layer, "bias")

    np.testing.assert_allclose(layer.bias.detach(), [0.6, 0.8])
