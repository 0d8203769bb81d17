"""Losses as functions: closed forms, gradients of order 1 and 2, extreme scores, and what does not fit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_edu import ones, tensor
from tinygrad_edu.nn import functional as F
from tinygrad_edu.testing import check_gradients

RNG = np.random.default_rng(0)
REDUCE = {"mean": np.mean, "sum": np.sum, "none": lambda each: each}

every_reduction = pytest.mark.parametrize("reduction", REDUCE)


def leaf(data):
    return tensor(data, requires_grad=True)


def log_softmax(z, dim):
    return z - np.log(np.exp(z).sum(dim, keepdims=True))


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


# Cross-entropy of logits.

SHAPES = [(3,), (4, 3), (1, 1), (2, 3, 5), (2, 3, 2, 2)]
WEIGHT = np.array([1.0, 2.0, 0.5])


def reference(z, target, *, weight=None, ignore_index=-100, label_smoothing=0.0, reduction="mean"):
    """The formula of PyTorch's documentation, example by example."""
    dim = 0 if z.ndim == 1 else 1
    rows = np.moveaxis(z, dim, -1)
    count = rows.shape[-1]
    w = np.ones(count) if weight is None else np.array(weight)
    numbers = target.dtype.kind == "i"
    targets = target if numbers else np.moveaxis(target, dim, -1)
    each, mass = np.zeros(rows.shape[:-1]), 0.0
    for i in np.ndindex(rows.shape[:-1]):
        if numbers and targets[i] == ignore_index:
            continue
        y = np.eye(count)[targets[i]] if numbers else targets[i]
        mass += w[targets[i]] if numbers else 1
        smooth = (1 - label_smoothing) * y + label_smoothing / count
        each[i] = -(w * smooth * log_softmax(rows[i], 0)).sum()
    return each.sum() / mass if reduction == "mean" else REDUCE[reduction](each)


def example(shape, kind):
    rng = np.random.default_rng(len(shape))
    dim = 0 if len(shape) == 1 else 1
    numbers = rng.integers(0, shape[dim], shape[:dim] + shape[dim + 1 :])
    one_hot = np.moveaxis(np.eye(shape[dim])[numbers], -1, dim)
    return rng.normal(size=shape), {"numbers": numbers, "one-hot": one_hot, "soft": rng.uniform(size=shape)}[
        kind
    ]


