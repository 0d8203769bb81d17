"""Bags of rows: what PyTorch's own samples and drawn cases do not show."""

from __future__ import annotations

import pytest

from tinygrad_edu import nn, tensor

F = nn.functional


def test_the_gradient_of_a_row_named_often_is_divided_by_how_often():
    weight = tensor([[1.0], [2.0], [3.0]], requires_grad=True)

    F.embedding_bag(tensor([[0, 2, 0, 0]]), weight, mode="sum", scale_grad_by_freq=True).sum().backward()

    assert weight.grad.tolist() == [[1], [0], [1]]


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_an_empty_bag_is_zero_in_every_mode(mode):
    weight = tensor([[-1.0, -2.0]], requires_grad=True)

    bags = F.embedding_bag(tensor([0]), weight, tensor([0, 1]), mode=mode)

    assert bags.tolist() == [[-1, -2], [0, 0]]
