"""Mistakes that show in the shape."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import diagnose, tensor
from tinygrad_edu.nn import functional

rng = np.random.default_rng(0)
X = rng.normal(size=(5, 3))


def test_a_penalty_stretches_what_was_transposed():
    w = tensor(rng.normal(size=(3, 1)), requires_grad=True, name="W")
    loss = ((tensor(X) @ w) ** 2).mean() + 0.1 * (w**2).sum()
    turned = (X.T @ (2 * X @ w.raw / 5)).T + 0.2 * w.raw

    found = diagnose(loss, w, np.round(turned, 4))

    assert turned.shape == (3, 3)
    assert [e.mistake for e in found.explanations] == ["transposed"]
    assert "stretched over it by the penalty" in str(found)


def test_the_bias_of_a_convolution_may_come_in_another_shape():
    b = tensor(rng.normal(size=4), requires_grad=True, name="b")
    kernel = tensor(rng.normal(size=(4, 2, 3, 3)))
    loss = (functional.conv2d(tensor(rng.normal(size=(3, 2, 4, 4))), kernel, b) ** 2).mean()

    assert diagnose(loss, b, np.round(rng.normal(size=(1, 4)), 4)).verdict == "unknown"


def test_a_shared_bias_may_be_summed_over_everything_at_every_use():
    w = tensor(rng.normal(size=(3, 3)), requires_grad=True, name="W")
    b = tensor(rng.normal(size=3), requires_grad=True, name="b")
    h = (tensor(X) @ w + b).tanh()
    loss = ((h @ w + b) ** 2).mean()
    loss.backward()

    found = diagnose(loss, b, np.round(b.grad.numpy().sum(), 4))

    assert [e.mistake for e in found.explanations] == ["summed-over-everything"]


@pytest.mark.parametrize(
    ("product", "array"),
    [
        ("x * dz", lambda x, dz: x * dz),
        ("x.T @ x", lambda x, dz: x.T @ x),
        ("x @ x.T", lambda x, dz: x @ x.T),
        ("dz @ dz.T", lambda x, dz: dz @ dz.T),
    ],
)
def test_a_product_that_is_no_gradient_is_named(product, array):
    w = tensor(rng.normal(size=(3, 1)), requires_grad=True, name="W")
    loss = ((tensor(X) @ w) ** 2).mean()

    found = diagnose(loss, w, np.round(array(X, 2 * X @ w.raw / 5), 6), names={})

    assert [e.mistake for e in found.explanations] == ["wrong-product"]
    assert (
        str(found).splitlines()[1].startswith(f"It equals {product}, which is no gradient. You wrote dW = ")
    )
