"""Softmax and its kin over no numbers, of whole numbers, and at infinities."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.tensor.creation import zeros
from tinygrad_edu.tensor.tensor import tensor

NAMES = ["softmax", "log_softmax", "logsumexp"]


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_dimension_has_an_empty_softmax_and_logsumexp_of_minus_infinity(name):
    x = zeros(3, 0, requires_grad=True)

    with np.errstate(divide="ignore"):
        y = getattr(x, name)(1)
        y.backward(np.ones(y.shape))

    assert y.tolist() == ([-np.inf] * 3 if name == "logsumexp" else [[]] * 3)
    assert x.grad.shape == (3, 0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("dtype", ["int64", "uint8", "bool"])
def test_whole_numbers_have_the_softmax_of_the_same_floats(name, dtype):
    x = np.array([[1, 0], [0, 0]], dtype)

    y = getattr(tensor(x), name)(1)

    assert y.dtype == np.float64
    np.testing.assert_array_equal(y.raw, getattr(tensor(x.astype(float)), name)(1).raw)


# PyTorch 2.13's.
EDGES = {
    "softmax": ([-np.inf, 0.0], [0, 1], [0, 0]),
    "log_softmax": ([-np.inf, 0.0], [-np.inf, 0], [1, -1]),
    "logsumexp": ([-np.inf, 0.0], 0, [0, 1]),
    "softmax of large": ([1000.0, 0.0], [1, 0], [0, 0]),
    "logsumexp of large": ([1000.0, 1000.0], 1000 + np.log(2), [0.5, 0.5]),
}


@pytest.mark.parametrize("name", EDGES)
def test_values_and_gradients_at_the_edges_are_pytorchs(name):
    data, value, slopes = EDGES[name]
    x = tensor(data, requires_grad=True)

    y = getattr(x, name.split()[0])(0)
    y.backward([1.0, 0.0] if y.ndim else None)

    np.testing.assert_allclose(y.raw, value, rtol=1e-15)
    np.testing.assert_allclose(x.grad.raw, slopes, atol=1e-300)