@every_reduction
@pytest.mark.parametrize("label_smoothing", [0, 0.1, 1])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("kind", ["numbers", "one-hot", "soft"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_cross_entropy_is_the_documented_formula(shape, kind, weighted, label_smoothing, reduction):
    z, target = example(shape, kind)
    classes = shape[0 if len(shape) == 1 else 1]
    options = {"label_smoothing": label_smoothing, "reduction": reduction}
    if weighted:
        options["weight"] = WEIGHT[:classes]

    loss = F.cross_entropy(tensor(z), target, **options)

    expected = reference(z, target, **options)
    assert loss.shape == np.shape(expected)
    np.testing.assert_allclose(loss.raw, expected, rtol=1e-12, atol=1e-15)


@every_reduction
@pytest.mark.parametrize("kind", ["numbers", "soft"])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_gradients_of_cross_entropy(shape, kind, reduction):
    z, target = example(shape, kind)
    options = {
        "weight": WEIGHT[: shape[0 if len(shape) == 1 else 1]],
        "label_smoothing": 0.1,
        "reduction": reduction,
    }

    check_gradients(lambda z: F.cross_entropy(z, target, **options), z, order=2, rtol=1e-5)
    if kind == "soft":
        check_gradients(
            lambda z, y: F.cross_entropy(z, y, reduction=reduction), z, target, order=2, rtol=1e-5
        )


@every_reduction
def test_ignored_examples_do_not_count(reduction):
    z, target = example((6, 3), "numbers")
    target[[1, 4]] = 2
    x = leaf(z)

    loss = F.cross_entropy(x, target, ignore_index=2, weight=WEIGHT, label_smoothing=0.1, reduction=reduction)
    loss.sum().backward()

    expected = reference(z, target, ignore_index=2, weight=WEIGHT, label_smoothing=0.1, reduction=reduction)
    np.testing.assert_allclose(loss.raw, expected, rtol=1e-13)
    ignored = target == 2
    np.testing.assert_array_equal((x.grad.raw == 0).all(1), ignored)


def test_the_usual_ignored_number_is_minus_100():
    z = tensor(Z)

    assert F.cross_entropy(z, [0, -100, 1, -100]).item() == pytest.approx(
        F.cross_entropy(z[[0, 2]], [0, 1]).item()
    )


def test_class_numbers_and_one_hot_rows_are_the_same_target():
    z, numbers = example((2, 3, 5), "numbers")

    by_numbers, by_rows = leaf(z), leaf(z)
    F.cross_entropy(by_numbers, numbers).backward()
    F.cross_entropy(by_rows, example((2, 3, 5), "one-hot")[1]).backward()

    np.testing.assert_array_equal(by_numbers.grad.raw, by_rows.grad.raw)


def test_the_gradient_is_softmax_minus_target_over_n():
    z = leaf(Z)

    F.cross_entropy(z, ONE_HOT).backward()

    np.testing.assert_allclose(z.grad.raw, (Q - ONE_HOT) / 4, rtol=1e-13)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["numbers", "one-hot"])
def test_extreme_logits_have_exact_losses_and_gradients(kind, dtype):
    z = tensor(
        np.array([[1000, -1000, 0], [-1000, 1000, 1000], [-1000, -1000, -1000]], dtype), requires_grad=True
    )
    numbers = np.array([1, 1, 0])
    target = numbers if kind == "numbers" else np.eye(3, dtype=dtype)[numbers]

    each = F.cross_entropy(z, target, reduction="none")
    F.cross_entropy(z, target, reduction="sum").backward()

    assert each.raw == pytest.approx([2000, math.log(2), math.log(3)], rel=1e-6)
    assert z.grad.raw == pytest.approx(
        np.array([[1, -1, 0], [0, -0.5, 0.5], [-2 / 3, 1 / 3, 1 / 3]]), rel=1e-6
    )
    assert each.dtype == z.grad.dtype == dtype


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(-500, 500), min_size=2, max_size=5), st.floats(-500, 500), st.data())
def test_adding_a_number_to_all_logits_changes_nothing(z, shift, data):
    number = data.draw(st.integers(0, len(z) - 1))
    x, moved = leaf([z]), leaf([[each + shift for each in z]])

    losses = [F.cross_entropy(logits, [number]) for logits in (x, moved)]
    for loss in losses:
        loss.backward()

    assert losses[0].item() >= 0
    assert losses[1].item() == pytest.approx(losses[0].item(), rel=1e-9, abs=1e-9)
    np.testing.assert_allclose(moved.grad.raw, x.grad.raw, rtol=1e-9, atol=1e-9)
    assert x.grad.sum().item() == pytest.approx(0, abs=1e-12)


# The other functions.


def test_layers_as_functions():
    x, w, b = tensor(Z), tensor(RNG.normal(size=(2, 3))), tensor([1.0, -1.0])

    np.testing.assert_allclose(F.linear(x, w, b).raw, Z @ w.raw.T + b.raw)
    np.testing.assert_allclose(F.linear(x, w).raw, Z @ w.raw.T)
    np.testing.assert_allclose(F.softmax(x, dim=1).raw, Q)
    np.testing.assert_allclose(F.log_softmax(x, dim=1).raw, np.log(Q))
    np.testing.assert_allclose(F.softmax(Z, dim=1).raw, Q)
    np.testing.assert_allclose(F.log_softmax(Z.tolist(), dim=1).raw, np.log(Q))
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
    with pytest.raises(
        TypeError, match=f"{loss.__name__} needs a Tensor as prediction, got {type(prediction).__name__}"
    ):
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


