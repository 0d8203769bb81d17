"""L-BFGS finds the minimum of what it is given, and its line search what satisfies the conditions."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu import capture, tensor
from tinygrad_edu.optim import LBFGS, line_search
from tinygrad_edu.optim.line_search import CURVATURE, DECREASE, Point, cubic_minimum, strong_wolfe
from tinygrad_edu.reading.nodes import Computation


def minimized(function, start, steps=1, **settings):
    """Where L-BFGS arrives, and how often it has computed the loss."""
    w, calls = tensor(start, requires_grad=True), []
    optimizer = LBFGS([w], **settings)

    def closure():
        calls.append(w.tolist())
        optimizer.zero_grad()
        loss = function(w)
        loss.backward()
        return loss

    for _ in range(steps):
        optimizer.step(closure)
    return w.raw, calls, optimizer


def rosenbrock(w):
    return (1 - w[0]) ** 2 + 100 * (w[1] - w[0] ** 2) ** 2


def test_a_line_search_finds_the_minimum_of_rosenbrocks_valley():
    place, _, _ = minimized(rosenbrock, [-1.2, 1.0], steps=8, line_search_fn="strong_wolfe")

    np.testing.assert_allclose(place, [1, 1], atol=1e-4)


def test_steps_of_a_fixed_length_find_the_minimum_of_a_parabola():
    scales = tensor([1.0, 10.0, 100.0])

    place, _, _ = minimized(lambda w: (scales * (w - 3) ** 2).sum(), [0.0, 0.0, 0.0], steps=3)

    np.testing.assert_allclose(place, [3, 3, 3], atol=1e-6)


def test_the_first_step_goes_down_the_gradient_by_at_most_1():
    _, calls, _ = minimized(lambda w: (w * w).sum(), [4.0, 3.0], max_iter=2)

    np.testing.assert_allclose(calls[1], [4 - 8 / 14, 3 - 6 / 14])


def test_at_the_minimum_it_stays():
    place, calls, optimizer = minimized(lambda w: (w * w).sum(), [0.0])

    assert (place.tolist(), len(calls), optimizer.state_dict()["state"][0]["n_iter"]) == ([0], 1, 0)


def test_max_eval_and_max_iter_are_limits():
    _, calls, _ = minimized(rosenbrock, [-1.2, 1.0], max_iter=8)
    _, fewer, _ = minimized(rosenbrock, [-1.2, 1.0], max_iter=8, max_eval=3)

    assert (len(calls), len(fewer)) == (8, 3)


def test_history_size_is_how_many_pairs_are_kept():
    _, _, optimizer = minimized(rosenbrock, [-1.2, 1.0], line_search_fn="strong_wolfe", history_size=3)

    state = optimizer.state_dict()["state"][0]
    assert [len(state[key]) for key in ("old_dirs", "old_stps", "ro")] == [3, 3, 3]


def test_training_goes_on_from_saved_state():
    place, _, _ = minimized(rosenbrock, [-1.2, 1.0], steps=2, max_iter=5, line_search_fn="strong_wolfe")
    middle, _, saved = minimized(rosenbrock, [-1.2, 1.0], max_iter=5, line_search_fn="strong_wolfe")

    w = tensor(middle, requires_grad=True)
    optimizer = LBFGS([w])
    optimizer.load_state_dict(saved.state_dict())

    def closure():
        optimizer.zero_grad()
        loss = rosenbrock(w)
        loss.backward()
        return loss

    loss = optimizer.step(closure)

    np.testing.assert_array_equal(w.raw, place)
    assert loss.item() == rosenbrock(tensor(middle)).item()


@pytest.mark.parametrize("changed_before", [False, True])
def test_what_was_computed_before_a_step_keeps_the_numbers_it_was_computed_with(changed_before):
    w = tensor([1.0, 3.0], requires_grad=True)
    older = (w * 2).sum()
    if changed_before:
        w.data.add_(1)
    optimizer, start = LBFGS([w]), w.tolist()
    loss = (w * w).sum()

    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    optimizer.step(closure)

    assert Computation(loss).array(w).tolist() == start
    assert w.tolist() != start
    assert list(Computation(older).lost) == [w] * changed_before


def test_a_step_needs_a_closure():
    with pytest.raises(
        TypeError, match=r"LBFGS.step needs a function that recomputes the loss, got None; write step"
    ):
        LBFGS([tensor([1.0], requires_grad=True)]).step()


def test_there_is_one_group():
    a, b = (tensor([1.0], requires_grad=True) for _ in "ab")

    with pytest.raises(ValueError, match="LBFGS needs all parameters in one group, got a second one"):
        LBFGS([{"params": [a]}, {"params": [b]}])


@pytest.mark.filterwarnings("ignore:capture leaves .* alone")
def test_a_plan_in_which_numbers_decide_equals_the_step_as_written():
    ends = []
    for wrap in (capture, lambda step: step):
        w = tensor([1.0, 3.0], requires_grad=True)
        optimizer = LBFGS([w])

        @wrap
        def step(x, w=w, optimizer=optimizer):
            def closure():
                optimizer.zero_grad()
                loss = ((w * x).sum() - 1) ** 2 + (w * w).sum()
                loss.backward()
                return loss

            return optimizer.step(closure)

        ends.append([(step(tensor([1.0, 0.1 * i])).item(), w.tolist()) for i in range(8)])

    assert ends[0] == ends[1]


# The line search.


@pytest.mark.parametrize("first", [0.01, 0.5, 1.0, 30.0])
def test_the_point_that_is_found_satisfies_both_conditions(first):
    def point(t):
        slope = 4 * (t - 1) ** 3 + np.cos(3 * t)
        return Point(t, (t - 1) ** 4 + np.sin(3 * t) / 3, np.array([slope]), slope)

    start = point(0.0)
    found, evaluations = strong_wolfe(point, start, first, 1.0, 25)

    assert found.loss <= start.loss + DECREASE * found.t * start.slope
    assert abs(found.slope) <= CURVATURE * abs(start.slope)
    assert 1 <= evaluations <= 26


@pytest.mark.parametrize(
    ("t", "stalled", "expected"),
    [
        (5, False, (5, False)),
        (0.5, False, (0.5, True)),
        (0.5, True, (1, False)),
        (9.5, True, (9, False)),
        (10, False, (9, False)),
        (0, False, (1, False)),
    ],
)
def test_a_point_near_an_end_for_the_second_time_is_moved_a_tenth_inwards(t, stalled, expected):
    assert line_search._safe(t, 0, 10, stalled) == expected


def test_the_cubic_through_two_points_of_a_cubic_is_that_cubic():
    def point(t):
        return Point(t, t**3 - 3 * t, np.zeros(1), np.float64(3 * t**2 - 3))

    assert cubic_minimum(point(0.0), point(3.0), 0.0, 3.0) == pytest.approx(1)
    assert cubic_minimum(point(3.0), point(0.0), 0.0, 3.0) == pytest.approx(1)
    assert cubic_minimum(point(0.0), point(3.0), 1.5, 3.0) == 1.5  # not beyond the ends


def test_without_a_minimum_the_middle_is_taken():
    a, b = Point(0.0, 0.0, np.zeros(1), np.float64(1.0)), Point(2.0, 2.0, np.zeros(1), np.float64(1.5))

    assert cubic_minimum(a, b, 0.0, 2.0) == pytest.approx(1.0)
