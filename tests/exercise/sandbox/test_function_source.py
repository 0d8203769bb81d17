from __future__ import annotations

import functools
import math

import numpy as np
import pytest
from numpy import exp

from tinygrad_edu.exercise import Exercise, Submission
from tinygrad_edu.exercise.sandbox.function_source import FunctionSource

RATE, TABLE, WORDS = 0.25, np.arange(6.0).reshape(2, 3)[:, ::2], {"a": [1, (2.5, "x")], "b": {3, None}}
ENGINE = Exercise


def defined(function):
    """The function as another process would define it."""
    source = FunctionSource(function)
    names = {}
    for text, _ in source.parts:
        exec(text, names)
    return names[source.name]


def half(x):
    return 0.5 * x


def halves(x, times=half(4.0)):  # noqa: B008
    return half(x) * times


def test_a_function_brings_the_functions_that_it_uses():
    assert defined(halves)(3.0) == 3.0


def test_numbers_arrays_and_containers_come_along():
    def uses(x):
        return x * RATE + TABLE.sum(), WORDS

    assert defined(uses)(1.0) == (10.25, WORDS)


def test_modules_and_what_they_offer_are_imported():
    def uses(x):
        return np.maximum(exp(x), math.pi)

    assert defined(uses)(0.0) == math.pi


def test_what_a_function_encloses_comes_along():
    factor, name = math.inf, "y"

    def inner(x):
        return {name: x * factor}

    assert defined(inner)(2) == {"y": math.inf}


def test_of_lambdas_on_one_line_each_is_found():
    first, second = (lambda x: x + 1), (lambda x: x + 2)

    assert [defined(f)(0) for f in (first, second)] == [1, 2]


def test_a_lambda_within_a_lambda_is_found():
    outer = lambda x: lambda y: x - y  # noqa: E731

    assert defined(outer)(5)(3) == 2
    assert defined(outer(5))(3) == 2


def test_functions_that_call_each_other_are_defined_once():
    def even(n):
        return n == 0 or odd(n - 1)

    def odd(n):
        return n != 0 and even(n - 1)

    assert defined(even)(10)
    assert len(FunctionSource(even).parts) == 2


def test_a_function_under_another_name_has_both():
    renamed = half

    def uses(x):
        return renamed(x) + half(x)

    assert defined(uses)(1.0) == 1.0


def test_decorators_are_applied():
    @functools.cache
    def counted(x):
        return x

    with pytest.raises(ValueError, match="written with def is needed"):
        FunctionSource(counted)


def test_an_object_of_another_kind_is_named():
    def uses(x):
        return ENGINE(x)

    with pytest.raises(
        ValueError, match="it uses ENGINE, a type, and may use functions, numbers, and arrays"
    ):
        FunctionSource(uses)


def test_two_objects_of_one_name_are_refused():
    rate = 2.0

    def first(x):
        return rate * x

    def make():
        rate = 3.0

        def second(x):
            return first(x) * rate

        return second

    with pytest.raises(ValueError, match="it uses two objects called rate"):
        FunctionSource(make())


def test_a_function_without_a_source_is_told():
    names = {}
    exec("def student(x): return x", names)

    with pytest.raises(ValueError, match="the source of student is not there"):
        FunctionSource(names["student"])


def test_lines_are_those_of_the_file():
    line = half.__code__.co_firstlineno

    assert FunctionSource(half).parts[0][1] == line


def test_what_cannot_be_moved_is_a_reason_and_no_points():
    exercise = Exercise(lambda x, w: (x * w).sum(), {"x": [1.0, 2.0], "w": [3.0, 4.0]}, ["w"])

    result = exercise.check(lambda x, w: ENGINE)

    assert result.points == 0
    assert "the function cannot be run: it uses ENGINE, a type" in result.text()


def test_data_too_large_to_come_along_is_told():
    large = np.zeros(10**6)

    with pytest.raises(ValueError, match="longer than 600,000 bytes"):
        Submission.from_function(lambda x: large)
