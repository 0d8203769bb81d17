"""The PyTorch-named methods: their shapes, their defaults, and what they say about wrong arguments."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.reductions import Extreme
from tinygrad_edu.shaping import cat, stack
from tinygrad_edu.tensor import Tensor, tensor
from tinygrad_edu.testing import check_gradients

X = np.random.default_rng(0).normal(size=(2, 3, 4))


def leaf(data, **options):
    return tensor(data, requires_grad=True, **options)


# Values: against NumPy.

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


REDUCTIONS = {
    "sum": np.sum,
    "mean": np.mean,
    "amax": np.max,
    "amin": np.min,
    "var": lambda x, axis, keepdims: np.var(x, axis=axis, keepdims=keepdims, ddof=1),
    "std": lambda x, axis, keepdims: np.std(x, axis=axis, keepdims=keepdims, ddof=1),
    "logsumexp": lambda x, axis, keepdims: np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims)),
}


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", [None, 0, -1, (0, 2), [1, -1]], ids=str)
@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_take_dim_and_keepdim_or_axis_and_keepdims(name, dim, keepdim):
    expected = REDUCTIONS[name](X, axis=tuple(dim) if isinstance(dim, list) else dim, keepdims=keepdim)

    for names in [{"dim": dim, "keepdim": keepdim}, {"axis": dim, "keepdims": keepdim}]:
        result = getattr(tensor(X), name)(**names)
        assert result.shape == expected.shape
        np.testing.assert_allclose(result.raw, expected, rtol=1e-13)


@pytest.mark.parametrize("name", ["sum", "mean", "amax", "amin", "max", "min"])
def test_without_dim_everything_is_reduced(name):
    assert getattr(tensor(X), name)().shape == ()


@pytest.mark.parametrize("name", ["var", "std"])
@pytest.mark.parametrize(
    ("options", "ddof"), [({"correction": 0}, 0), ({"unbiased": False}, 0), ({"unbiased": True}, 1)]
)
def test_spread_can_be_corrected(name, options, ddof):
    np.testing.assert_allclose(
        getattr(tensor(X), name)(1, **options).raw, getattr(np, name)(X, axis=1, ddof=ddof)
    )


@pytest.mark.parametrize("name", ["var", "std"])
def test_gradients_of_spread(name):
    check_gradients(lambda x: getattr(x, name)((0, 2)), X, order=2, rtol=1e-5)


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_positions_are_numpys(name):
    for names in [{}, {"dim": 1}, {"axis": -1}, {"dim": 0, "keepdim": True}]:
        expected = getattr(np, name)(
            X, axis=names.get("dim", names.get("axis")), keepdims=names.get("keepdim", False)
        )
        np.testing.assert_array_equal(getattr(tensor(X), name)(**names).raw, expected)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_takes_dim_or_axis(name):
    assert getattr(tensor(X), name)(dim=1).tolist() == getattr(tensor(X), name)(axis=-2).tolist()
    np.testing.assert_allclose(tensor(X).softmax(1).sum(1).raw, 1)


def test_dim_and_axis_together_are_refused():
    with pytest.raises(TypeError, match="var needs dim or axis, got both"):
        tensor(X).var(dim=0, axis=0)


# max and min.


def test_max_of_a_dim_gives_values_and_the_first_position():
    x = leaf([[1.0, 5.0, 5.0], [7.0, 0.0, 7.0]])

    found = x.max(1)
    found.values.sum().backward()

    assert isinstance(found, Extreme)
    assert (found.values.tolist(), found.indices.tolist()) == ([5, 7], [1, 0])
    assert x.grad.tolist() == [[0, 1, 0], [1, 0, 0]]


def test_min_of_a_dim_gives_values_and_the_first_position():
    values, indices = tensor([[1.0, 5.0], [7.0, 0.0]]).min(0, keepdim=True)

    assert (values.tolist(), indices.tolist()) == ([[1, 0]], [[0, 1]])


@pytest.mark.parametrize("name", ["max", "min"])
def test_extremes_with_pytorchs_and_numpys_arguments(name):
    x = tensor(X)

    assert getattr(x, name)(-1, True).values.shape == (2, 3, 1)
    assert getattr(x, name)(-1, keepdims=True).indices.shape == (2, 3, 1)
    assert getattr(x, name)(axis=1, keepdims=True).shape == (2, 1, 4)
    assert getattr(tensor(3.0), name)(0).values.item() == 3
    assert getattr(tensor(np.zeros((0, 3))), name)(1).values.shape == (0,)
    np.testing.assert_array_equal(getattr(x, name)(tensor(0.0)).raw, getattr(np, f"{name}imum")(X, 0))
    np.testing.assert_array_equal(getattr(x, f"{name}imum")(0.0).raw, getattr(np, f"{name}imum")(X, 0))


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

    assert cat([x, np.array([3.0]), [4.0, 5.0]]).tolist() == [1, 2, 3, 4, 5]
    assert stack([[3.0, 4.0], x]).tolist() == [[3, 4], [1, 2]]
    assert stack((x, x), dim=-1).tolist() == [[1, 1], [2, 2]]
    assert stack([tensor(1.0), tensor(2.0)]).tolist() == [1, 2]


def test_gradients_of_cat_and_stack():
    check_gradients(lambda x, y: cat([x, y, x], dim=-1), X[0], X[1], order=2)
    check_gradients(lambda x, y: stack([x, y, x], dim=1), X[0], X[1], order=2)


# Refusals.

x2 = tensor(np.ones((2, 3)))
REFUSED = [
    (lambda: x2.sum(2), IndexError, "sum needs dim between -2 and 1, got 2; the dimensions are counted"),
    (lambda: x2.mean(-3), IndexError, "mean needs dim between -2 and 1, got -3"),
    (lambda: tensor(1.0).sum(1), IndexError, "sum needs dim between -1 and 0, got 1"),
    (lambda: x2.sum(1.0), TypeError, "sum needs dim as a whole number, got 1.0"),
    (lambda: x2.amax("0"), TypeError, "amax needs dim as a whole number, got '0'"),
    (lambda: x2.var(True), TypeError, "var needs dim as a whole number, got True"),
    (lambda: x2.sum((0, 0)), ValueError, r"sum needs every dim once, got \(0, 0\)"),
    (lambda: x2.sum((0, -2)), ValueError, r"sum needs every dim once, got \(0, -2\)"),
    (lambda: x2.softmax(2), IndexError, "softmax needs dim between -2 and 1, got 2"),
    (lambda: x2.argmax(5), IndexError, "argmax needs dim between -2 and 1, got 5"),
    (lambda: x2.max(5), IndexError, "max needs dim between -2 and 1, got 5"),
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
        r"gather needs whole numbers in 2 dimensions, got int64 of shape \(1,\)",
    ),
    (lambda: x2.gather(0, [[0.5]]), ValueError, "gather needs whole numbers in 2 dimensions, got float64"),
    (
        lambda: len(tensor(1.0)),
        TypeError,
        "len needs at least one dimension, but the tensor is a single number",
    ),
    (lambda: list(tensor(1.0)), TypeError, "len needs at least one dimension"),
    (lambda: x2[[0.5]], IndexError, r"an index needs whole numbers or booleans, got float64; use x.long\(\)"),
    (lambda: x2[5], IndexError, r"take cannot take shape \(2, 3\), index=5"),
    (lambda: x2["a"], IndexError, "take cannot take .* index='a'"),
    (lambda: x2[0, 0, 0], IndexError, r"take cannot take .* index=\(0, 0, 0\)"),
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
