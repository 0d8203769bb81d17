"""Cross-entropy of raw scores, and one-hot rows: the documented formula, extreme scores, and what does not fit."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_edu import tensor
from tinygrad_edu.nn import functional as F
from tinygrad_edu.testing import check_gradients

REDUCE = {"mean": np.mean, "sum": np.sum, "none": lambda each: each}
SHAPES = [(3,), (4, 3), (1, 1), (2, 3, 5), (2, 3, 2, 2)]
WEIGHT = np.array([1.0, 2.0, 0.5])
Z = np.random.default_rng(0).normal(size=(4, 3))

every_reduction = pytest.mark.parametrize("reduction", REDUCE)


def leaf(data):
    return tensor(data, requires_grad=True)


def log_softmax(z, dim):
    return z - np.log(np.exp(z).sum(dim, keepdims=True))


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
    z, rows = leaf(Z), np.eye(3)[[0, 2, 1, 1]]

    F.cross_entropy(z, rows).backward()

    np.testing.assert_allclose(z.grad.raw, (np.exp(log_softmax(Z, 1)) - rows) / 4, rtol=1e-13)


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


@pytest.mark.parametrize("kind", [tensor, list, np.asarray], ids=["tensor", "list", "array"])
def test_weights_of_any_kind_count_and_get_no_gradient(kind):
    weight = kind([1.0, 3.0])
    z = leaf([[0.0, 0.0], [0.0, 0.0]])

    F.cross_entropy(z, [0, 1], weight=weight, reduction="sum").backward()

    assert z.grad.tolist() == [[-0.5, 0.5], [1.5, -1.5]]


# Refusals.

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
        lambda: F.cross_entropy(LOGITS, np.full((4, 3), 1 / 3), ignore_index=1),
        "needs class numbers as target for ignore_index=1, got probabilities; multiply their rows by 0",
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


@pytest.mark.parametrize(
    ("target", "logits"),
    [(tensor([0, 1]), tensor(np.zeros((2, 3)))), (tensor(1), tensor([0.0, 1.0]))],
    ids=str,
)
def test_swapped_arguments_are_recognised(target, logits):
    with pytest.raises(
        TypeError,
        match=r"logits first and then the target, but the arguments seem swapped: class numbers of shape",
    ):
        F.cross_entropy(target, logits)


@pytest.mark.parametrize("target", [0, 1.0])
def test_a_single_number_is_no_logits(target):
    with pytest.raises(ValueError, match="cross_entropy needs logits for every class, got a single number"):
        F.cross_entropy(tensor(1.0), target)


@pytest.mark.parametrize("options", [{}, {"weight": [0.5, 1.0, 1.0]}])
def test_logits_are_floats(options):
    with pytest.raises(TypeError, match=r"cross_entropy needs logits as floats, got int64; use x.double\(\)"):
        F.cross_entropy(tensor([[1, 2, 3]]), [0], **options)


def test_a_class_number_out_of_range_is_named_whatever_else_is_asked():
    for options in ({}, {"weight": [1.0, 1.0, 1.0]}, {"label_smoothing": 0.1}, {"ignore_index": 1}):
        with pytest.raises(ValueError, match="class numbers from 0 to 2, got 3"):
            F.cross_entropy(LOGITS, [0, 3, -100 if options == {} else 0, 1], **options)


# One-hot rows.


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)], ids=str)
def test_one_hot_rows_are_whole_numbers_in_a_new_last_dimension(shape):
    numbers = np.random.default_rng(0).integers(0, 4, shape)

    rows = F.one_hot(tensor(numbers), 4)

    assert rows.dtype == np.int64
    assert rows.shape == (*shape, 4)
    np.testing.assert_array_equal(rows.numpy(), np.eye(4)[numbers])


def test_one_hot_has_as_many_places_as_the_greatest_number_asks_for():
    np.testing.assert_array_equal(F.one_hot(tensor([1, 0, 2])).numpy(), [[0, 1, 0], [1, 0, 0], [0, 0, 1]])


@pytest.mark.parametrize("numbers", [[1, 0], np.array([1, 0]), np.array([1, 0], "uint8")], ids=type)
def test_one_hot_takes_lists_and_arrays_too(numbers):
    rows = F.one_hot(numbers, 3)

    assert rows.tolist() == [[0, 1, 0], [1, 0, 0]]


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
