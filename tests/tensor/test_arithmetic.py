"""Operators and functions of each number, clamp and where, and products: the numbers are NumPy's."""

from __future__ import annotations

import operator

import numpy as np
import pytest

from tinygrad_edu import add, sub
from tinygrad_edu.tensor.tensor import Tensor, tensor

X = np.random.default_rng(0).normal(size=(2, 3, 4))


def leaf(data, **options):
    return tensor(data, requires_grad=True, **options)


SAME_NAME = ["abs", "exp", "log1p", "sqrt", "sin", "cos", "tanh", "sign", "round", "square"]


@pytest.mark.parametrize("name", SAME_NAME)
def test_functions_of_each_number_are_numpys(name):
    x = np.abs(X) if name in ("log1p", "sqrt") else X

    np.testing.assert_array_equal(getattr(tensor(x), name)().raw, getattr(np, name)(x))


OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
    "@": lambda a, b: a @ b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


@pytest.mark.parametrize("name", OPERATORS)
def test_operators_take_tensors_arrays_and_lists_on_either_side(name):
    a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[4.0, 2.0], [2.0, 1.0]])
    expected = OPERATORS[name](a, b)

    for left, right in [(tensor(a), tensor(b)), (tensor(a), b), (a, tensor(b)), (a.tolist(), tensor(b))]:
        result = OPERATORS[name](left, right)
        assert isinstance(result, Tensor)
        assert result.dtype == expected.dtype
        np.testing.assert_array_equal(result.raw, expected)


@pytest.mark.parametrize("name", [name for name in OPERATORS if name != "@"])
def test_operators_take_numbers_on_either_side(name):
    a = np.array([1.0, 2.0])

    np.testing.assert_array_equal(OPERATORS[name](tensor(a), 2).raw, OPERATORS[name](a, 2))
    np.testing.assert_array_equal(OPERATORS[name](2, tensor(a)).raw, OPERATORS[name](2, a))


def test_unary_operators():
    x = tensor([1.0, -2.0])

    assert ((-x).tolist(), (+x).tolist(), abs(x).tolist()) == ([-1, 2], [1, -2], [1, 2])


def test_named_arithmetic():
    x, y = tensor([1.0, 2.0]), tensor([3.0, 5.0])

    assert x.add(y, alpha=2).tolist() == x.add([3.0, 5.0], alpha=2).tolist() == [7, 12]
    assert x.sub(y, alpha=0.5).tolist() == x.sub([3.0, 5.0], alpha=0.5).tolist() == [-0.5, -0.5]
    assert (x.mul(y).tolist(), x.div(4).tolist(), x.pow(2).tolist(), x.neg().tolist()) == (
        [3, 10],
        [0.25, 0.5],
        [1, 4],
        [-1, -2],
    )


# clamp and where.


def test_clamp_passes_the_gradient_where_nothing_was_cut_off_bounds_included():
    x = leaf([-1.0, 0.0, 0.5, 1.0, 2.0])

    y = x.clamp(0, 1)
    y.sum().backward()

    assert y.tolist() == [0, 0, 0.5, 1, 1]
    assert x.grad.tolist() == [0, 1, 1, 1, 0]


def test_clamp_by_tensors_passes_the_gradient_to_them_too():
    x, low, high = leaf([-1.0, 5.0, 1.0]), leaf([0.0, 0.0, 0.0]), leaf(2.0)

    x.clamp(low, high).sum().backward()

    assert (x.grad.tolist(), low.grad.tolist(), high.grad.item()) == ([0, 0, 1], [1, 0, 0], 1)


def test_clamp_needs_a_bound():
    assert (tensor([3.0]).clamp(max=1).tolist(), tensor([3.0]).clamp(min=4).tolist()) == ([1], [4])
    with pytest.raises(ValueError, match="clamp needs min or max or both"):
        tensor(1.0).clamp()


def test_where_keeps_self_where_the_condition_holds():
    x = leaf([1.0, 2.0])

    y = x.where(np.array([True, False]), 9)
    y.sum().backward()

    assert (y.tolist(), x.grad.tolist()) == ([1, 9], [1, 0])


# Products.


def test_products():
    a, b, v = X[0], X[1].T, X[0, 0]

    np.testing.assert_allclose(tensor(a).mm(tensor(b)).raw, a @ b)
    np.testing.assert_allclose(tensor(a).matmul(b).raw, a @ b)
    np.testing.assert_allclose(tensor(X).bmm(tensor(X).mT).raw, X @ X.swapaxes(1, 2))
    np.testing.assert_allclose(tensor(v).dot(tensor(v)).raw, v @ v)
    np.testing.assert_allclose(tensor(v).outer(tensor(v[:2])).raw, np.outer(v, v[:2]))


@pytest.mark.parametrize(
    ("name", "left", "right", "what"),
    [
        ("mm", (2, 3), (3,), "two matrices"),
        ("mm", (5, 2, 3), (5, 3, 2), "two matrices"),
        ("bmm", (2, 3), (3, 2), "two stacks of matrices"),
        ("outer", (2, 3), (3,), "two vectors"),
    ],
)
def test_products_of_other_shapes_are_refused(name, left, right, what):
    with pytest.raises(ValueError, match=f"{name} needs {what}, got shapes .*; see matmul"):
        getattr(tensor(np.ones(left)), name)(tensor(np.ones(right)))


@pytest.mark.parametrize("number", [3, 2.5])
def test_matmul_with_a_number_is_refused(number):
    with pytest.raises(ValueError, match="matmul cannot take"):
        tensor([1.0]) @ number
    with pytest.raises(ValueError, match="matmul cannot take"):
        number @ tensor([1.0])


def test_a_number_is_in_a_tensor_if_one_of_its_numbers_is_equal():
    x = tensor([[1.0, 5.0], [2.0, 4.0]])

    assert (4.0 in x, 5 in x, np.float32(2) in x, tensor(1.0) in x) == (True, True, True, True)
    assert (3.0 in x, 1 in tensor([])) == (False, False)


LOGICAL = {"&": [1, 0, 0, 0], "|": [1, 1, 1, 0], "^": [0, 1, 1, 0]}


@pytest.mark.parametrize(("name", "expected"), LOGICAL.items(), ids=LOGICAL)
def test_masks_combine_from_either_side(name, expected):
    combine = getattr(operator, {"&": "and_", "|": "or_", "^": "xor"}[name])
    a, b = np.array([True, True, False, False]), np.array([True, False, True, False])

    for x, y in [(tensor(a), tensor(b)), (tensor(a), b), (a, tensor(b))]:
        assert (combine(x, y).dtype, combine(x, y).tolist()) == (np.bool_, expected)


def test_a_mask_can_be_turned_round():
    mask = tensor([-1.0, 1.0, 3.0]) > 0

    assert (~mask).tolist() == [True, False, False]
    assert (~tensor([0, 1])).tolist() == [-1, -2]
    assert tensor([True, False]).sign().tolist() == [True, False]


@pytest.mark.parametrize("other", [tensor([2, 3]), tensor([True, False]), tensor(2), 2, np.array([2, 3])])
@pytest.mark.parametrize("call", [add, sub])
def test_a_factor_of_whole_numbers_leaves_the_dtype_of_the_floats(call, other):
    x = tensor(np.float32([1.0, 2.0]))

    assert call(x, other, alpha=0.5).dtype == np.float32
    np.testing.assert_allclose(call(x, other, alpha=0.5), call(x, 0.5 * np.asarray(other)))
