"""Parameters as one vector."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import arange, nn, tensor


def test_a_vector_goes_there_and_back():
    net = nn.Linear(3, 2)

    vector = nn.utils.parameters_to_vector(net.parameters())
    nn.utils.vector_to_parameters(arange(8.0), net.parameters())

    assert vector.shape == (8,)
    np.testing.assert_array_equal(net.weight.detach(), [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(net.bias.detach(), [6, 7])


def test_gradients_flow_from_the_vector_to_the_parameters():
    net = nn.Linear(2, 1)

    (nn.utils.parameters_to_vector(net.parameters()) * tensor([1.0, 2, 3])).sum().backward()

    np.testing.assert_array_equal(net.weight.grad, [[1, 2]])
    np.testing.assert_array_equal(net.bias.grad, [3])


def test_a_vector_that_is_too_short_changes_nothing():
    net = nn.Linear(3, 2)
    before = net.weight.detach().clone()

    with pytest.raises(ValueError, match=r"a vector of the 8 numbers of the parameters, got shape \(7,\)"):
        nn.utils.vector_to_parameters(arange(7.0), net.parameters())
    with pytest.raises(TypeError, match="needs a Tensor, got list"):
        nn.utils.vector_to_parameters([1.0], net.parameters())

    np.testing.assert_array_equal(net.weight.detach(), before)
