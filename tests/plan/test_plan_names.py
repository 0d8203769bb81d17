"""Names in the code of plans: operations and Tensors may be called anything."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tinygrad_edu import no_grad, tensor
from tinygrad_edu.ops.elementwise import Elementwise
from tinygrad_edu.plan import capture

NAMES = """
my op|class|<lambda>|inputs|run|make|pieces|sweep|sweep0|r0|r1|r2|i0|k3|k10|s1|c2|asarray|copyto|__debug__|None|np|step
multiply|add|state|settings|x|λ|ﬁ|²|1st|_|%|len|relu|permute|constant|generator|jax
"""


def bump(x):
    return np.exp(-x * x)


def bell(x):
    return np.exp(-x * x)


def slope(g, y, x):
    return -2 * g * x * y


def on_numbers(x):
    return math.exp(-x * x)


@pytest.mark.parametrize("name", NAMES.replace("\n", "|").strip("|").split("|"))
def test_an_operation_may_have_any_name(name):
    first, second = (Elementwise(forward, on_numbers, slope, name=name) for forward in (bump, bell))
    kept = tensor([1.0, 2.0], name=name)

    def step(x):
        with no_grad():
            kept.mul_(2.0)
        return first((x * 2).relu()) + second(x + kept) * tensor(2.0)

    plan = capture(step)
    for _ in range(3):
        plan(tensor([1.0, 2.0]))
    source = plan.source()
    before = kept.tolist()

    found = plan(tensor([1.0, 3.0])).tolist()

    kept.data = tensor(before)
    assert found == step(tensor([1.0, 3.0])).tolist()
    scope = {}
    exec(source, scope)
    state = {name: np.array(before)}
    assert scope["step"](np.array([1.0, 3.0]), state, {})[0].tolist() == found
    assert plan.source("jax")


def test_an_operation_without_a_name_of_its_own_is_replayed():
    odd = Elementwise(lambda x: -x, lambda x: -x, lambda g, _y, _x: -g)
    plan = capture(lambda x: odd(x * 1.0))

    assert [plan(tensor([1.0])).tolist() for _ in range(4)] == [[-1]] * 4


def test_a_function_called_like_one_at_the_top_of_its_file_is_not_taken_for_it():
    def bump(x):
        return x + 1

    ready = Elementwise(bump, on_numbers, slope)
    plan = capture(lambda x: ready(x * 1.0))
    for _ in range(3):
        plan(tensor([1.0]))

    with pytest.raises(RuntimeError, match="defined at the top of a file, under their own name, but bump in"):
        plan.source()


def step(x):
    return x + 1


def test_a_function_that_would_be_overwritten_by_the_step_is_refused():
    heaviside = Elementwise(step, on_numbers, slope)
    plan = capture(lambda x: heaviside(x * 1.0))
    for _ in range(3):
        plan(tensor([1.0]))

    with pytest.raises(RuntimeError, match="step stands for two things; rename one of them"):
        plan.source()
