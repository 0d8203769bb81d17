"""At a kink every slope between the one-sided ones is right, and no other one is."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import OPERATIONS, diagnose, tensor

V = np.array([1.0, 2.0, 3.0, 4.0])


def leaf(*numbers):
    return tensor(list(numbers), requires_grad=True)


def right(loss, answers):
    return diagnose(loss, answers).right


@pytest.mark.parametrize(
    ("slope", "accepted"), [(0, True), (0.5, True), (1, True), (1.25, False), (-0.25, False)]
)
def test_relu_at_0_has_any_slope_from_0_to_1(slope, accepted):
    x = leaf(0.0, -1.0, 2.0, 0.0)

    assert right((x.relu() * V).sum(), {x: V * [slope, 0, 1, 0]}) is accepted


@pytest.mark.parametrize(
    ("slope", "accepted"), [(-1, True), (0, True), (0.5, True), (1, True), (1.25, False), (-1.25, False)]
)
def test_abs_at_0_has_any_slope_from_minus_1_to_1(slope, accepted):
    x = leaf(0.0, -1.0, 2.0, 3.0)

    assert right((x.abs() * V).sum(), {x: V * [slope, -1, 1, 1]}) is accepted


@pytest.mark.parametrize("extreme", ["maximum", "minimum"])
@pytest.mark.parametrize(
    ("first", "second", "accepted"),
    [
        (1, 0, True),
        (0, 1, True),
        (0.25, 0.75, True),
        (1, 1, False),
        (0, 0, False),
        (1.25, -0.25, False),
        (-0.25, 1.25, False),
    ],
)
def test_at_a_tie_one_unit_is_shared_between_both_sides(extreme, first, second, accepted):
    x, y = leaf(5.0, 1.0, 1.0, 1.0), leaf(5.0, 7.0, 7.0, 7.0)
    loss = (getattr(x, extreme)(y) * V).sum()
    loss.backward()
    of_x, of_y = (z.grad.numpy().copy() for z in (x, y))
    of_x[0], of_y[0] = first, second

    assert right(loss, {x: of_x, y: of_y}) is accepted


def test_at_a_tie_with_a_number_the_tensor_may_have_all_or_nothing():
    x = leaf(2.0, 1.0, 3.0, 2.0)
    loss = (np.maximum(x, 2.0) * V).sum()

    assert right(loss, {x: [1, 0, 3, 0]})
    assert not right(loss, {x: [2, 0, 3, 0]})


def test_what_is_repeated_has_the_slopes_of_all_its_places():
    x = leaf(0.0, 1.0, 2.0, 3.0)
    rows = np.array([[0.0, 0, 0, 0], [0.5, 1, 2, 3]])
    loss = x.maximum(tensor(rows)).sum()  # a tie in every place but one

    assert right(loss, {x: [1, 2, 2, 2]})
    assert right(loss, {x: [0, 1, 1, 1]})
    assert not right(loss, {x: [2, 2, 2, 2]})


def test_every_kink_has_a_slope_of_its_own():
    x = leaf(0.0, 0.0, 0.0, 1.0)

    assert right((x.relu() * V).sum(), {x: V * [1, 0.5, 0, 1]})


def test_the_slope_is_carried_further_back():
    w, x = tensor(np.zeros((2, 2)), requires_grad=True), tensor([[1.0, 2.0], [3.0, -1.0]])
    loss = ((x @ w).relu() * tensor([[1.0, 2.0], [3.0, 4.0]])).sum()

    of_ones = x.raw.T @ [[1, 2], [3, 4]]

    assert right(loss, {w: of_ones})
    assert right(loss, {w: 0.5 * of_ones})
    assert not right(loss, {w: 1.5 * of_ones})


@pytest.mark.parametrize(
    ("slopes", "accepted"),
    [
        ([[0.5, 0.5], [0.5, 0.5]], True),
        ([[-1, 1], [1, -1]], True),
        ([[0.9, -0.3], [0.2, 1]], True),
        ([[1.25, 0], [0, 0]], False),
        ([[0.5, 0.5], [0.5, -1.25]], False),
    ],
)
def test_slopes_are_found_though_the_rows_of_the_input_are_nearly_parallel(slopes, accepted):
    w, x, t = (
        tensor(np.zeros((2, 2)), requires_grad=True),
        1.0371 * np.array([[1, 2], [3, 5]]),
        [[1.0, 2], [3, 4]],
    )
    loss = ((tensor(x) @ w).abs() * tensor(t)).sum()

    assert right(loss, {w: x.T @ (np.multiply(slopes, t))}) is accepted


def test_slopes_are_found_where_all_of_them_lie_at_an_end():
    w, x = tensor(np.zeros(2), requires_grad=True), np.array([[1.0, 0], [1, 0.1], [1, -0.2], [1, 0.05]])
    loss = (tensor(x) @ w).relu().sum()

    assert right(loss, {w: x.T @ [0, 1, 0, 1]})  # no other slopes from 0 to 1 give these sums
    assert not right(loss, {w: x.T @ [0, 1.3, 0, 1]})


def test_one_kink_has_the_same_slope_in_all_arrays():
    x, w = leaf(0.0, 0.0, 1.0, 1.0), leaf(1.0, 2.0, 3.0, 4.0)
    h = x * 1
    loss = (h.relu() * w).sum()

    assert right(loss, {h: [1, 0, 3, 4], x: [1, 0, 3, 4]})
    assert not right(loss, {h: [1, 0, 3, 4], x: [0, 1, 3, 4]})


@pytest.mark.parametrize(
    ("slope", "accepted"), [(2, True), (2.25, True), (3, True), (1.5, False), (3.5, False)]
)
def test_both_sides_of_a_tie_may_come_from_one_tensor(slope, accepted):
    w = leaf(0.0, 1.0, 1.0, 1.0)
    loss = ((w * 2).maximum(w * 3) * V).sum()

    assert right(loss, {w: V * [slope, 3, 3, 3]}) is accepted


@pytest.mark.parametrize("answer", [[0, 0, 3, 4], [1, 2, 3, 4]])
def test_away_from_kinks_there_is_one_slope(answer):
    x = leaf(0.1, -1.0, 2.0, 3.0)

    assert right((x.relu() * V).sum(), {x: [1, 0, 3, 4]})
    assert not right((x.relu() * V).sum(), {x: answer})


def test_a_kink_that_gets_no_gradient_has_no_slope():
    x, w = leaf(0.0, 1.0, 2.0, 3.0), leaf(0.0, 1.0, 1.0, 0.0)
    loss = (OPERATIONS["where"](w.relu(), x.relu(), x) * V).sum()

    assert right(loss, {x: V})
    assert not right(loss, {x: V * 2})


@pytest.mark.parametrize("spread", [1.0, 0.05], ids=["rows of any direction", "rows nearly parallel"])
@pytest.mark.parametrize("seed", range(10))
def test_any_slopes_at_many_kinks_are_found(seed, spread):
    rng = np.random.default_rng(seed)
    x = spread * rng.normal(size=(14, 10)) + rng.normal(size=10)
    w = tensor(np.zeros(10), requires_grad=True)
    slopes = np.clip(rng.normal(0.5, 1, size=14), 0, 1)  # some at an end, some between
    loss = (tensor(x) @ w).relu().sum()

    assert diagnose(loss, w, x.T @ slopes, digits=6).right
    assert not diagnose(loss, w, x.T @ (slopes + 1.1 * (x @ x.sum(axis=0) > 0)), digits=6).right


@pytest.mark.parametrize("examples", [10, 200])
@pytest.mark.parametrize(
    ("slope", "accepted"), [(0, True), (0.5, True), (1, True), (0.3, True), (1.5, False)]
)
def test_all_numbers_of_a_layer_may_lie_on_the_kink_as_when_its_weights_begin_at_0(examples, slope, accepted):
    rng = np.random.default_rng(0)
    x, v = rng.normal(size=(examples, 3)), rng.normal(size=(4, 1))
    w = tensor(np.zeros((3, 4)), requires_grad=True)
    loss = ((tensor(x) @ w).relu() @ v + 1).square().mean()
    upstream = 2 / examples * np.ones((examples, 1)) @ v.T

    assert right(loss, {w: slope * x.T @ upstream}) is accepted


def test_a_kink_behind_a_kink_has_the_slope_that_the_first_one_lets_through():
    x = leaf(0.0, 0.0, 1.0, 2.0)
    loss = ((x.relu() * 2).relu() * V).sum()

    assert right(loss, {x: 2 * V})
    assert right(loss, {x: [0, 0, *2 * V[2:]]})
    assert not right(loss, {x: 3 * V})
