"""Mistakes in the loop over the windows of a convolution or a pooling."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor
from tinygrad_edu.nn.functional import avg_pool2d, conv2d, max_pool2d

rng = np.random.default_rng(0)
X, K, Y = rng.normal(size=(2, 2, 7, 7)), rng.normal(size=(3, 2, 3, 3)), rng.normal(size=(2, 3, 3, 3))


def of_kernels(d, x, stride, places):
    """The gradient of the kernels by hand, as a loop over these places of all examples."""
    return sum(
        np.einsum(
            "bcij,bo->ocij", x[:, :, stride * i : stride * i + 3, stride * j : stride * j + 3], d[:, :, i, j]
        )
        for i, j in places
    )


EVERYWHERE = list(np.ndindex(3, 3))
LOOPS = {
    "stride-left-out": lambda d: of_kernels(d, X, 1, EVERYWHERE),
    "the first window alone": lambda d: of_kernels(d, X, 2, [(0, 0)]),
    "the last window alone": lambda d: of_kernels(d, X, 2, [(2, 2)]),
    "the first example alone": lambda d: of_kernels(d[:1], X[:1], 2, EVERYWHERE),
    "the last example alone": lambda d: of_kernels(d[-1:], X[-1:], 2, EVERYWHERE),
    "the last window of the last example alone": lambda d: of_kernels(d[-1:], X[-1:], 2, [(2, 2)]),
}


@pytest.mark.parametrize("mistake", LOOPS)
def test_a_wrong_loop_over_the_windows_of_a_convolution_is_named(mistake):
    k, b = tensor(K, requires_grad=True, name="K"), tensor(np.zeros(3), requires_grad=True, name="b")
    z = conv2d(tensor(X), k, b, stride=2)
    loss = ((z - tensor(Y)) ** 2).sum()
    d = 2 * (z.raw - Y)

    found = diagnose(loss, {k: np.round(LOOPS[mistake](d), 5), b: np.round(d.sum(axis=(0, 2, 3)), 5)})

    assert [mistake in f"{e.mistake}: {e.sentence}" for e in found.explanations] == [True]


def test_the_stride_left_out_on_the_way_to_the_input_is_named():
    x = tensor(X, requires_grad=True, name="x")
    z = conv2d(x, tensor(K), stride=2)
    d = 2 * (z.raw - Y)
    wrong = np.zeros_like(X)
    for i, j in EVERYWHERE:
        wrong[:, :, i : i + 3, j : j + 3] += np.einsum("bo,ocij->bcij", d[:, :, i, j], K)

    found = diagnose(((z - tensor(Y)) ** 2).sum(), x, np.round(wrong, 5))

    assert [e.mistake for e in found.explanations] == ["stride-left-out"]


@pytest.mark.parametrize("pool", [max_pool2d, avg_pool2d])
@pytest.mark.parametrize(("what", "at"), [("first", 0), ("last", -1)])
def test_a_pooling_whose_loop_ends_early_is_named(pool, what, at):
    x = tensor(X[:, :, :6, :6], requires_grad=True, name="x")
    y = pool(x, 2)
    (y * tensor(rng.normal(size=y.shape))).sum().backward()
    loss = ((y - tensor(Y[:, :2])) ** 2).sum()
    x.grad = None
    kept = np.zeros(y.shape)
    kept[:, :, at, at] = 1
    ((y - tensor(Y[:, :2])) ** 2 * tensor(kept)).sum().backward()

    found = diagnose(loss, x, np.round(x.grad.raw, 5))

    assert [f"the {what} window alone" in e.sentence for e in found.explanations] == [True]
    assert found.explanations[0].fix.startswith("dx as the sum over the windows")
