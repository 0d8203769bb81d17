"""Naive recursion beside the topological order."""

from __future__ import annotations

import pytest

from tinygrad_edu import Value, compare_orders, tensor


def on_values():
    a = Value(1.0, label="a")
    b = 2 * a
    b.label = "b"
    return (b + 1) + (b + 2)


def on_tensors():
    a = tensor(1.0, requires_grad=True, name="a")
    b = 2 * a
    b.name = "b"
    return (b + 1) + (b + 2)


@pytest.mark.parametrize("build", [on_values, on_tensors])
def test_a_value_used_twice_is_wrong_in_naive_recursion(build):
    answer = str(compare_orders(build()))

    assert "a: right 4, naive 6, because b was visited twice, first with its gradient half-finished" in answer


def test_nothing_is_written_into_the_gradients():
    loss = on_tensors()

    compare_orders(loss)

    assert loss.inputs[0].grad is None


def test_a_chain_is_right_in_any_order():
    a = tensor(2.0, requires_grad=True, name="a")

    assert "naive 6" not in str(compare_orders((a * 3).tanh()))


def test_a_long_diamond_does_not_take_for_ever():
    x = a = tensor(1.0, requires_grad=True, name="a")
    for _ in range(200):
        x = x * 0.5 + x * 0.5

    assert a.name in str(compare_orders(x)) or "visits" in str(compare_orders(x))
