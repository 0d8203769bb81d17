"""Products over no numbers: zeros of the outer sizes, and gradients of the shapes of the inputs."""

from __future__ import annotations

import pytest

from tinygrad_edu.nn import functional
from tinygrad_edu.tensor.creation import ones

EMPTY = [
    ((2, 3, 0), (0, 5)),
    ((2, 0), (0, 5)),
    ((0,), (0,)),
    ((0,), (0, 3)),
    ((0, 2), (2, 3)),
    ((4, 2, 0), (4, 0, 3)),
]


@pytest.mark.parametrize(("left", "right"), EMPTY, ids=str)
def test_a_product_over_no_numbers_is_zeros(left, right):
    x, y = ones(left, requires_grad=True), ones(right, requires_grad=True)

    z = x @ y
    z.sum().backward()

    assert z.shape == (*left[:-1], *right[-1:]) if len(right) > 1 else z.shape == ()
    assert not z.detach().numpy().any()
    assert (x.grad.shape, y.grad.shape) == (left, right)


def test_a_layer_of_no_rows_has_gradients_of_0():
    x, w, b = ones(0, 2, requires_grad=True), ones(3, 2, requires_grad=True), ones(3, requires_grad=True)

    functional.linear(x, w, b).sum().backward()

    assert (x.grad.shape, w.grad.tolist(), b.grad.tolist()) == ((0, 2), [[0, 0]] * 3, [0, 0, 0])
