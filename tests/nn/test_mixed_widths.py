"""float32 data meets float64 weights: the result is float64, as in arithmetic, where PyTorch refuses."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_edu as torch
from tinygrad_edu import tensor
from tinygrad_edu.nn import functional as F

RNG = np.random.default_rng(0)
ROWS = tensor([[0, 1, 1]])


def x(*sizes):
    return tensor(RNG.normal(size=sizes))


CASES = {
    "conv1d": (F.conv1d, [x(2, 3, 5), x(4, 3, 2), x(4)]),
    "conv2d": (F.conv2d, [x(2, 3, 5, 5), x(4, 3, 2, 2)]),
    "conv_transpose2d": (F.conv_transpose2d, [x(2, 3, 5, 5), x(3, 4, 2, 2), x(4)]),
    "attention": (F.scaled_dot_product_attention, [x(2, 3, 4), x(2, 5, 4), x(2, 5, 4)]),
    "grid_sample": (F.grid_sample, [x(2, 3, 4, 4), x(2, 5, 5, 2)]),
    "lerp": (torch.lerp, [x(3), x(3), x(3)]),
    "heaviside": (torch.heaviside, [x(3), x(3)]),
    "scatter": (lambda a, b: a.scatter(0, ROWS, b), [x(2, 3), x(1, 3)]),
    "scatter_add": (lambda a, b: a.scatter_add(0, ROWS, b), [x(2, 3), x(1, 3)]),
    "scatter_reduce": (lambda a, b: a.scatter_reduce(0, ROWS, b, "prod"), [x(2, 3), x(1, 3)]),
    "index_add": (lambda a, b: a.index_add(0, tensor([1]), b), [x(2, 3), x(1, 3)]),
    "index_copy": (lambda a, b: a.index_copy(0, tensor([1]), b), [x(2, 3), x(1, 3)]),
    "index_put": (lambda a, b: a.index_put((tensor([1]),), b), [x(2, 3), x(3)]),
    "put": (lambda a, b: a.put(tensor([1, 4]), b), [x(2, 3), x(2)]),
}


@pytest.mark.parametrize("name", CASES)
def test_the_wider_floats_count(name):
    function, inputs = CASES[name]

    for narrow in range(len(inputs)):
        given = [t.float() if i == narrow else t for i, t in enumerate(inputs)]
        y = function(*given)

        assert y.dtype == np.float64
        np.testing.assert_array_equal(y.raw, function(*[t.double() for t in given]).raw)


@pytest.mark.parametrize("name", [name for name in CASES if name != "heaviside"])  # which has no derivative
def test_gradients_are_of_the_width_of_their_inputs(name):
    function, inputs = CASES[name]
    first = inputs[0].float().requires_grad_()

    function(first, *inputs[1:]).sum().backward()

    assert first.grad.dtype == np.float32


def test_overwritten_numbers_keep_their_width():
    a = torch.zeros(2, 3, dtype=torch.float32)

    a.index_add_(0, tensor([1]), x(1, 3))

    assert a.dtype == np.float32


def test_a_single_number_does_not_widen():
    a = torch.zeros(2, 3, dtype=torch.float32)

    assert a.index_put((tensor([1]),), tensor(0.5)).dtype == np.float32
