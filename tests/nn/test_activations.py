"""Activations as modules: their formulas, gradients, and behaviour far from zero."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import Tensor, Value, ones, tensor
from tinygrad_edu.hints.warnings import ImplicitDimWarning
from tinygrad_edu.nn import LogSoftmax, ReLU, Sigmoid, Softmax, Tanh
from tinygrad_edu.testing import check_gradients

X = np.random.default_rng(0).normal(size=(2, 3, 4))
E = np.exp(X)

FORMULAS = {
    "Sigmoid": (Sigmoid(), 1 / (1 + np.exp(-X))),
    "Tanh": (Tanh(), (E - 1 / E) / (E + 1 / E)),
    "ReLU": (ReLU(), X * (X > 0)),
    "Softmax": (Softmax(dim=1), E / E.sum(1, keepdims=True)),
    "Softmax of rows": (Softmax(-1), E / E.sum(-1, keepdims=True)),
    "LogSoftmax": (LogSoftmax(dim=0), X - np.log(E.sum(0))),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_formula(name):
    module, expected = FORMULAS[name]

    np.testing.assert_allclose(module(tensor(X)).raw, expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize("name", FORMULAS)
def test_gradients(name):
    check_gradients(FORMULAS[name][0], X, order=2)


@pytest.mark.parametrize("name", FORMULAS)
def test_no_parameters_and_the_shape_and_dtype_stay(name):
    module = FORMULAS[name][0]

    assert list(module.parameters()) == []
    y = module(tensor(X.astype("float32")))
    assert (y.shape, y.dtype) == (X.shape, np.float32)


FAR = [-1e308, -1000.0, 0.0, 1000.0, 1e308]


@pytest.mark.parametrize(
    ("module", "expected", "slope"),
    [
        (Sigmoid(), [0, 0, 0.5, 1, 1], [0, 0, 0.25, 0, 0]),
        (Tanh(), [-1, -1, 0, 1, 1], [0, 0, 1, 0, 0]),
        (ReLU(), [0, 0, 0, 1000, 1e308], [0, 0, 0, 1, 1]),
    ],
    ids=lambda x: type(x).__name__,
)
def test_far_from_zero_and_at_zero(module, expected, slope):
    x = tensor(FAR, requires_grad=True)

    y = module(x)
    y.sum().backward()

    assert (y.tolist(), x.grad.tolist()) == (expected, slope)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_softmax_of_large_logits(dtype):
    z = np.array([[1000, -1000, 1000], [-1000, -1000, -1000]], dtype)

    assert Softmax(1)(tensor(z)).raw == pytest.approx(np.array([[0.5, 0, 0.5], [1 / 3] * 3]), rel=1e-6)
    expected = np.array([[-np.log(2), -2000 - np.log(2), -np.log(2)], [-np.log(3)] * 3])
    np.testing.assert_allclose(LogSoftmax(1)(tensor(z)).raw, expected, rtol=1e-6)


@pytest.mark.parametrize("module", [Sigmoid(), Tanh(), ReLU(), Softmax(0), LogSoftmax(0)], ids=repr)
def test_arrays_and_lists_are_taken_too(module):
    for x in (np.array([0.5, -1.0]), [0.5, -1.0]):
        y = module(x)

        assert isinstance(y, Tensor)
        assert y.tolist() == module(tensor(x)).tolist()


def test_values_are_taken_too():
    assert Sigmoid()(Value(0.0)).data == 0.5


def test_repr():
    assert [repr(m) for m in (Sigmoid(), Softmax(dim=1), LogSoftmax(-1))] == [
        "Sigmoid()",
        "Softmax(dim=1)",
        "LogSoftmax(dim=-1)",
    ]


@pytest.mark.parametrize("kind", [Softmax, LogSoftmax])
@pytest.mark.parametrize("dim", [1.0, "1", True])
def test_softmax_needs_its_dim(kind, dim):
    with pytest.raises(
        TypeError, match=f"{kind.__name__} needs dim as a whole number, got {dim!r}; for rows use dim=-1"
    ):
        kind(dim)


@pytest.mark.parametrize("kind", [Softmax, LogSoftmax])
def test_softmax_without_dim_takes_one_and_says_it(kind):
    with pytest.warns(ImplicitDimWarning, match="without dim takes dim=1 for an input of 2 dimensions"):
        y = kind()(tensor(X[0]))

    np.testing.assert_array_equal(y.raw, kind(1)(tensor(X[0])).raw)


@pytest.mark.parametrize("kind", [Softmax, LogSoftmax])
def test_softmax_over_a_dim_that_is_not_there_is_refused(kind):
    with pytest.raises(IndexError, match="softmax needs dim between -2 and 1, got 2"):
        kind(2)(ones(2, 3))
