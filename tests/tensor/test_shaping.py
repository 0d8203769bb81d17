"""The methods that only move numbers, and cat and stack: shapes, gradients, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.tensor.creation import zeros
from tinygrad_edu.tensor.functions.joining import cat, stack
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.testing import check_gradients

X = np.random.default_rng(0).normal(size=(2, 3, 4))
x2 = tensor(np.ones((2, 3)))


def leaf(data, **options):
    return tensor(data, requires_grad=True, **options)


# Shapes.

SHAPES = {
    "reshape": (lambda x: x.reshape(6, -1), (6, 4)),
    "reshape of a tuple": (lambda x: x.reshape((4, 6)), (4, 6)),
    "reshape of a list": (lambda x: x.reshape([24]), (24,)),
    "view": (lambda x: x.view(3, 8), (3, 8)),
    "flatten": (lambda x: x.flatten(), (24,)),
    "flatten from 1": (lambda x: x.flatten(1), (2, 12)),
    "flatten to 1": (lambda x: x.flatten(0, 1), (6, 4)),
    "permute": (lambda x: x.permute(2, 0, 1), (4, 2, 3)),
    "permute of a tuple": (lambda x: x.permute((-1, 1, 0)), (4, 3, 2)),
    "transpose": (lambda x: x.transpose(0, -1), (4, 3, 2)),
    "swapaxes": (lambda x: x.swapaxes(0, 1), (3, 2, 4)),
    "T": (lambda x: x.T, (4, 3, 2)),
    "mT": (lambda x: x.mT, (2, 4, 3)),
    "t": (lambda x: x[0].t(), (4, 3)),
    "t of a vector": (lambda x: x[0, 0].t(), (4,)),
    "squeeze": (lambda x: x[None, :, :1].squeeze(), (2, 4)),
    "squeeze of a dim": (lambda x: x[None, :, :1].squeeze(0), (2, 1, 4)),
    "squeeze of a larger dim": (lambda x: x.squeeze(0), (2, 3, 4)),
    "squeeze of dims": (lambda x: x[None, :, :1].squeeze((0, 2)), (2, 4)),
    "unsqueeze": (lambda x: x.unsqueeze(-1), (2, 3, 4, 1)),
    "unsqueeze in front": (lambda x: x.unsqueeze(0), (1, 2, 3, 4)),
    "expand": (lambda x: x.expand(5, -1, 3, 4), (5, 2, 3, 4)),
    "expand of size 1": (lambda x: x[:1].expand(5, 3, 4), (5, 3, 4)),
    "index": (lambda x: x[1], (3, 4)),
    "slice": (lambda x: x[:, ::2, -1], (2, 2)),
    "ellipsis": (lambda x: x[..., None, 0], (2, 3, 1)),
    "list": (lambda x: x[[0, 0, 1]], (3, 3, 4)),
    "two lists": (lambda x: x[[0, 1], [2, 2]], (2, 4)),
    "empty list": (lambda x: x[[]], (0, 3, 4)),
    "tensor of indices": (lambda x: x[:, tensor([0, 2])], (2, 2, 4)),
    "one index as tensor": (lambda x: x[tensor(1)], (3, 4)),
    "one index as array": (lambda x: x[np.array(1)], (3, 4)),
    "one truth as tensor": (lambda x: x[tensor(True)], (1, 2, 3, 4)),
    "mask": (lambda x: x[tensor(X > 0)], (int((X > 0).sum()),)),
    "slice by tensor": (lambda x: x[: tensor(1)], (1, 3, 4)),
    "gather": (lambda x: x.gather(1, tensor(np.zeros((2, 5, 4), int))), (2, 5, 4)),
    "gather nothing": (lambda x: x.gather(0, np.zeros((0, 3, 4), int)), (0, 3, 4)),
}


@pytest.mark.parametrize("name", SHAPES)
def test_moving_numbers_gives_the_shape_and_the_gradient(name):
    call, shape = SHAPES[name]

    assert call(tensor(X)).shape == shape
    check_gradients(call, X, order=2)


def test_a_single_number_has_all_these_shapes_too():
    x = tensor(2.0)

    assert [x.flatten().shape, x.unsqueeze(0).shape, x.squeeze().shape, x.T.shape] == [(1,), (1,), (), ()]
    assert [x.expand(3).shape, x.reshape(1, 1).shape, x[None].shape, x[...].shape] == [(3,), (1, 1), (1,), ()]
    assert [x.sum(0).shape, x.softmax(0).shape, x.transpose(0, -1).shape] == [(), (), ()]


def test_gather_is_pytorchs():
    x, index = tensor([[1.0, 2.0], [3.0, 4.0]]), tensor([[0, 0], [1, 0]])

    assert x.gather(0, index).tolist() == [[1, 2], [3, 2]]
    assert x.gather(1, index).tolist() == [[1, 1], [4, 3]]


def test_rows_can_be_counted_and_walked_through():
    x = tensor([[1.0, 2.0], [3.0, 4.0]])

    assert len(x) == 2
    assert [row.tolist() for row in x] == [[1, 2], [3, 4]]


# cat and stack.


def test_cat_and_stack_take_tensors_arrays_and_lists():
    x = leaf([1.0, 2.0])

    assert cat([x, np.array([3.0]), [4.0, 5.0], (6.0,)]).tolist() == [1, 2, 3, 4, 5, 6]
    assert stack([[3.0, 4.0], x, (5.0, 6.0)]).tolist() == [[3, 4], [1, 2], [5, 6]]
    assert stack((x, x), dim=-1).tolist() == [[1, 1], [2, 2]]
    assert stack([tensor(1.0), tensor(2.0)]).tolist() == [1, 2]


def test_gradients_of_cat_and_stack():
    check_gradients(lambda x, y: cat([x, y, x], dim=-1), X[0], X[1], order=2)
    check_gradients(lambda x, y: stack([x, y, x], dim=1), X[0], X[1], order=2)


# Refusals.

REFUSED = [
    (lambda: x2.reshape(2.0, 3), TypeError, r"reshape needs whole numbers, got \(2.0, 3\)"),
    (lambda: x2.view("a"), TypeError, r"view needs whole numbers, got \('a',\)"),
    (lambda: x2.expand(3, 3), ValueError, r"expand cannot take shape \(2, 3\), shape=\(3, 3\)"),
    (lambda: x2.permute(0), ValueError, r"permute needs all 2 dimensions, got \(0,\)"),
    (lambda: x2.permute(0, 0), ValueError, "permute needs every dim once"),
    (lambda: x2.transpose(0, 2), IndexError, "transpose needs dim between -2 and 1, got 2"),
    (lambda: x2.flatten(1, 0), ValueError, "flatten needs start_dim before end_dim, got 1 and 0"),
    (lambda: x2.unsqueeze(3), IndexError, "unsqueeze needs dim between -3 and 2, got 3"),
    (
        lambda: tensor(X).t(),
        ValueError,
        r"t needs a matrix or a vector, got shape \(2, 3, 4\); use mT or transpose",
    ),
    (
        lambda: x2.gather(0, [0]),
        ValueError,
        r"gather needs index of 2 dimensions, got shape \(1,\) for \(2, 3\)",
    ),
    (
        lambda: x2.gather(0, [[0.5]]),
        TypeError,
        r"gather needs an index of whole numbers \(int64\), got float64; use index.long\(\)",
    ),
    (
        lambda: len(tensor(1.0)),
        TypeError,
        "len needs at least one dimension, but the tensor is a single number",
    ),
    (lambda: list(tensor(1.0)), TypeError, "len needs at least one dimension"),
    (lambda: [*tensor(1.0)], TypeError, r"len needs at least one .* is a single number; use item\(\)"),
    (
        lambda: x2.gather(1, [[3]]),
        IndexError,
        "gather needs indices from 0 to 2 in dim 1 of size 3, got 3",
    ),
    (
        lambda: x2.gather(0, tensor([[-1, 1]])),
        IndexError,
        "gather needs indices from 0 to 1 in dim 0 of size 2, got -1",
    ),
    (lambda: cat([]), TypeError, r"cat needs a list with at least one Tensor, got \[\]"),
    (lambda: stack([[1.0]]), TypeError, "stack needs a list with at least one Tensor"),
    (
        lambda: cat([x2, 1.0]),
        TypeError,
        r"cat needs Tensors and arrays, got .*; write a number x as tensor\(x\)",
    ),
    (lambda: cat([x2, x2], 2), IndexError, "cat needs dim between -2 and 1, got 2"),
    (lambda: cat([x2, x2.T]), ValueError, r"cat cannot take shape \(2, 3\) and shape \(3, 2\), dim=0"),
    (lambda: stack([x2, x2.T]), ValueError, r"stack needs tensors of one shape, got \(2, 3\), \(3, 2\)"),
    (lambda: stack([x2, x2], 3), IndexError, "stack needs dim between -3 and 2, got 3"),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_wrong_arguments_are_refused_with_what_was_wanted(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("empty", [zeros(0), np.zeros(0), []], ids=["tensor", "array", "list"])
def test_an_empty_vector_may_stand_beside_anything_in_cat(empty):
    x = leaf(np.ones((2, 3)))

    joined = cat([empty, x], 1)
    joined.sum().backward()

    assert joined.shape == (2, 3)
    assert x.grad.tolist() == [[1, 1, 1]] * 2
    assert cat([zeros(0), tensor([])]).shape == (0,)


@pytest.mark.parametrize("strange", ["a", None])
def test_a_tensor_contains_numbers_only(strange):
    with pytest.raises(TypeError, match="a tensor contains numbers only, not "):
        assert strange in x2
