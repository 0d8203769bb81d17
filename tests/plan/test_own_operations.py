"""Operations of one's own in a plan, written with no thought of plans."""

from __future__ import annotations

import numpy as np

from tinygrad_edu import tensor
from tinygrad_edu.engine.operation import operation
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.plan import capture


def swish(x, out=None):
    """x sigmoid(x), which reads x again after it has written."""
    e = np.exp(-x, out=out)
    return np.true_divide(x, np.add(e, 1, out=out), out=out)


def same_in_every_run(step, *inputs):
    plan = capture(step)
    for _ in range(4):
        np.testing.assert_array_equal(plan(*map(tensor, inputs)).numpy(), step(*map(tensor, inputs)).numpy())
    assert plan.ready


def test_one_that_reads_its_input_after_writing_is_not_given_it_to_write_into():
    own = Elementwise(swish, lambda x: float(swish(np.float64(x))), None, name="swish")

    same_in_every_run(lambda x: own(x * 2) + 1, np.array([1.0, 2.0]))


def test_one_that_returns_its_input_need_not_say_so():
    same = operation(lambda g, _y, _x: g)(lambda x: x)
    same.name = "same"
    w = tensor([1.0, 2.0])

    def step(x):
        y = same(x * 2)
        z = y + 1
        y.mul_(10)
        w.assign(same(w) * 0.5)
        return y + z + x + same(w)

    plan = capture(step)
    expected = w.numpy().copy()
    for i in range(5):
        x = np.array([3.0, 4.0]) + i
        expected *= 0.5
        np.testing.assert_array_equal(plan(tensor(x)).numpy(), x * 20 + (x * 2 + 1) + x + expected)
    assert plan.ready
