"""All steps of an LSTM in one operation. Its rules against differences: `tests/ops/test_rules.py`."""

from __future__ import annotations

import gc

import numpy as np

from tinygrad_edu import tensor
from tinygrad_edu.ops import recurrent
from tinygrad_edu.plan import capture

SHAPES = ((5, 2, 12), (12, 3), (2, 3), (2, 3))


def inputs():
    rng = np.random.default_rng(0)
    return [tensor(rng.normal(size=shape), requires_grad=True) for shape in SHAPES]


def detached(xs):
    return [x.detach() for x in xs]


def gradients(xs):
    for x in xs:
        x.grad = None
    (recurrent.lstm(*xs) ** 3).sum().backward()
    return [x.grad.numpy().copy() for x in xs]


def test_kernels_compute_what_the_formulas_say():
    x, w, h, c = (each.numpy() for each in detached(inputs()))
    g = np.random.default_rng(1).normal(size=(2, *x.shape[:2], w.shape[1]))

    blocks = recurrent.lstm_steps(x, w, h, c)

    np.testing.assert_allclose(blocks, recurrent._steps(x, w, h, c), rtol=1e-12, atol=1e-15)
    found = recurrent.lstm_back(g, w, blocks)
    np.testing.assert_allclose(found, recurrent._steps_back(g, w, blocks), rtol=1e-12, atol=1e-15)


def test_all_rules_share_one_way_back_and_nothing_is_kept_after_it(monkeypatch):
    calls = []
    slopes = recurrent.slopes_of
    monkeypatch.setattr(recurrent, "slopes_of", lambda *parts: (calls.append(1), slopes(*parts))[1])

    xs = inputs()
    gradients(xs)

    gc.collect()
    assert len(calls) == 1
    assert recurrent._back.kept == {}


def test_a_plan_computes_all_steps_and_their_way_back_in_one_call_each():
    xs = inputs()

    def step(x):
        for each in xs:
            each.grad = None
        loss = (recurrent.lstm(x, *xs[1:]) ** 3).sum()
        loss.backward()
        return loss

    plan = capture(step)
    x = tensor(np.random.default_rng(1).normal(size=SHAPES[0]))
    expected = [step(x), *(each.grad for each in xs[1:])]
    for _ in range(4):
        loss = plan(x)

    names = [call.operation.name for call in plan.program.calls]
    assert [names.count(name) for name in ("lstm_steps", "lstm", "lstm_back", "sigmoid")] == [1, 1, 1, 0]
    for found, eager in zip([loss, *(each.grad for each in xs[1:])], expected, strict=True):
        np.testing.assert_array_equal(found.detach().numpy(), eager.detach().numpy())


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
