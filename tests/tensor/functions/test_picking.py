"""Rows looked up in a table: what PyTorch's own samples and drawn cases do not show."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import nn, tensor

F = nn.functional


@pytest.mark.parametrize(
    ("norm_type", "expected"), [(2.0, [0.6, 0.8]), (np.inf, [0.75, 1.0]), (1, [3 / 7, 4 / 7])]
)
def test_rows_longer_than_max_norm_are_made_shorter_in_the_table(norm_type, expected):
    weight = tensor([[3.0, 4.0], [0.1, 0.2], [30.0, 40.0]], requires_grad=True)

    found = F.embedding(tensor([0, 1, 0]), weight, max_norm=1.0, norm_type=norm_type)
    found.sum().backward()

    np.testing.assert_allclose(found.detach().numpy(), [expected, [0.1, 0.2], expected], rtol=1e-6)
    np.testing.assert_allclose(weight.detach().numpy(), [expected, [0.1, 0.2], [30, 40]], rtol=1e-6)
    assert weight.grad.tolist() == [[2, 2], [1, 1], [0, 0]]


def test_the_gradient_of_a_row_named_often_is_divided_by_how_often():
    weight = tensor([[1.0], [2.0], [3.0]], requires_grad=True)

    F.embedding(tensor([0, 2, 0, 0]), weight, scale_grad_by_freq=True).sum().backward()
    assert weight.grad.tolist() == [[1], [0], [1]]
