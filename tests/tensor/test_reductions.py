"""The methods that make many numbers into one: NumPy's numbers, PyTorch's arguments and defaults."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tinygrad_edu.hints.warnings import NotFiniteWarning
from tinygrad_edu.tensor.creation import zeros
from tinygrad_edu.tensor.pair import ValuesAndIndices
from tinygrad_edu.tensor.tensor import tensor
from tinygrad_edu.testing import check_gradients

X = np.random.default_rng(0).normal(size=(2, 3, 4))
x2 = tensor(np.ones((2, 3)))


def leaf(data, **options):
    return tensor(data, requires_grad=True, **options)


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

    assert isinstance(found, ValuesAndIndices)
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
    assert getattr(x, name)(axis=1, keepdims=True).values.shape == (2, 1, 4)
    assert getattr(tensor(3.0), name)(0).values.item() == 3
    assert getattr(tensor(np.zeros((0, 3))), name)(1).values.shape == (0,)
    np.testing.assert_array_equal(getattr(x, name)(tensor(0.0)).raw, getattr(np, f"{name}imum")(X, 0))
    np.testing.assert_array_equal(
        getattr(x, f"{name}imum")(tensor(0.0)).raw, getattr(np, f"{name}imum")(X, 0)
    )


# Refusals.

REFUSED = [
    (lambda: x2.sum(2), IndexError, "sum needs dim between -2 and 1, got 2; the dimensions are counted"),
    (lambda: x2.mean(-3), IndexError, "mean needs dim between -2 and 1, got -3"),
    (lambda: tensor(1.0).sum(1), IndexError, "sum needs dim between -1 and 0, got 1"),
    (lambda: x2.sum(1.0), TypeError, "sum needs dim as a whole number, got 1.0"),
    (lambda: x2.amax("0"), TypeError, "amax needs dim as a whole number, got '0'"),
    (lambda: x2.amax(True), TypeError, "amax needs dim as a whole number, got True"),
    (lambda: x2.sum((0, 0)), ValueError, r"sum needs every dim once, got \(0, 0\)"),
    (lambda: x2.sum((0, -2)), ValueError, r"sum needs every dim once, got \(0, -2\)"),
    (lambda: x2.softmax(2), IndexError, "softmax needs dim between -2 and 1, got 2"),
    (lambda: x2.argmax(5), IndexError, "argmax needs dim between -2 and 1, got 5"),
    (lambda: x2.max(5), IndexError, "max needs dim between -2 and 1, got 5"),
]


@pytest.mark.parametrize(("call", "error", "message"), REFUSED)
def test_wrong_arguments_are_refused_with_what_was_wanted(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("correction", [1, 2])
def test_the_variance_of_too_few_numbers_is_not_a_number(correction):
    with np.errstate(all="ignore"):
        spread = tensor([5.0]).var(correction=correction)

    assert np.isnan(spread.item())


def test_the_variance_of_one_number_among_n_is_0():
    assert tensor([5.0]).var(correction=0).item() == 0


@pytest.mark.parametrize(("shape", "dim"), [((0,), None), ((0, 3), 0), ((2, 0), 1)])
def test_the_mean_of_no_numbers_is_nan_and_a_warning(shape, dim):
    x = zeros(shape)

    message = f"the mean of no numbers is nan: the tensor has shape {re.escape(str(shape))}"
    with np.errstate(all="ignore"), pytest.warns(NotFiniteWarning, match=message):
        mean = x.mean(dim)

    assert np.isnan(mean.raw).all()


def test_no_mean_of_no_numbers_is_no_warning():
    assert zeros(0, 3).mean(1).shape == (0,)


@pytest.mark.parametrize("name", ["amax", "amin", "max", "min", "argmax", "argmin"])
@pytest.mark.parametrize(("shape", "dim"), [((0,), None), ((2, 0), 1)])
def test_there_is_no_extreme_of_no_numbers(name, shape, dim):
    with pytest.raises(
        ValueError, match=r"cannot take shape .*; of no numbers there is no (greatest|smallest)"
    ):
        getattr(zeros(shape), name)(dim)


@pytest.mark.parametrize("number", [2.0, 0.0])
@pytest.mark.parametrize(("name", "dim"), [("std", None), ("var", None), ("std", 1), ("var", 0)])
def test_equal_numbers_have_no_spread_and_no_slope(number, name, dim):
    x = leaf(np.full((3, 2), number))

    spread = getattr(x, name)(dim)
    spread.sum().backward()

    assert not spread.detach().numpy().any()
    assert not x.grad.numpy().any()


def test_unbiased_is_an_argument_by_position_as_in_pytorch():
    x = tensor([[1.0, 2.0], [3.0, 4.0]])

    assert (x.std(0, False).tolist(), x.var(0, False).tolist(), x.var(0, True).tolist()) == (
        [1, 1],
        [1, 1],
        [2, 2],
    )
    assert x.var(False).item() == 1.25


@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "var", "amax"])
def test_one_dimension_has_one_name(name):
    with pytest.raises(TypeError, match=f"{name} needs dim or axis, got both"):
        getattr(tensor(np.ones((2, 3))), name)(dim=0, axis=1)
