"""Tensors that share memory in a step: views, aliases, parts that are overwritten. All as eagerly, bit for bit."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import no_grad, tensor
from tinygrad_edu.nn.functional import cross_entropy
from tinygrad_edu.plan import capture

SIZES = [(3, 4), (300, 600)]  # the large one is updated piece by piece


def numbers(shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def compared(make, *inputs, runs=5):
    """Runs two of what `make` makes, a step and the tensors to look at, one of them captured."""
    (step, seen), (other, others) = make(), make()
    plan = capture(other)
    for i in range(runs):
        found, expected = plan(*map(tensor, inputs)), step(*map(tensor, inputs))
        for a, b in zip(found, expected, strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=f"run {i}")
        for a, b in zip(others, seen, strict=True):
            np.testing.assert_array_equal(a.detach().numpy(), b.detach().numpy(), err_msg=f"run {i}")
    assert plan.ready


@pytest.mark.parametrize("shape", SIZES, ids=str)
def test_a_single_number_of_what_is_overwritten_is_read_before(shape):
    def make():
        w = tensor(numbers(shape))

        def step(x):
            first = w[0, 0]
            w.sub_(x * first)
            return [w.sum()]

        return step, [w]

    compared(make, np.full(shape, 0.1))


@pytest.mark.parametrize("alias", ["data", "detach"])
@pytest.mark.parametrize("shape", SIZES, ids=str)
def test_parameters_are_moved_by_another_name(shape, alias):
    def make():
        w = tensor(numbers(shape), requires_grad=True)

        def step(x):
            w.grad = None
            loss = (w * x).sum()
            loss.backward()
            same = w.data if alias == "data" else w.detach()
            same.sub_(0.1 * w.grad)
            return [loss.detach()]

        return step, [w]

    compared(make, numbers(shape, 1))


@pytest.mark.parametrize("shape", SIZES, ids=str)
@pytest.mark.parametrize(
    "view", [lambda w: w.detach(), lambda w: w.detach().reshape(-1), lambda w: w.detach()[1:]]
)
def test_a_view_from_before_the_step_is_read_again_after_an_update(view, shape):
    def make():
        w = tensor(numbers(shape), requires_grad=True)
        flat = view(w)

        def step(x):
            before = (flat * flat).sum()
            with no_grad():
                w.sub_(0.1 * x)
            return [before, (flat * flat).sum(), (w.detach() * 1).sum()]

        return step, [w, flat]

    compared(make, numbers(shape, 1))


def test_what_is_expanded_is_no_constant():
    base = tensor([1.0])
    wide = base.expand(3)
    plan = capture(lambda x: (x * (wide * 2)).sum())

    found = []
    for i in range(5):
        base.fill_(float(i))
        found.append(plan(np.ones(3)).item())

    assert found == [0, 6, 12, 18, 24]


@pytest.mark.parametrize("view", [lambda loss: loss.reshape(1), lambda loss: loss.detach()])
def test_a_single_number_is_overwritten_through_a_view(view):
    target = tensor([0, 1])

    def step(x):
        loss = cross_entropy(x, target)
        view(loss).mul_(100)
        return [loss * 1]

    compared(lambda: (step, []), np.eye(2))
