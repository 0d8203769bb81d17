"""Slips outside the exam's networks: Huber's loss, absolute errors, gelu, logsumexp, class weights, pooling, cells."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, maximum, tensor
from tinygrad_edu.nn import functional as F

rng = np.random.default_rng(5)
X, Y, CLASSES = rng.normal(size=(6, 4)), 3 * rng.normal(size=(6, 2)), rng.integers(0, 3, 6)
ONE_HOT = np.eye(3)[CLASSES]


def parameter(name, *shape):
    return tensor(rng.normal(size=shape), requires_grad=True, name=name)


def softmax(z, axis=-1):
    e = np.exp(z - z.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def only_sentence(loss, answers, names=None):
    """The sentence of the one mistake that is named."""
    found = diagnose(loss, {x: np.round(a, 6) for x, a in answers.items()}, names=names)
    (explained,) = found.explanations
    return explained.sentence


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda r, end: r, "the error not clipped"),
        (lambda r, end: 2 * r, "twice the error, not clipped"),
        (lambda r, end: end * np.sign(r), "the sign of the error for small errors too"),
        (lambda r, end: np.where(abs(r) < end, r, 0), "no gradient where the error is large"),
        (lambda r, end: np.where(abs(r) < end, r, np.sign(r)), "in place of 1.5 times it"),
    ],
)
def test_a_huber_loss_with_another_error_than_the_clipped_one_is_named(wrong, words):
    w = parameter("W", 4, 2)
    loss = F.huber_loss(tensor(X) @ w, tensor(Y), delta=1.5)
    r = X @ w.raw - Y

    assert diagnose(loss, w, X.T @ np.clip(r, -1.5, 1.5) / 12).right
    assert words in only_sentence(loss, {w: X.T @ wrong(r, 1.5) / 12})


def test_errors_in_place_of_their_signs_are_named():
    w = parameter("W", 4, 2)
    loss = F.l1_loss(tensor(X) @ w, tensor(Y))

    assert "the number itself in place of its sign" in only_sentence(loss, {w: X.T @ (X @ w.raw - Y) / 12})


@pytest.mark.parametrize("approximate", ["none", "tanh"])
def test_a_relu_mask_at_a_gelu_is_named(approximate):
    w, v = parameter("W", 4, 5), parameter("V", 5, 2)
    a = F.gelu(tensor(X) @ w, approximate=approximate)
    loss = ((a @ v - tensor(Y)) ** 2).mean()
    d = 2 * (a.raw @ v.raw - Y) / 12

    sentence = only_sentence(loss, {v: a.raw.T @ d, w: X.T @ (d @ v.raw.T * (X @ w.raw > 0))})

    assert "the derivative of a relu" in sentence


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda z: softmax(z, 0), "along another axis"),
        (lambda z: softmax(z, (0, 1)), "over everything"),
        (np.ones_like, "the softmax of its derivative left out"),
    ],
)
def test_a_wrong_derivative_of_logsumexp_is_named(wrong, words):
    w = parameter("W", 4, 3)
    loss = (tensor(X) @ w).logsumexp(1).mean()

    assert words in only_sentence(loss, {w: X.T @ wrong(X @ w.raw) / 6})


def test_class_weights_left_out_of_the_sum_and_of_the_mean_are_named():
    w, b = parameter("W", 4, 3), parameter("b", 3)
    z = tensor(X) @ w + b
    loss = F.cross_entropy(z, tensor(CLASSES), weight=tensor([0.2, 1.0, 3.0]))
    d = (softmax(z.raw) - ONE_HOT) / 6

    found = diagnose(loss, {w: np.round(X.T @ d, 6), b: np.round(d.sum(0), 6)})

    assert "the weights left out, in the mean too" in str(found)
    assert "- y) / N; it should be dz = weights[class] * " in str(found)


@pytest.mark.parametrize(
    ("over", "words"), [(4, "spread over all its numbers"), (1, "handed to each of its")]
)
def test_a_maximum_that_hands_its_gradient_to_the_whole_window_is_named(over, words):
    k, x, y = parameter("K", 2, 1, 3, 3), rng.normal(size=(3, 1, 6, 6)), rng.normal(size=(3, 2, 2, 2))
    pooled = F.max_pool2d(F.conv2d(tensor(x), k), 2)
    loss = ((pooled - tensor(y)) ** 2).sum()
    d = (2 * (pooled.raw - y) / over).repeat(2, 2).repeat(2, 3)
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), (2, 3))

    assert words in only_sentence(loss, {k: np.einsum("nkij,ncijab->kcab", d, windows)})


def test_the_new_state_of_a_cell_in_place_of_the_old_one_is_named():
    wf, wi, x = parameter("Wf", 3, 4), parameter("Wi", 3, 4), rng.normal(size=3)
    before, y = rng.normal(size=4), rng.normal(size=4)
    f, i = (tensor(x) @ wf).sigmoid(), (tensor(x) @ wi).sigmoid()
    old = tensor(before, name="c0")
    new = f * old + i
    new.name = "c1"
    loss = ((new - tensor(y)) ** 2).sum()
    d = 2 * (new.raw - y)

    sentence = only_sentence(
        loss,
        {
            wi: np.outer(x, d * i.raw * (1 - i.raw)),
            wf: np.outer(x, d * new.raw * f.raw * (1 - f.raw)),
        },
    )

    assert "with c1 where c0 belongs" in sentence


def test_the_penalty_of_another_matrix_is_named():
    w, v = parameter("W", 4, 5), parameter("V", 5, 4)
    h = (tensor(X) @ w).tanh()
    y = rng.normal(size=(6, 4))
    loss = ((h @ v - tensor(y)) ** 2).mean() + 0.1 * (w**2).sum()
    d = 2 * (h.raw @ v.raw - y) / 24
    dw = X.T @ (d @ v.raw.T * (1 - h.raw**2)) + 0.2 * v.raw.T

    assert "the penalty of V.T in place of that of W" in only_sentence(loss, {v: h.raw.T @ d, w: dw})


def test_a_share_of_the_gradient_that_is_no_penalty_is_not_called_one():
    u, v = parameter("u", 4), parameter("v", 4)
    loss = (u @ v) / (u.norm() * v.norm())
    sizes = np.linalg.norm(u.raw) * np.linalg.norm(v.raw)

    found = diagnose(loss, {u: np.round(v.raw / sizes, 6), v: np.round(u.raw / sizes, 6)})

    assert "a path left out" in str(found)
    assert "penalty" not in str(found)


def test_a_maximum_that_hands_its_gradient_to_both_is_named():
    a, b = parameter("A", 4, 2), parameter("B", 4, 2)
    loss = ((maximum(tensor(X) @ a, tensor(X) @ b) - tensor(Y)) ** 2).mean()
    d = 2 * (np.maximum(X @ a.raw, X @ b.raw) - Y) / 12

    found = diagnose(loss, {a: np.round(X.T @ d, 6), b: np.round(X.T @ d, 6)})

    words = "the gradient handed on to the greater and to the other"
    assert [words in e.sentence for e in found.explanations] == [True, True]


def test_the_lost_first_use_of_a_matrix_is_no_step_of_a_cell():
    w = parameter("W", 4, 3)
    h = (tensor(X) @ w).tanh()
    loss = ((h @ w.T - tensor(X)) ** 2).mean()
    d = 2 * (h.raw @ w.raw.T - X) / 24

    assert "nothing handed back through h to the earlier use of W" in only_sentence(
        loss, {w: d.T @ h.raw}, {"h": h}
    )
