"""What Tensors and Values have in common: inputs, edges, and the share of a gradient that an edge carries."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import Value, tensor
from tinygrad_edu.ops.elementwise import where


def leaf(data):
    return tensor(data, requires_grad=True)


def of_one(x):
    return x.exp(), (x,)


def of_two(x):
    return 3 * x, (3, x)


@pytest.mark.parametrize("kind", [leaf, Value])
@pytest.mark.parametrize("build", [of_one, of_two])
def test_a_node_knows_its_inputs_in_their_order(build, kind):
    y, inputs = build(kind(2.0))

    assert y.inputs == inputs


@pytest.mark.parametrize("kind", [leaf, Value])
def test_a_leaf_has_neither_inputs_nor_edges(kind):
    x = kind(2.0)

    assert (x.inputs, list(x.edges())) == ((), [])


def test_three_inputs_are_kept_too():
    condition, x, y = tensor([True]), leaf([1.0]), leaf([2.0])

    assert where(condition, x, y).inputs == (condition, x, y)


def test_edges_lead_to_the_inputs_that_get_a_gradient():
    condition, x, constant = tensor([True]), leaf([1.0]), tensor([2.0])

    assert list(where(condition, x, constant).edges()) == [(1, x)]
    assert list((x * x).edges()) == [(0, x), (1, x)]


def test_every_value_gets_a_gradient_and_no_plain_number_does():
    x = Value(2.0)

    assert list((5 / x).edges()) == [(1, x)]


def test_a_share_is_a_raw_array_of_the_shape_and_dtype_of_its_input():
    row, column = leaf([[1.0, 2.0, 3.0]]), leaf([[1.0], [2.0]])

    (_, to_row), (_, to_column) = (row * column).shares(np.ones((2, 3)))
    ((_, to_double),) = row.float().shares(np.ones((1, 3), np.float32))

    assert (to_row.tolist(), to_column.tolist()) == ([[3, 3, 3]], [[6], [6]])
    assert (to_double.tolist(), to_double.dtype) == ([[1, 1, 1]], np.float64)


def test_a_share_may_be_taken_by_another_rule():
    x = leaf([3.0])

    assert (x * x).share(0, np.array([1.0]), lambda g, _z, _x, _y: g * 7).tolist() == [7]
    assert Value(3.0).exp().share(0, 1.0, lambda g, _y, x: g * x) == 3


def test_a_value_of_up_to_two_inputs_fills_slots_alone():
    x = Value(3.0)

    assert [vars(y) for y in (x.exp(), x * x, -x)] == [{}, {}, {}]
