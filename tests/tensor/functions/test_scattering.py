"""Numbers that meet in one place: derivatives where PyTorch has none, and what the other tests do not show."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import tensor
from tinygrad_edu.testing import check_gradients


@pytest.mark.parametrize("zeros", [0, 1, 2, 3])
def test_products_have_their_second_derivative_however_many_factors_are_zero(zeros):
    numbers = np.array([0.5, -1.5, 2.0, 3.0])
    numbers[:zeros] = 0
    index = tensor([1, 1, 0, 1])

    def product(x, v):
        return x.scatter_reduce(0, index, v, "prod")

    check_gradients(product, np.array([0.7, -0.4]), numbers, order=2)


def test_equal_extremes_share_the_gradient_with_the_number_that_was_there():
    x, v = tensor([2.0, 1.0], requires_grad=True), tensor([2.0, 1.0, 2.0], requires_grad=True)

    x.scatter_reduce(0, tensor([0, 0, 0]), v, "amax").backward([6.0, 6.0])

    assert x.grad.tolist() == [2, 6]
    assert v.grad.tolist() == [2, 0, 2]


@pytest.mark.parametrize(
    ("reduce", "combine"), [("prod", np.multiply), ("amax", np.maximum), ("amin", np.minimum)]
)
def test_few_and_many_numbers_may_meet_in_one_place(reduce, combine):
    rng = np.random.default_rng(0)
    x, v = rng.normal(size=9), rng.normal(size=60)
    index = np.minimum(rng.integers(0, 40, 60), rng.integers(0, 9, 60))
    expected = x.copy()
    combine.at(expected, index, v)

    np.testing.assert_allclose(
        tensor(x).scatter_reduce(0, tensor(index), tensor(v), reduce).numpy(), expected
    )
    check_gradients(lambda x, v: x.scatter_reduce(0, tensor(index), v, reduce), x, v)


def test_of_a_larger_source_only_the_first_numbers_count():
    x, v = tensor([[1.0, 2.0]], requires_grad=True), tensor([[10.0, 20.0], [30.0, 40.0]], requires_grad=True)

    y = x.scatter_add(1, tensor([[1]]), v)
    y.sum().backward()

    assert y.tolist() == [[1, 12]]
    assert v.grad.tolist() == [[1, 0], [0, 0]]


def test_the_mean_of_whole_numbers_is_rounded_downwards():
    assert tensor([0]).scatter_reduce(0, tensor([0, 0]), tensor([-2, -3]), "mean").tolist() == [-2]


IN_PLACE = {
    "scatter_": (lambda x: x.scatter_(0, tensor([1]), 9.0), [1, 9, 3], [1, 0, 1]),
    "scatter_add_": (lambda x: x.scatter_add_(0, tensor([1, 1]), tensor([5.0, 6.0])), [1, 13, 3], [1, 1, 1]),
    "scatter_reduce_": (
        lambda x: x.scatter_reduce_(0, tensor([0]), tensor([4.0]), "prod"),
        [4, 2, 3],
        [4, 1, 1],
    ),
    "index_add_": (lambda x: x.index_add_(0, tensor([0]), tensor([1.0]), alpha=2), [3, 2, 3], [1, 1, 1]),
    "index_copy_": (lambda x: x.index_copy_(0, tensor([2]), tensor([7.0])), [1, 2, 7], [1, 1, 0]),
    "index_fill_": (lambda x: x.index_fill_(0, tensor([-1]), 7), [1, 2, 7], [1, 1, 0]),
    "index_put_": (lambda x: x.index_put_((tensor([0]),), tensor(7.0)), [7, 2, 3], [0, 1, 1]),
    "put_": (lambda x: x.put_(tensor([-1]), tensor([5.0]), accumulate=True), [1, 2, 8], [1, 1, 1]),
    "masked_fill_": (lambda x: x.masked_fill_(x > 1, 0.0), [1, 0, 0], [1, 0, 0]),
}


@pytest.mark.parametrize("name", IN_PLACE)
def test_each_has_a_method_that_overwrites_a_result_in_a_graph(name):
    call, numbers, slopes = IN_PLACE[name]
    x = tensor([1.0, 2.0, 3.0], requires_grad=True)
    h = x * 1

    assert call(h) is h
    h.sum().backward()

    assert h.tolist() == numbers
    assert x.grad.tolist() == slopes


def test_scatter_combines_with_reduce():
    x = tensor([1.0, 2.0])

    assert x.scatter(0, tensor([1, 1]), 3.0, reduce="add").tolist() == [1, 8]
    assert x.scatter(0, tensor([1, 1]), tensor([3.0, 4.0]), reduce="multiply").tolist() == [1, 24]
    assert x.scatter(0, tensor([0]), value=5).tolist() == [5, 2]