LOGITS = tensor(np.ones((4, 3)))
REFUSED = [
    (
        lambda: F.cross_entropy(LOGITS, [0.0, 1.0, 2.0, 0.0]),
        r"cross_entropy needs class numbers \(whole, shape \(4,\)\) or probabilities \(floats, shape \(4, 3\)\) "
        r"as target, got float64 of shape \(4,\); use target.long\(\) for class numbers",
    ),
    (
        lambda: F.cross_entropy(LOGITS, [[0], [1], [2], [0]]),
        r"cross_entropy needs class numbers of shape \(4,\) for logits of shape \(4, 3\), got \(4, 1\); "
        r"use target.reshape\(4,\) or, for one-hot rows, target.double\(\)",
    ),
    (lambda: F.cross_entropy(LOGITS, np.ones((4, 3), int)), r"or, for one-hot rows, target.double\(\)"),
    (lambda: F.cross_entropy(LOGITS, [0, 1, 2]), r"class numbers of shape \(4,\) .* got \(3,\)"),
    (lambda: F.cross_entropy(LOGITS, np.ones((4, 2))), r"got float64 of shape \(4, 2\)"),
    (lambda: F.cross_entropy(LOGITS, [0, 1, 3, 0]), "cross_entropy needs class numbers from 0 to 2, got 3"),
    (lambda: F.cross_entropy(LOGITS, [0, 1, -1, 0]), "cross_entropy needs class numbers from 0 to 2, got -1"),
    (
        lambda: F.cross_entropy(LOGITS, [0, 1, 2, 0], weight=[1.0, 2.0]),
        r"cross_entropy needs one weight for each of 3 classes, got \(2,\)",
    ),
    (
        lambda: F.cross_entropy(LOGITS, np.ones((4, 3)), weight=np.ones((4, 3))),
        r"cross_entropy needs one weight for each of 3 classes, got \(4, 3\)",
    ),
    (
        lambda: F.cross_entropy(LOGITS, [0, 1, 2, 0], label_smoothing=1.5),
        "cross_entropy needs label_smoothing between 0 and 1, got 1.5",
    ),
    (
        lambda: F.cross_entropy(LOGITS, np.ones((4, 3)), label_smoothing=-0.1),
        "cross_entropy needs label_smoothing between 0 and 1, got -0.1",
    ),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_wrong_targets_of_cross_entropy_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("target", [0, 1.0])
def test_a_single_number_is_no_logits(target):
    with pytest.raises(ValueError, match="cross_entropy needs logits for every class, got a single number"):
        F.cross_entropy(tensor(1.0), target)


@pytest.mark.parametrize("options", [{}, {"weight": [0.5, 1.0, 1.0]}])
def test_logits_are_floats(options):
    with pytest.raises(TypeError, match=r"cross_entropy needs logits as floats, got int64; use x.double\(\)"):
        F.cross_entropy(tensor([[1, 2, 3]]), [0], **options)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)], ids=str)
def test_one_hot_rows_are_whole_numbers_in_a_new_last_dimension(shape):
    numbers = np.random.default_rng(0).integers(0, 4, shape)

    rows = F.one_hot(tensor(numbers), 4)

    assert rows.dtype == np.int64
    assert rows.shape == (*shape, 4)
    np.testing.assert_array_equal(rows.numpy(), np.eye(4)[numbers])


def test_one_hot_has_as_many_places_as_the_greatest_number_asks_for():
    np.testing.assert_array_equal(F.one_hot(tensor([1, 0, 2])).numpy(), [[0, 1, 0], [1, 0, 0], [0, 0, 1]])


ONE_HOT_REFUSED = [
    (
        lambda: F.one_hot(tensor([0.0, 1.0])),
        TypeError,
        r"class numbers \(whole\), got float64; use x.long\(\)",
    ),
    (lambda: F.one_hot(tensor([0]), 0), ValueError, "num_classes of 1 or more, or -1 for .*, got 0"),
    (lambda: F.one_hot(tensor([0]), -2), ValueError, "num_classes of 1 or more, or -1 for .*, got -2"),
    (lambda: F.one_hot(tensor([0]), None), TypeError, "num_classes as a whole number, got None"),
    (lambda: F.one_hot(tensor([0]), "3"), TypeError, "num_classes as a whole number, got '3'"),
    (lambda: F.one_hot(tensor([0]), 2.5), TypeError, "num_classes as a whole number, got 2.5"),
    (lambda: F.one_hot(tensor([1, 3]), 3), ValueError, "class numbers from 0 to 2, got 1 to 3"),
    (lambda: F.one_hot(tensor([-1, 1])), ValueError, "class numbers from 0 to 1, got -1 to 1"),
    (
        lambda: F.one_hot(tensor([1]).long()[:0]),
        ValueError,
        "needs num_classes if there are no class numbers",
    ),
]


@pytest.mark.parametrize(("call", "error", "message"), ONE_HOT_REFUSED)
def test_what_is_no_class_number_has_no_row(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_class_number_out_of_range_is_named_whatever_else_is_asked():
    for options in ({}, {"weight": [1.0, 1.0, 1.0]}, {"label_smoothing": 0.1}, {"ignore_index": 1}):
        with pytest.raises(ValueError, match="class numbers from 0 to 2, got 3"):
            F.cross_entropy(LOGITS, [0, 3, -100 if options == {} else 0, 1], **options)
