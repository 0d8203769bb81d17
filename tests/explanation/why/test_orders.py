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


def diamonds(count):
    """A chain in which every result is used in two places, so that paths double."""
    x = Value(1.0, label="x")
    for i in range(count):
        x = x * 2 + x * 3
        x.label = f"h{i}"
    return x


def test_naive_recursion_comes_by_once_for_every_path():
    found = compare_orders(diamonds(2))

    assert [row.visits for row in found.rows] == [1, 1, 1, 2, 2, 2, 4]
    assert (found["h1"].visits, found["h0"].visits, found["x"].visits) == (1, 2, 4)
    assert (found.visits, found.nodes) == (13, 7)


def test_rows_hold_both_gradients_and_can_be_asked_for_by_name():
    found = compare_orders(on_values())

    assert (found["a"].right, found["a"].naive, found["a"].visits) == (4, 6, 2)
    assert found["a"] in found.wrong
    assert (found["b"].right, found["b"].naive, found["b"].reason) == (2, 2, "")
    with pytest.raises(KeyError, match=r"there is no 'c'; there are .*, b, a"):
        found["c"]


def test_what_is_passed_on_half_finished_is_written_out():
    assert str(compare_orders(on_values())) == (
        "a: right 4, naive 6, because b was visited twice, first with its gradient half-finished: it passed on 1 + 2 "
        "where 2 was due\n(naive recursion makes 7 visits, the topological order 5)"
    )


def test_several_that_were_half_finished_are_all_blamed():
    a = Value(1.0, label="a")
    b, c = a * 2, a * 3
    b.label, c.label = "b", "c"
    loss = ((b + 1) + (b + 2)) + ((c + 1) + (c + 2))

    half = "was visited twice, first with its gradient half-finished: it passed on 1 + 2 where 2 was due"
    assert compare_orders(loss)["a"].reason == f"right 10, naive 15, because b {half} and c {half}"


def test_arrays_are_compared_by_how_far_they_are_off():
    w = tensor([1.0, 2.0], requires_grad=True, name="w")
    h = w * tensor([3.0, 5.0])
    h.name = "h"

    reason = compare_orders(((h + 1) * (h + 2)).sum())["w"].reason

    assert reason.startswith("wrong by up to ")
    assert reason.endswith("because h was visited twice, first with its gradient half-finished")


def test_what_is_used_many_times_is_counted():
    a = Value(1.0, label="a")
    b = a * 2
    b.label = "b"
    loss = sum([b + i for i in range(1, 5)], b + 5)

    assert "b was visited 5 times, first with its gradient half-finished" in compare_orders(loss)["a"].reason
    assert "it passed on" not in compare_orders(loss)["a"].reason


@pytest.mark.parametrize("build", [lambda: Value(2.0) * 3, lambda: tensor(2.0, requires_grad=True) * 3])
def test_where_nothing_is_used_twice_both_orders_agree(build):
    assert str(compare_orders(build())) == (
        "both orders agree: nothing computed is used in more than one place\n"
        "(naive recursion makes 2 visits, the topological order 2)"
    )


def test_a_leaf_that_is_used_twice_is_right_in_any_order():
    a = Value(3.0, label="a")

    assert compare_orders(a * a).wrong == []
    assert compare_orders(a * a)["a"].naive == 6


@pytest.mark.parametrize(("limit", "finished"), [(13, True), (12, False)])
def test_more_visits_than_the_limit_are_not_tried(limit, finished):
    found = compare_orders(diamonds(2), limit=limit)

    assert found.finished is finished
    assert (found["x"].naive is not None) is finished
    assert found["x"].right == 25


def test_paths_that_are_too_many_are_counted_all_the_same():
    assert str(compare_orders(diamonds(40))) == (
        "naive recursion makes 4,398,046,511,101 visits, the topological order 121: it comes by once for every path, "
        "and paths multiply. Too many to try; take a smaller graph, or a larger limit="
    )


def test_names_are_their_own_or_those_of_the_caller():
    mine = Value(1.0)
    loss = (mine * 2 + 1) * Value(2.0, label="mine")

    names = [row.name for row in compare_orders(loss).rows]

    assert names[0] == "loss"
    assert "mine" in names
    assert compare_orders(loss, {"total": loss}).rows[0].name == "total"


def test_infinite_gradients_are_compared_without_a_warning():
    x = Value(0.0, label="x")

    found = compare_orders(x.sqrt() + x.sqrt())

    assert found["x"].right == float("inf")


@pytest.mark.parametrize(
    ("loss", "error", "message"),
    [
        (3.0, TypeError, "compare_orders needs a Tensor or a Value, got float 3.0"),
        (
            tensor([1.0, 2.0], requires_grad=True) * 2,
            ValueError,
            r"compare_orders needs a single number, got shape \(2,\); take its sum or mean",
        ),
    ],
)
def test_only_a_single_number_has_orders(loss, error, message):
    with pytest.raises(error, match=message):
        compare_orders(loss)


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
