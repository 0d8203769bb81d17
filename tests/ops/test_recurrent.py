"""All steps of an LSTM in one operation. Its rules against differences: `tests/ops/test_rules.py`."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from tinygrad_edu import tensor
from tinygrad_edu.ops import recurrent

SHAPES = ((5, 2, 12), (12, 3), (2, 3), (2, 3))


def inputs():
    rng = np.random.default_rng(0)
    return [tensor(rng.normal(size=shape), requires_grad=True) for shape in SHAPES]


def gradients(xs):
    for x in xs:
        x.grad = None
    (recurrent.lstm(*xs) ** 3).sum().backward()
    return [x.grad.numpy().copy() for x in xs]


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_slopes_computed_for_a_few_steps_at_a_time_give_the_same(monkeypatch, steps):
    xs = inputs()
    expected = gradients(xs)

    monkeypatch.setattr(recurrent, "_BLOCK", steps * 4 * 3 * 2)

    for found, whole in zip(gradients(xs), expected, strict=True):
        np.testing.assert_allclose(found, whole, rtol=1e-12, atol=1e-15)


def test_all_rules_share_one_sweep_and_nothing_is_kept_after_it(monkeypatch):
    calls = []
    slopes = recurrent._slopes
    monkeypatch.setattr(recurrent, "_slopes", lambda *parts: (calls.append(1), slopes(*parts))[1])

    xs = inputs()
    gradients(xs)

    gc.collect()
    assert len(calls) == 1
    assert recurrent._sweep.kept == {}


def test_one_gradient_of_two_networks_is_swept_for_each():
    g = tensor(np.random.default_rng(1).normal(size=(2, 5, 2, 3)))
    first, second, alone = inputs(), inputs(), inputs()
    for network in (second, alone):
        network[0].data = first[0].detach() * 0.5
    (recurrent.lstm(*alone) * g).sum().backward()

    both = recurrent.lstm(*first) + recurrent.lstm(*second)  # whose rule hands both the same array
    (both * g).sum().backward()

    for x, y in zip(second, alone, strict=True):
        np.testing.assert_array_equal(x.grad, y.grad)


def test_large_gates_neither_overflow_nor_warn():
    xs = inputs()
    xs[0].data = xs[0].detach() * 1e4

    y = recurrent.lstm(*xs)
    y.sum().backward()

    assert np.isfinite(y.detach().numpy()).all()
    assert all(np.isfinite(x.grad.numpy()).all() for x in xs)
