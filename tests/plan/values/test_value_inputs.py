"""Inputs of a captured step behave like the numbers, lists and arrays they are; plain arithmetic is followed."""

from __future__ import annotations

import math
from math import cos, sqrt

import numpy as np
import pytest

from tinygrad_edu import Value, tensor
from tinygrad_edu.plan import capture

p = Value(1.5)

ARITHMETIC = {
    "negative": lambda x, y: p * -x,
    "scaled": lambda x, y: p * (x * 2 + 1),
    "of two inputs": lambda x, y: p * (x - y) + (y / x) * p,
    "reflected": lambda x, y: p * (1 - x) * (2**y) + 3 / y * p,
    "sum": lambda x, y: p * sum([x, y, x]),
    "float sum": lambda x, y: p * sum([x, y], 0.0),
    "absolute": lambda x, y: p + abs(x) * p,
    "numpy number": lambda x, y: p * (np.float64(2) * x) + p * (y * np.float64(3)),
    "values of it": lambda x, y: Value(x * y) * p,
    "exponent": lambda x, y: p**x,
    "array of numbers": lambda x, y: (np.array([1.0, 2.0]) * x).sum() * p,
    "both ways": lambda x, y: x * p - p / y,
    "positive": lambda x, y: +x * p,
    "float of it": lambda x, y: p * float(x),
}


@pytest.mark.parametrize("name", ARITHMETIC)
def test_plain_arithmetic_on_inputs_is_followed(name):
    step = ARITHMETIC[name]

    plan = capture(step)

    for x, y in ((2.0, -0.5), (0.3, 0.7)):
        assert plan(x, y).data == pytest.approx(step(x, y).data, rel=1e-14)


ARRAYS = {
    "elements": lambda X: X[0, 1] * p + X[1, 0],
    "rows": lambda X: sum(sum(row) * p for row in X),
    "product with values": lambda X: (X @ np.array([p, p * 2]))[0],
    "whole": lambda X: (X * 2 - X.mean()).sum() * p,
    "scaled by an element": lambda X: (X[0] * X[1, 1]).sum() * p + (X[1, 1] * X[0])[0],
    "functions": lambda X: np.exp(X)[0, 0] * p,
    "transposed": lambda X: X.T[1, 0] * p * len(X) * X.shape[1],
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_stay_arrays(name):
    step = ARRAYS[name]
    X = np.array([[0.5, -1.0], [2.0, 3.0]])

    plan = capture(step)

    for other in (X, X + 0.3):
        assert plan(other).data == pytest.approx(step(other).data, rel=1e-14)


def test_lists_and_tuples_are_lists_and_whole_numbers_are_numbers():
    def step(rows, k):
        a, b = rows[-1]
        return p * a * b + p * k

    plan = capture(step)
    plan([(1, 2), (3, 4)], np.int64(2))

    assert plan([(1, 2), (5, 6)], 7).data == 1.5 * 37


def test_an_input_is_a_float_that_prints_as_one():
    seen = []

    def step(x):
        seen.append((isinstance(x, float), f"{x} {x:.2f}"))
        return p * x

    capture(step)(0.25)

    assert seen[0] == (True, "0.25 0.25")


def test_a_list_and_an_array_are_kept_apart():
    @capture
    def plan(x):
        return sum(p * y for y in x * 2)

    assert [plan(x).data for x in ([1.0, 2.0], np.array([1.0, 2.0]), [3.0, 4.0])] == [9.0, 9.0, 21.0]
    assert plan(np.array([3.0, 4.0])).data == 21.0
    assert plan([1.0]).data == 3.0


# Refusals.

DECIDING = {
    "bool": lambda x: p if x else p * 2,
    "lt": lambda x: p if x < 1 else p * 2,
    "ge": lambda x: p if x >= 1 else p * 2,
    "eq": lambda x: p if x == 1 else p * 2,
    "round": lambda x: p * round(x),
    "int": lambda x: p * int(x),
    "mod": lambda x: p * (x % 2),
    "hash": lambda x: p * {1.0: 2.0}[x],
}


def assert_left_alone(step, message, *inputs):
    """Every call gives what the step gives, with one warning; a strict plan refuses at its second call."""
    plan, strict = capture(step), capture(step, strict=True)
    expected = step(*inputs).data

    assert plan(*inputs).data == expected
    with pytest.warns(UserWarning, match=f"runs as written from now on: .*{message}"):
        assert plan(*inputs).data == expected
    assert [plan(*inputs).data for _ in range(3)] == [expected] * 3
    assert not plan.ready
    assert strict(*inputs).data == expected
    with pytest.raises((RuntimeError, TypeError, ValueError), match=message):
        strict(*inputs)


@pytest.mark.slow
@pytest.mark.parametrize("name", DECIDING)
def test_a_step_that_decides_on_its_inputs_is_left_alone_with_the_line(name):
    message = rf"but {name}\(\) of a number decides or is rounded at test_value_inputs.py:\d+; use relu"

    assert_left_alone(DECIDING[name], message, 1)


def test_a_number_made_of_an_input_behind_the_back_is_never_fixed():
    message = r"multiply works with the plain number .* at test_value_inputs.py:\d+; a plan"

    assert_left_alone(lambda x: p * np.array([x, x])[0], message, 1.25)


FUNCTIONS = {
    "math": lambda x: p * math.exp(x),
    "of a data": lambda x: p * (math.sqrt(p.data) + math.pow(x, 2) + math.fabs(-x)),
    "imported": lambda x: p * sqrt(x) * cos(p),
    "numpy": lambda x: p * np.sin(x) * np.power(np.float64(2.0), x),
    "float": lambda x: p * (float(x) * 2) if isinstance(x, float) else p,
    "float of a Value": lambda x: p * x * max(float(p), 0.5),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_an_input_are_replayed(name):
    step = FUNCTIONS[name]
    plan = capture(step, strict=True)

    assert [plan(x).data for x in (1.5, 0.5, 2.0)] == pytest.approx([step(x).data for x in (1.5, 0.5, 2.0)])
    assert plan.ready


@pytest.mark.parametrize("x", [None, "a", 1j, p, [p], [None], tensor([1.0])], ids=repr)
def test_a_step_with_other_inputs_than_numbers_is_left_alone(x):
    message = "a plan on Values needs numbers, lists or arrays of them, but input 1 is"

    assert_left_alone(lambda a, b: p * a, message, 1.0, x)


def test_a_step_with_rows_of_different_length_is_left_alone():
    message = "a plan needs rows of equal length in input 0"

    assert_left_alone(lambda x: p * x[0][0], message, [[1.0], [2.0, 3.0]])


def test_another_shape_gets_a_program_of_its_own():
    @capture
    def plan(*rows):
        return sum(p * x for row in rows for x in row)

    inputs = [([1.0, 2.0],), ([1.0, 2.0, 3.0],), ([1.0, 2.0], [3.0]), ([5.0, 2.0],)]

    assert [plan(*rows).data for rows in inputs] == [4.5, 9.0, 9.0, 10.5]
