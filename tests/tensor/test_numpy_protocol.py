"""NumPy's functions on Tensors, and the paper's own functions, pasted unchanged."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.tensor.tensor import Tensor, tensor
from tinygrad_edu.testing import check_gradients

X = np.random.default_rng(0).uniform(0.1, 1, size=(2, 3))


# From the paper (exam2), unchanged.
# fmt: off
def sigmoid(x: float, deriv: bool = False):
    if deriv:
        vals = sigmoid(x, deriv=False)*(1-sigmoid(x, deriv=False))
        return np.array([np.diag(val) for val in vals])
    else:  # noqa: RET505 - unchanged
        return 1/(1 + np.exp(-x))


def loss_bce(yhat, Y):
    eps = 1e-10
    return -Y*np.log(yhat + eps) - (1-Y)*np.log(1-yhat+eps)
# fmt: on


def test_the_papers_sigmoid_takes_tensors():
    x = tensor(X, requires_grad=True)

    y = sigmoid(x)
    y.sum().backward()

    s = 1 / (1 + np.exp(-X))
    np.testing.assert_allclose(y.raw, s, rtol=1e-15)
    np.testing.assert_allclose(x.grad.raw, s * (1 - s), rtol=1e-14)


def test_the_papers_jacobians_take_tensors_without_gradient():
    jacobians = sigmoid(tensor(X), deriv=True)

    s = 1 / (1 + np.exp(-X))
    assert jacobians.dtype == np.float64
    np.testing.assert_allclose(jacobians, [np.diag(row) for row in s * (1 - s)], rtol=1e-14)


def test_the_papers_network_and_loss_give_the_gradients_of_its_weights():
    x = np.array([[1, 2, 3, 0], [2, 4, 1, 0], [4, 3, 2, 0]])
    y = np.array([[0], [1], [1]])
    w1, w2 = tensor(np.ones((4, 3)), requires_grad=True), tensor(np.ones((3, 1)), requires_grad=True)

    hidden = sigmoid(x @ w1 + np.zeros((1, 3)))
    loss = np.mean(loss_bce(sigmoid(hidden @ w2 + np.zeros((1, 1))), y))
    loss.backward()

    np.testing.assert_allclose(w1.grad.raw[:, 0], [0.000746, 0.001502, 0.00233, 0], atol=5e-7)
    np.testing.assert_allclose(w1.grad.raw, np.tile(w1.grad.raw[:, :1], 3))
    h = 1 / (1 + np.exp(-x @ np.ones((4, 3))))
    yhat = 1 / (1 + np.exp(-h @ np.ones((3, 1))))
    np.testing.assert_allclose(w2.grad.raw, h.T @ (yhat - y) / 3, rtol=1e-8)


def test_the_papers_loss_has_right_gradients_twice():
    check_gradients(lambda p: loss_bce(p, np.array([[0], [1]])), X, order=2, rtol=1e-5)


# Operators with NumPy on the left.


@pytest.mark.parametrize("number", [np.float64(2), np.float32(2), np.int64(2), np.array(2.0)], ids=repr)
def test_a_numpy_number_on_the_left_gives_a_tensor(number):
    t = tensor([1.0, 2.0], requires_grad=True)

    for result, slope in [
        (number * t, 2),
        (number + t, 1),
        (number - t, -1),
        (number / t, -2),
        (number**t, 2 * np.log(2)),
    ]:
        t.zero_grad()
        result.sum().backward()
        assert isinstance(result, Tensor)
        assert result.dtype == np.float64
        assert t.grad.raw[0] == pytest.approx(slope)


def test_a_numpy_number_does_not_widen_float32():
    assert (np.float64(2) * tensor(np.ones(2, "float32"))).dtype == np.float32


def test_an_array_on_the_left_gives_a_tensor_never_an_array_of_objects():
    t = tensor([[1.0], [2.0], [3.0]], requires_grad=True)

    for result in [X @ t, X + t.T, X * t.T, X - t.T, X / t.T, X**t.T, X == t.T, X > t.T]:
        assert isinstance(result, Tensor)
        assert result.dtype != object
        assert result.shape in ((2, 1), (2, 3))


def test_an_array_cannot_be_added_to_in_place():
    a, t = np.ones(2), tensor([1.0, 2.0], requires_grad=True)

    with pytest.raises(TypeError, match=r"np.add cannot write a Tensor into an array .*; write x = x \+ y"):
        a += t
    with pytest.raises(TypeError, match=r"np.multiply cannot write a Tensor into an array"):
        np.multiply(t, 2, out=a)


# Functions: each against NumPy's own on arrays, and its gradient.

SAME = {
    "exp": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "abs": np.abs,
    "negative": np.negative,
    "positive": np.positive,
    "square": np.square,
    "add": lambda x: np.add(x, x),
    "subtract": lambda x: np.subtract(1, x),
    "multiply": lambda x: np.multiply(x, [[1.0], [2.0]]),
    "divide": lambda x: np.divide(x, 3),
    "power": lambda x: np.power(x, 3),
    "maximum": lambda x: np.maximum(x, 0.05),
    "minimum": lambda x: np.minimum(x, 5),
    "logaddexp": lambda x: np.logaddexp(x, 1 - x),
    "matmul": lambda x: np.matmul(x, x.T),
    "sum": np.sum,
    "sum axis": lambda x: np.sum(x, axis=0, keepdims=True),
    "mean": np.mean,
    "mean axis": lambda x: np.mean(x, axis=0),
    "mean second": lambda x: np.mean(x, 1),
    "max": lambda x: np.max(x, axis=1),
    "min": np.min,
    "amax": lambda x: np.amax(x, 0),
    "var": lambda x: np.var(x, axis=1),
    "var ddof": lambda x: np.var(x, ddof=1),
    "std": lambda x: np.std(x, axis=0, keepdims=True),
    "clip": lambda x: np.clip(x, 0.05, None),
    "clip both": lambda x: np.clip(x, 0.01, 7),
    "reshape": lambda x: np.reshape(x, (3, 2)),
    "reshape one": lambda x: np.reshape(x, -1),
    "ravel": np.ravel,
    "transpose": np.transpose,
    "transpose axes": lambda x: np.transpose(x, (1, 0)),
    "swapaxes": lambda x: np.swapaxes(x, 0, 1),
    "squeeze": lambda x: np.squeeze(np.expand_dims(x, 1)),
    "expand_dims": lambda x: np.expand_dims(x, -1),
    "broadcast_to": lambda x: np.broadcast_to(x, (4, 2, 3)),
    "dot": lambda x: np.dot(x, [1.0, 2.0, 3.0]),
    "dot of numbers": lambda x: np.dot(2.0, x),
    "dot of matrices": lambda x: np.dot(x, np.ones((3, 4))),
    "outer": lambda x: np.outer(x, [1.0, 2.0]),
    "outer of a list": lambda x: np.outer([1, 2], x),
    "diag of a vector": lambda x: np.diag(x[0]),
    "diag of a matrix": np.diag,
    "diag beside the main one": lambda x: np.diag(x, 1),
    "where": lambda x: np.where(X > 0.5, x, 2 * x),
    "where array": lambda x: np.where(X > 0.5, X, x),
    "concatenate": lambda x: np.concatenate([x, x]),
    "concatenate axis": lambda x: np.concatenate([X, x], axis=1),
    "stack": lambda x: np.stack([x, X, x], axis=1),
    "copy": np.copy,
    "add.reduce": np.add.reduce,
    "arctan2": lambda x: np.arctan2(x, 0.5),
    "arcsinh": np.arcsinh,
    "remainder": lambda x: x % 0.7,
    "fmod": lambda x: np.fmod(x, 0.7),
    "floor_divide": lambda x: np.floor_divide(x, 0.7),
    "sign": np.sign,
    "maximum.reduce": lambda x: np.maximum.reduce(x, axis=1),
}


@pytest.mark.parametrize("name", SAME)
def test_numpys_function_gives_a_tensor_with_the_same_numbers_and_a_gradient(name):
    function = SAME[name]

    result = function(tensor(X, requires_grad=True))

    assert isinstance(result, Tensor)
    assert result.requires_grad
    np.testing.assert_allclose(result.raw, function(X), rtol=1e-13)
    check_gradients(function, X)


NO_SLOPE = {
    "round": np.round,
    "round decimals": lambda x: np.round(x, 1),
    "argmax": np.argmax,
    "argmin axis": lambda x: np.argmin(x, axis=1),
    "equal": lambda x: np.equal(x, X),
    "greater": lambda x: np.greater(x, 0.5),
    "isnan": np.isnan,
    "isfinite": np.isfinite,
    "isinf": np.isinf,
    "shape": np.shape,
    "ndim": np.ndim,
    "size": np.size,
    "zeros_like": np.zeros_like,
    "ones_like": np.ones_like,
    "zeros_like dtype": lambda x: np.zeros_like(x, dtype=int),
    "allclose": lambda x: np.allclose(x, X),
    "array_equal": lambda x: np.array_equal(x, X),
    "isclose": lambda x: np.isclose(x, X + 1),
}


@pytest.mark.parametrize("name", NO_SLOPE)
def test_questions_are_answered_as_numpy_does(name):
    np.testing.assert_array_equal(
        np.asarray(NO_SLOPE[name](tensor(X, requires_grad=True))), NO_SLOPE[name](X)
    )


LOST = {
    "np.unique": np.unique,
    "np.interp": lambda x: np.interp(0.3, [0.0, 1.0], x[0, :2]),
    "np.insert": lambda x: np.insert(x, 1, 2.0),
    "np.fft.rfft": np.fft.rfft,
    "np.spacing": np.spacing,
    "np.add.reduceat": lambda x: np.add.reduceat(x, [0, 1]),
    "np.exp": lambda x: np.exp(x, where=X > 0.5),
    "np.var with mean": lambda x: np.var(x, mean=0.5),
}


@pytest.mark.parametrize("name", LOST)
def test_a_function_without_a_rule_refuses_to_lose_a_gradient(name):
    with pytest.raises(
        NotImplementedError, match=rf"{name} has no gradient rule here; write it .* or use x.detach\(\)"
    ):
        LOST[name](tensor(X, requires_grad=True))


@pytest.mark.parametrize("name", [name for name in LOST if name != "np.exp"])
def test_a_function_without_a_rule_gives_numpys_result_where_nothing_is_lost(name):
    result = LOST[name](tensor(X))

    assert isinstance(result, np.ndarray | np.generic)
    np.testing.assert_array_equal(result, LOST[name](X))


def test_where_with_a_condition_only_gives_positions():
    assert [part.tolist() for part in np.where(tensor([0.0, 1.0, 2.0]) > 0.5)] == [[1, 2]]


def test_an_array_of_tensors_becomes_an_array_of_numbers():
    rows = np.array([tensor([1.0, 2.0]), tensor([3.0, 4.0])])

    assert rows.dtype == np.float64
    assert rows.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    "made",
    [lambda x: np.array([x, x]), lambda x: np.array([x[0], x[1]]), np.asarray, lambda x: np.full(2, x[0])],
)
def test_an_array_of_tensors_with_a_graph_is_refused(made):
    x = tensor([1.0, 2.0], requires_grad=True)

    with pytest.raises(RuntimeError, match=r"NumPy would lose the graph .* stack\(\[...\]\)"):
        made(x)


OVERWRITING = {
    "copyto": lambda x: np.copyto(x, 5.0),
    "put": lambda x: np.put(x, 0, 5.0),
    "place": lambda x: np.place(x, [True, False], [5.0]),
    "fill_diagonal": lambda x: np.fill_diagonal(x.reshape(1, 2), 5.0),
    "trim_zeros": lambda x: np.trim_zeros(x).fill(5.0),
    "clip with out": lambda x: np.clip(x, 0, 0.5, out=x),
}


@pytest.mark.parametrize("name", OVERWRITING)
def test_numpy_cannot_overwrite_a_tensor_behind_the_back_of_the_graph(name):
    x = tensor([1.0, 2.0])

    with pytest.raises(ValueError, match="read-only"):
        OVERWRITING[name](x)
    with pytest.raises(
        TypeError, match=r"np.add.at cannot overwrite the numbers of a Tensor; call it on an array"
    ):
        np.add.at(x, [0, 0], 1.0)
    assert x.tolist() == [1, 2]


MASK = X > 0.5
OPTIONS = {
    "all options": lambda x: np.add.reduce(x, axis=1, where=MASK, initial=2.0, keepdims=True),
    "axis None": lambda x: np.add.reduce(x, axis=None),
    "dtype": lambda x: np.add.reduce(x, dtype=np.float32),
    "axis and dtype by position": lambda x: np.add.reduce(x, 1, np.float32),
    "initial": lambda x: np.sum(x, axis=0, initial=1),
    "greatest": lambda x: np.maximum.reduce(x, where=MASK, initial=-9.0),
    "smallest": lambda x: np.minimum.reduce(x, axis=1, where=MASK, initial=9.0),
    "np.max where": lambda x: np.max(x, where=MASK, initial=-1.0),
    "np.max over two axes": lambda x: np.max(x, axis=(0, 1), keepdims=True),
    "np.mean over two axes": lambda x: np.mean(x, axis=(0, 1)),
    "np.amin initial": lambda x: np.amin(x, initial=0.3, axis=1),
    "np.concatenate of all": lambda x: np.concatenate([x, X[0]], axis=None),
}


@pytest.mark.parametrize("name", OPTIONS)
def test_options_of_reductions_mean_what_they_mean_on_arrays(name):
    expected = OPTIONS[name](X)
    x = tensor(X, requires_grad=True)

    found = OPTIONS[name](x)

    assert (found.shape, found.dtype, found.requires_grad) == (expected.shape, expected.dtype, True)
    np.testing.assert_allclose(found.raw, expected, rtol=1e-6 if found.dtype == np.float32 else 1e-14)
    if found.dtype == np.float64:
        check_gradients(OPTIONS[name], X)


LOGICAL = {
    "logical_and": lambda x: np.logical_and(x, X > 0.3),
    "logical_or": lambda x: np.logical_or(x > 0.5, X < 0.3),
    "logical_xor": lambda x: np.logical_xor(x, X > 0.3),
    "logical_not": np.logical_not,
    "any": lambda x: np.any(x > 0.5, axis=1),
    "all": lambda x: np.all(x > 0.2),
    "any where": lambda x: np.any(x > 0.9, where=MASK, keepdims=True),
    "logical_or.reduce": lambda x: np.logical_or.reduce(x > 0.5, axis=1),
    "logical_and.reduce": np.logical_and.reduce,
}


@pytest.mark.parametrize("name", LOGICAL)
def test_logical_functions_give_truth_values_and_no_gradient(name):
    found = LOGICAL[name](tensor(X, requires_grad=True))

    assert (found.dtype, found.requires_grad) == (np.bool_, False)
    np.testing.assert_array_equal(found.raw, LOGICAL[name](X))


@pytest.mark.parametrize("function", [np.max, np.mean, np.sum])
def test_a_list_of_tensors_is_an_array_of_numbers_or_is_refused(function):
    assert function([tensor([1.0, 2.0]), tensor([3.0, 4.0])]) == function([[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises(RuntimeError, match=r"NumPy would lose the graph .* stack"):
        function([tensor([1.0], requires_grad=True), tensor([2.0])])


@pytest.mark.parametrize("numbers", [[1.0, np.inf], [np.nan, 2.0], np.ones(2, "float32"), [True, False]])
def test_diag_has_zeros_beside_every_number(numbers):
    x = tensor(numbers)

    matrix = np.diag(x)

    np.testing.assert_array_equal(matrix.numpy(), np.diag(x.numpy()))
    assert matrix.dtype == x.dtype


def test_diag_of_a_stack_of_matrices_is_refused():
    with pytest.raises(ValueError, match=r"diag needs a vector or a matrix, got shape \(1, 1, 1\)"):
        np.diag(tensor([[[1.0]]]))


@pytest.mark.parametrize("function", [np.sum, np.max, np.mean, np.any, np.std])
def test_no_array_to_write_into_is_the_same_as_none_named(function):
    x = tensor([1.0, 2.0])

    assert function(x, out=None).item() == function(x.numpy())


def test_squeeze_takes_away_dimensions_of_size_1_only():
    x = tensor(np.ones((1, 2, 1)))

    assert np.squeeze(x).shape == (2,)
    assert np.squeeze(x, 0).shape == (2, 1)
    with pytest.raises(
        ValueError, match=r"np.squeeze needs dimensions of size 1, but dimension 1 of .* has 2"
    ):
        np.squeeze(x, 1)
