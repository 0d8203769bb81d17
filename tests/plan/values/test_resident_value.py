"""Parameters that reside in the memory of a plan look like any others, and are what is read and written."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from tinygrad_edu import Value, capture


def trained(p, q, steps=4):
    """A plan that replays and moves its parameters."""

    @capture(check="never")
    def plan(x):
        loss = (p * x + q) ** 2
        loss.backward()
        for v in (p, q):
            v.data -= 0.01 * v.grad
            v.grad = 0.0
        return loss

    for _ in range(steps):
        plan(2.0)
    assert plan.ready
    return plan


def test_reading_shows_the_numbers_of_today_and_writing_sets_them():
    p, q = Value(1.0, label="p"), Value(0.5)
    a, b = Value(1.0), Value(0.5)
    plan = trained(p, q)
    for _ in range(4):
        plan_step(a, b)

    p.data, a.data = 3.0, 3.0
    q.grad = b.grad = 0.25
    losses = plan(2.0).data, plan_step(a, b)

    assert losses[0] == losses[1]
    assert (p.data, q.data, p.grad, q.grad) == (a.data, b.data, 0.0, 0.0)


def test_a_resident_looks_and_computes_as_any_value():
    p, q = Value(1.0, label="p"), Value(0.5)
    trained(p, q)
    twin = Value(p.data, "p")

    loss = (p * q + 2 * p).tanh()
    loss.backward()

    assert isinstance(p, Value)
    assert p.__class__ is Value
    assert (repr(twin), f"{p:.3f}", p.label) == (f"Value(data={p.data}, grad=0.0)", f"{twin:.3f}", "p")
    assert loss._prev
    assert p.grad == pytest.approx((1 - loss.data**2) * (q.data + 2))
    assert (p < 5, float(p)) == (True, p.data)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_copies_are_ordinary_values(copied):
    p = Value(1.0, label="p")
    trained(p, Value(0.5))

    found = copied(p)
    found.data += 1

    assert type(found) is Value
    assert (found.data, found.label) == (p.data + 1, "p")


def test_a_graph_from_before_sends_its_gradients_to_residents():
    p, q = Value(1.0), Value(0.5)
    early = p * q
    trained(p, q)

    early.backward()

    assert (p.grad, q.grad) == (0.5, 1.0)


def test_two_plans_share_parameters():
    p, q = Value(1.0), Value(0.5)
    a, b = Value(1.0), Value(0.5)
    first = trained(p, q)
    second = capture(lambda x: p * x - q, check="never")
    for _ in range(4):
        plan_step(a, b)

    for _ in range(3):
        assert second(1.0).data == a.data - b.data
        assert first(2.0).data == plan_step(a, b)


def plan_step(a, b):
    loss = (a * 2.0 + b) ** 2
    loss.backward()
    for v in (a, b):
        v.data -= 0.01 * v.grad
        v.grad = 0.0
    return loss.data


def test_what_is_no_number_ends_the_residence_and_the_plan_says_so():
    p, q = Value(1.0), Value(0.5)
    plan = trained(p, q)

    p.grad = None

    assert (type(p), p.grad) == (Value, None)
    with pytest.warns(UserWarning, match="runs as written from now on"), pytest.raises(TypeError):
        plan(2.0)


def test_a_parameter_of_a_new_size_of_inputs_keeps_its_numbers():
    p = Value(2.0)

    @capture(check="never")
    def plan(xs):
        loss = sum(p * x for x in xs)
        loss.backward()
        p.data -= 0.1 * p.grad
        p.grad = 0.0
        return loss

    found = [plan([1.0] * n).data for n in (1, 1, 2, 1, 2, 3, 3)]

    np.testing.assert_allclose(found, [2.0, 1.9, 3.6, 1.6, 3.0, 3.9, 3.0])
