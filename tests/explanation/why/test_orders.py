"""Naive recursion beside the topological order."""

from __future__ import annotations

import pytest

from tinygrad_edu import Value, compare_orders, tensor
from tinygrad_edu.ops.elementwise import Elementwise


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


def test_only_what_gets_a_gradient_has_a_row():
    weigh = Elementwise(
        lambda x, y: x * y, lambda x, y: x * y, lambda g, _z, _x, y: g * y, None, name="weigh"
    )
    w, v = tensor(2.0, requires_grad=True, name="w"), tensor(3.0, requires_grad=True, name="v")

    orders = compare_orders(weigh(w * w, v * v) + 1)

    assert [row.tensor.name for row in orders.rows if row.tensor.operation is None] == ["w"]
    assert orders["w"].right == orders["w"].naive == 36
    assert orders["w"].visits == 1


def test_a_row_is_found_by_the_name_of_a_variable():
    loss = on_tensors()

    assert compare_orders(loss)["loss"].tensor is loss
    assert compare_orders(loss, {"total": loss})["total"].tensor is loss
    with pytest.raises(KeyError, match="there is no 'loss'; there are L, "):
        compare_orders(loss, {})["loss"]
