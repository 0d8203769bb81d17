"""Weights whose spread fits the numbers of inputs and outputs."""

from __future__ import annotations

import math

import numpy as np
import pytest

import tinygrad_edu
from tinygrad_edu import Generator
from tinygrad_edu.nn import init

# The weight has fan_in 3 * 4 * 5 = 60 and fan_out 200 * 4 * 5 = 4000.
SHAPE = (200, 3, 4, 5)
BOUNDS = {
    "xavier": (init.xavier_uniform_, {"gain": 2}, 2 * math.sqrt(6 / 4060)),
    "kaiming": (init.kaiming_uniform_, {}, math.sqrt(2 * 3 / 60)),
    "kaiming with a slope": (init.kaiming_uniform_, {"a": math.sqrt(5)}, 1 / math.sqrt(60)),
    "kaiming of outputs": (init.kaiming_uniform_, {"mode": "fan_out"}, math.sqrt(2 * 3 / 4000)),
    "kaiming for tanh": (init.kaiming_uniform_, {"nonlinearity": "tanh"}, 5 / 3 * math.sqrt(3 / 60)),
}
SPREADS = {
    "xavier": (init.xavier_normal_, {"gain": 2}, 2 * math.sqrt(2 / 4060)),
    "kaiming": (init.kaiming_normal_, {"nonlinearity": "relu"}, math.sqrt(2 / 60)),
    "kaiming of outputs": (init.kaiming_normal_, {"mode": "fan_out"}, math.sqrt(2 / 4000)),
}


@pytest.mark.parametrize("name", BOUNDS)
def test_uniform_weights_fill_their_interval(name):
    function, options, k = BOUNDS[name]

    w = function(tinygrad_edu.zeros(*SHAPE), **options, generator=Generator().manual_seed(0)).numpy()

    assert 0.999 * k < abs(w).max() <= k
    assert abs(w.std() / (k / math.sqrt(3)) - 1) < 0.02
    assert abs(w.mean()) < 0.02 * k


@pytest.mark.parametrize("name", SPREADS)
def test_normal_weights_have_their_spread(name):
    function, options, std = SPREADS[name]

    w = function(tinygrad_edu.zeros(*SHAPE), **options, generator=Generator().manual_seed(0)).numpy()

    assert abs(w.std() / std - 1) < 0.02
    assert abs((w**4).mean() / std**4 - 3) < 0.2  # of a normal distribution
    assert abs(w.mean()) < 0.05 * std


def test_the_gain_is_that_of_the_activation():
    assert (
        init.calculate_gain("linear") == init.calculate_gain("conv2d") == init.calculate_gain("sigmoid") == 1
    )
    assert init.calculate_gain("tanh") == 5 / 3
    assert init.calculate_gain("relu") == math.sqrt(2)
    assert init.calculate_gain("selu") == 0.75
    assert init.calculate_gain("leaky_relu") == math.sqrt(2 / (1 + 0.01**2))
    assert init.calculate_gain("leaky_relu", 2) == math.sqrt(2 / 5)


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match=r"calculate_gain needs one of linear, .*, leaky_relu, got 'swish'"):
        init.calculate_gain("swish")
    with pytest.raises(ValueError, match="slope of leaky_relu as a number, got True"):
        init.calculate_gain("leaky_relu", True)
    with pytest.raises(ValueError, match=r"xavier_uniform_ needs a weight of at least 2 .*got shape \(3,\)"):
        init.xavier_uniform_(tinygrad_edu.zeros(3))
    with pytest.raises(ValueError, match="kaiming_normal_ needs mode 'fan_in' or 'fan_out', got 'in'"):
        init.kaiming_normal_(tinygrad_edu.zeros(3, 2), mode="in")


def test_the_fans_have_the_name_that_layers_for_pytorch_call():
    assert init._calculate_fan_in_and_fan_out(tinygrad_edu.zeros(*SHAPE)) == (60, 4000)


def test_a_weight_without_numbers_stays():
    assert init.kaiming_uniform_(tinygrad_edu.zeros(2, 0)).shape == (2, 0)
    assert init.xavier_normal_(tinygrad_edu.zeros(0, 0)).shape == (0, 0)


def test_dtypes_stay():
    assert init.xavier_normal_(tinygrad_edu.zeros(2, 2, dtype=np.float32)).dtype == np.float32
