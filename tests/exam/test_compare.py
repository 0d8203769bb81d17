from __future__ import annotations

import numpy as np
import pytest

from tinygrad_edu.exam import compare
from tinygrad_edu.exam.compare import DIFFERS, GIVEN, SAME, WITHIN, Row
from tinygrad_edu.exam.paper import Printed, Problem1, Problem2, Problem3
from tinygrad_edu.exam.paper_rounding import Interval

ROWS = {(row.problem, row.name): row for row in compare.rows()}
KNOWN_DIFFERENCES = {
    (2, "dL/dW1, X_1"): compare.STALE_H,
    (2, "dL/dW1, X_2"): compare.STALE_H,
    (2, "dL/dW1, X_3"): compare.STALE_H,
    (2, "dL/dW1, mean"): compare.STALE_H,
    (3, "dL/dW1"): compare.BATCH_MEANS,
    (3, "dL/dW2"): compare.BATCH_MEANS,
    (3, "dL/dB"): compare.BATCH_MEANS,
    (3, "W1_new"): compare.WRONG_STEP,
}
PRINTED = [
    *Problem1.PRINTED.values(),
    *Problem2.INITIAL.values(),
    *Problem2.FORWARD.values(),
    *Problem2.GRADIENT_PER_EXAMPLE,
    Problem2.GRADIENT_MEAN,
    *Problem3.DATA.values(),
    *Problem3.INITIAL.values(),
    Problem3.LOSS,
    *Problem3.FORWARD.values(),
    *Problem3.GRADIENTS.values(),
    Problem3.LOSS_AVG,
    Problem3.W1_NEW,
]


def row(engine, values, decimals=2, **more):
    return Row(1, "x", Printed(np.array(values), decimals), np.array(engine), **more)


def test_every_printed_array_has_a_row_and_no_other():
    assert [r.printed for r in ROWS.values()] == PRINTED


@pytest.mark.parametrize("key", ROWS)
def test_every_number_is_reproduced_or_a_known_difference(key):
    if key in KNOWN_DIFFERENCES:
        assert ROWS[key].verdict == DIFFERS
        assert ROWS[key].reason == KNOWN_DIFFERENCES[key]
    else:
        assert ROWS[key].verdict in (SAME, WITHIN, GIVEN)


@pytest.mark.parametrize("key", ROWS)
def test_engine_and_paper_have_one_shape(key):
    assert ROWS[key].engine.shape == ROWS[key].printed.values.shape


def test_every_comparison_of_problem_3_carries_its_interval():
    assert all(r.given or r.allowed is not None for (problem, _), r in ROWS.items() if problem == 3)


def test_the_counts():
    assert compare.count(list(ROWS.values())) == {SAME: 121, WITHIN: 10, DIFFERS: 52, GIVEN: 68}


def test_only_what_the_engine_starts_from_is_given():
    given = [key for key, r in ROWS.items() if r.given]

    assert given == [(2, "W1"), (2, "W2"), *((3, name) for name in ("X", "Y", "W1", "W2", "B", "C"))]


def test_zeros_of_the_wrong_gradient_are_right():
    np.testing.assert_array_equal(ROWS[2, "dL/dW1, mean"].verdicts[3], [SAME] * 3)


def test_the_true_gradient_of_problem_3_is_far_outside_what_rounding_allows():
    r = ROWS[3, "dL/dW1"]
    distance = np.maximum(r.allowed.low - r.printed.values, r.printed.values - r.allowed.high)

    assert (distance > 5 * r.printed.half_unit).all()


# The verdict itself, on numbers made up for it.


def test_same_means_that_it_rounds_to_the_printed_number():
    assert row([0.3349, 0.3351], [0.33, 0.33]).verdicts.tolist() == [SAME, DIFFERS]


def test_a_tie_may_have_been_rounded_either_way():
    assert row([0.125, 0.125], [0.12, 0.13]).verdict == SAME


def test_numbers_printed_in_full_may_differ_in_the_last_bits():
    x = 0.10536051565782628

    assert row(np.nextafter(x, 1), x, 17).verdict == SAME
    assert row(x + 1e-15, x, 17).verdict == DIFFERS


def test_within_means_that_the_two_intervals_touch():
    allowed = Interval(np.array([0.336, 0.334]), np.array([0.35, 0.35]))

    assert row([0.34, 0.34], [0.33, 0.33], allowed=allowed).verdicts.tolist() == [DIFFERS, WITHIN]


def test_the_verdict_of_a_row_is_its_worst():
    assert row([0.33, 0.5], [0.33, 0.33]).verdict == DIFFERS


def test_what_differs_is_shown_with_three_digits():
    assert row([0.000123, 0.000004], [0.5, 0.0]).decimals == 6
    assert row([12.3], [45.0]).decimals == 2
    assert row([0.0], [45.0]).decimals == 2
