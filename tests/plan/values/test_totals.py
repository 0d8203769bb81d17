"""Totals of many Values in a plan: the sign of zero is that of the sum as written."""

from __future__ import annotations

import math

import pytest

from tinygrad_edu import Value
from tinygrad_edu.plan import capture

TERMS = 6


def summed(xs):
    return sum(xs)


def added(xs):
    total = xs[0]
    for x in xs[1:]:
        total = total + x
    return total


@pytest.mark.parametrize(("total", "sign"), [(summed, 1.0), (added, -1.0)])
def test_a_total_of_negative_zeros_has_the_sign_of_the_sum_as_written(total, sign):
    first, second = ([Value(1.0 + i + j) for j in range(TERMS)] for i in range(2))
    one = Value(1.0)

    def step(x):
        return total([w * x for w in first]) * one + total([w * x for w in second]) * one

    plan = capture(step, check="never")

    found = [math.copysign(1, plan(x).data) for x in [-0.0] * 6]

    assert found == [math.copysign(1, step(-0.0).data)] * 6 == [sign] * 6
