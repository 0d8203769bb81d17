"""Layers and losses as functions: closed forms, gradients, and what does not fit."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tinygrad_edu import ones, tensor
from tinygrad_edu.autograd import grad
from tinygrad_edu.nn import functional as F
from tinygrad_edu.testing import check_gradients

RNG = np.random.default_rng(0)
REDUCE = {"mean": np.mean, "sum": np.sum, "none": lambda each: each}

every_reduction = pytest.mark.parametrize("reduction", REDUCE)


def leaf(data):
    return tensor(data, requires_grad=True)


# Mean squared error.


@every_reduction
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (2, 3, 1)], ids=str)
def test_mse_is_the_squared_difference(shape, reduction):
    x, y = RNG.normal(size=shape), RNG.normal(size=shape)

    loss = F.mse_loss(tensor(x), tensor(y), reduction=reduction)

    np.testing.assert_allclose(loss.raw, REDUCE[reduction]((x - y) ** 2))
    check_gradients(lambda x, y: F.mse_loss(x, y, reduction=reduction), x, y, order=2)


def test_mse_has_no_half():
    x = leaf([3.0])

    F.mse_loss(x, [1.0]).backward()

    assert x.grad.tolist() == [4]


# Binary cross-entropy.

P, Y = RNG.uniform(0.05, 0.95, (4, 3)), RNG.integers(0, 2, (4, 3)).astype(float)
Z, SOFT = RNG.normal(size=(4, 3)), RNG.uniform(size=(4, 3))
EACH, PER_COLUMN = RNG.uniform(0.5, 2, (4, 3)), RNG.uniform(0.5, 2, 3)


@every_reduction
@pytest.mark.parametrize("weight", [None, EACH, PER_COLUMN, 2.0, [[1.0], [2.0], [3.0], [4.0]]], ids=np.shape)
@pytest.mark.parametrize("y", [Y, SOFT], ids=["hard", "soft"])
def test_binary_cross_entropy(y, weight, reduction):
    loss = F.binary_cross_entropy(tensor(P), y, weight=weight, reduction=reduction)

    each = (-y * np.log(P) - (1 - y) * np.log(1 - P)) * (1 if weight is None else np.array(weight))
    np.testing.assert_allclose(loss.raw, REDUCE[reduction](each), rtol=1e-13)


@every_reduction
@pytest.mark.parametrize("pos_weight", [None, PER_COLUMN, 3.0], ids=np.shape)
@pytest.mark.parametrize("weight", [None, EACH, PER_COLUMN], ids=np.shape)
def test_binary_cross_entropy_with_logits(weight, pos_weight, reduction):
    p = 1 / (1 + np.exp(-Z))

    loss = F.binary_cross_entropy_with_logits(
        tensor(Z), SOFT, weight=weight, pos_weight=pos_weight, reduction=reduction
    )

    first = 1 if pos_weight is None else pos_weight
    each = (-first * SOFT * np.log(p) - (1 - SOFT) * np.log(1 - p)) * (1 if weight is None else weight)
    np.testing.assert_allclose(loss.raw, REDUCE[reduction](each), rtol=1e-13)


@pytest.mark.parametrize("function", [F.binary_cross_entropy, F.binary_cross_entropy_with_logits])
@every_reduction
def test_gradients_of_binary_cross_entropy_also_by_the_target(function, reduction):
    check_gradients(
        lambda x, y: function(x, y, weight=EACH, reduction=reduction), P, SOFT * 0.8 + 0.1, order=2, rtol=1e-5
    )


def test_the_gradient_of_logits_is_sigmoid_minus_target_over_n():
    z = leaf(Z)

    F.binary_cross_entropy_with_logits(z, SOFT).backward()

    np.testing.assert_allclose(z.grad.raw, (1 / (1 + np.exp(-Z)) - SOFT) / 12, rtol=1e-13)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_each_logarithm_is_minus_100_at_the_least(dtype):
    p = tensor(np.array([0, 1, 0, 1], dtype), requires_grad=True)

    each = F.binary_cross_entropy(p, np.array([1, 0, 0, 1], dtype), reduction="none")
    each.sum().backward()

    assert (each.dtype, each.tolist()) == (dtype, [100, 100, 0, 0])
    np.testing.assert_allclose(p.grad.numpy(), [-1e12, 1e12, 0, 0], rtol=1e-6)  # a sure wrong answer learns


def test_sure_right_answers_cost_nothing_and_have_second_derivatives_that_are_finite():
    p = tensor([0.0, 1.0], requires_grad=True)

    loss = F.binary_cross_entropy(p, [0.0, 1.0])
    (slope,) = grad(loss, p, create_graph=True)
    slope.sum().backward()

    assert (loss.item(), slope.tolist()) == (0, [0, 0])
    assert np.isfinite(p.grad.raw).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_logits_of_any_size_have_exact_losses_and_gradients(dtype):
    z = tensor(np.array([1000, -1000, 1000, -1000, 0], dtype), requires_grad=True)

    each = F.binary_cross_entropy_with_logits(z, np.array([1, 0, 0, 1, 1], dtype), reduction="none")
    each.sum().backward()

    assert each.raw == pytest.approx([0, 0, 1000, 1000, math.log(2)], rel=1e-6)
    assert z.grad.tolist() == [0, 0, 1, -1, -0.5]
    assert each.dtype == z.grad.dtype == dtype


# Categorical cross-entropy of probabilities.

Q = np.exp(Z) / np.exp(Z).sum(1, keepdims=True)
ONE_HOT = np.eye(3)[[0, 2, 1, 1]]


@every_reduction
@pytest.mark.parametrize(("unit", "size"), [("nats", 1.0), ("bits", math.log(2))])
@pytest.mark.parametrize("target", [ONE_HOT, SOFT], ids=["one-hot", "not summing to 1"])
def test_categorical_cross_entropy(target, unit, size, reduction):
    loss = F.categorical_cross_entropy(tensor(Q), target, unit=unit, reduction=reduction)

    each = -(target * np.log(Q + 1e-10)).sum(1) / size
    np.testing.assert_allclose(loss.raw, REDUCE[reduction](each), rtol=1e-13)
    check_gradients(
        lambda q, y: F.categorical_cross_entropy(q, y, unit=unit, reduction=reduction),
        Q,
        target,
        order=2,
        rtol=1e-5,
    )


def test_a_bit_is_the_surprise_of_a_fair_coin():
    coin, heads = tensor([0.5, 0.5]), [1.0, 0.0]

    assert F.categorical_cross_entropy(coin, heads, eps=0, unit="bits").item() == 1
    assert F.categorical_cross_entropy(coin, heads, eps=0).item() == math.log(2)


def test_eps_is_inside_the_logarithm_as_in_the_paper():
    p = leaf([1.0, 0.0])

    loss = F.categorical_cross_entropy(p, [0.0, 1.0])
    loss.backward()

    assert loss.item() == pytest.approx(-math.log(1e-10), rel=1e-15)
    assert p.grad.tolist() == pytest.approx([0, -1e10])
    assert F.categorical_cross_entropy(p, [0.0, 1.0], eps=1e-3).item() == pytest.approx(-math.log(1e-3))


def test_it_is_cross_entropy_of_the_logits_but_for_eps():
    by_probabilities = F.categorical_cross_entropy(tensor(Z).softmax(1), ONE_HOT, eps=0)

    assert by_probabilities.item() == pytest.approx(F.cross_entropy(tensor(Z), ONE_HOT).item(), rel=1e-14)


# The other functions.


def test_layers_as_functions():
    x, w, b = tensor(Z), tensor(RNG.normal(size=(2, 3))), tensor([1.0, -1.0])

    np.testing.assert_allclose(F.linear(x, w, b).raw, Z @ w.raw.T + b.raw)
    np.testing.assert_allclose(F.linear(x, w).raw, Z @ w.raw.T)
    np.testing.assert_allclose(F.softmax(x, dim=1).raw, Q)
    np.testing.assert_allclose(F.log_softmax(x, dim=1).raw, np.log(Q))
    np.testing.assert_allclose(F.softmax(tensor(Z), 1).raw, Q)
    np.testing.assert_allclose(F.log_softmax(tensor(Z), 1).raw, np.log(Q))
    np.testing.assert_allclose(F.softplus(x).raw, np.log(1 + np.exp(Z)))
    assert F.relu(tensor([-1.0, 2.0])).tolist() == [0, 2]
    assert F.sigmoid(tensor(0.0)).item() == 0.5
    assert F.tanh(tensor(0.0)).item() == 0


# Refusals.

SAME_SHAPE = [
    F.mse_loss,
    F.binary_cross_entropy,
    F.binary_cross_entropy_with_logits,
    F.categorical_cross_entropy,
]
ALL = [*SAME_SHAPE, F.cross_entropy]
by_name = {"ids": lambda f: getattr(f, "__name__", None)}


@pytest.mark.parametrize("loss", SAME_SHAPE, **by_name)
def test_a_column_against_a_row_is_refused_with_advice(loss):
    message = rf"{loss.__name__} needs prediction and target of one shape, got \(4, 1\) and \(4,\), which would compare"

    with pytest.raises(
        ValueError, match=message + r" every prediction with every target; use target.reshape\(4, 1\)"
    ):
        loss(ones(4, 1), ones(4))
    with pytest.raises(ValueError, match=r"got \(4,\) and \(4, 1\), .*; use target.reshape\(4\)"):
        loss(ones(4), ones(4, 1))


@pytest.mark.parametrize("loss", SAME_SHAPE, **by_name)
@pytest.mark.parametrize("target", [1.0, [1.0, 1.0, 1.0], [[1.0, 1.0]]], ids=str)
def test_another_number_of_targets_is_refused(loss, target):
    with pytest.raises(
        ValueError, match=r"got \(4, 1\) and .*; make sure that both come from the same examples"
    ):
        loss(ones(4, 1), target)


@pytest.mark.parametrize("prediction", [np.ones((4, 3)), [[1.0, 1.0, 1.0]] * 4, None, "a"], ids=type)
@pytest.mark.parametrize("loss", ALL, **by_name)
def test_the_prediction_is_a_tensor(loss, prediction):
    with pytest.raises(TypeError, match=rf"{loss.__name__} needs a Tensor( as prediction)?, got "):
        loss(prediction, np.ones((4, 3)))


@pytest.mark.parametrize("loss", ALL, **by_name)
@pytest.mark.parametrize("target", [None, "cat", [1j] * 3], ids=str)
def test_the_target_is_real_numbers(loss, target):
    with pytest.raises(TypeError, match="tensor needs real numbers, got"):
        loss(ones(3), target)


@pytest.mark.parametrize("loss", ALL, **by_name)
@pytest.mark.parametrize("reduction", ["average", None, True])
def test_the_reduction_is_one_of_three(loss, reduction):
    with pytest.raises(ValueError, match=f"needs reduction 'mean', 'sum' or 'none', got {reduction!r}"):
        loss(ones(2, 3), ones(2, 3), reduction=reduction)


@pytest.mark.parametrize(
    ("loss", "advice"),
    [
        (F.binary_cross_entropy, "use binary_cross_entropy_with_logits for raw scores"),
        (F.categorical_cross_entropy, "use cross_entropy for raw scores"),
    ],
    **by_name,
)
@pytest.mark.parametrize(
    ("p", "got"), [(1.5, "0.5 to 1.5"), (-0.25, "-0.25 to 0.5"), (math.nan, "nan to nan")]
)
def test_what_is_no_probability_is_refused(loss, advice, p, got):
    with pytest.raises(
        ValueError, match=f"{loss.__name__} needs probabilities between 0 and 1, got {got}; {advice}"
    ):
        loss(tensor([0.5, p]), [1.0, 1.0])


@pytest.mark.parametrize("loss", [F.binary_cross_entropy, F.binary_cross_entropy_with_logits], **by_name)
@pytest.mark.parametrize(("target", "got"), [([1, 2], "1 to 2"), ([-1, 1], "-1 to 1")])
def test_binary_targets_are_between_0_and_1(loss, target, got):
    with pytest.raises(
        ValueError, match=f"{loss.__name__} needs targets between 0 and 1, got {got}; name the two"
    ):
        loss(tensor([0.5, 0.5]), target)


@pytest.mark.parametrize("name", ["weight", "pos_weight"])
def test_a_weight_does_not_make_the_loss_larger(name):
    for shape in [(4,), (5, 4, 1)]:
        with pytest.raises(ValueError, match=rf"needs a {name} that can be expanded to \(4, 1\), got \("):
            F.binary_cross_entropy_with_logits(ones(4, 1), ones(4, 1), **{name: np.ones(shape)})
    with pytest.raises(
        ValueError, match=r"binary_cross_entropy needs a weight that can be expanded to \(4, 1\)"
    ):
        F.binary_cross_entropy(ones(4, 1), ones(4, 1), weight=ones(4))


def test_a_weight_given_as_a_list_changes_no_dtype():
    x = tensor(np.ones(2, "float32"))

    loss = F.binary_cross_entropy_with_logits(x, x, weight=[1.0, 2.0], pos_weight=[1.0, 2.0])

    assert loss.dtype == np.float32


def test_units_and_eps_are_checked():
    with pytest.raises(ValueError, match="categorical_cross_entropy needs unit 'nats' or 'bits', got 'bit'"):
        F.categorical_cross_entropy(tensor(Q), ONE_HOT, unit="bit")
    with pytest.raises(ValueError, match="categorical_cross_entropy needs eps of 0 or more, got -1"):
        F.categorical_cross_entropy(tensor(Q), ONE_HOT, eps=-1)


@pytest.mark.parametrize("shape", [(3,), (3, 1), ()])
def test_a_bias_of_a_layer_is_not_broadcast(shape):
    with pytest.raises(ValueError, match=r"linear needs a bias of shape \(1,\), got "):
        F.linear(tensor([[1.0, 2.0]]), tensor([[1.0, 1.0]]), ones(*shape))
