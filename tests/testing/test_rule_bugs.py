from __future__ import annotations

import linecache

import numpy as np
import pytest

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.engine.operation import operation as stated
from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.testing import planted_bugs


def cube_rule(g, _y, x):
    return 3 * g * x * x


@stated(cube_rule, example=lambda n: ([(n,)], {}))
def cube(x):
    """x³."""
    return x * x * x


def test_every_planted_bug_of_a_rule_is_noticed():
    found = planted_bugs(cube)

    assert len(found.bugs) > 15
    assert found.missed == []
    assert str(found).startswith(
        f"cube: {len(found.bugs)} of {len(found.bugs)} planted bugs noticed (lost factor 6, wrong input 6, "
    )


def test_a_blind_check_misses_them_all_and_each_is_named():
    found = planted_bugs(cube, check=lambda operation: None)

    assert len(found.missed) == len(found.bugs)
    line = cube_rule.__code__.co_firstlineno + 1
    assert f"missed: sign in line {line}: (-(3 * g * x * x))" in str(found)


def test_a_check_sees_the_operation_with_its_bug_and_afterwards_it_is_as_before():
    seen = []

    planted_bugs(cube, check=lambda operation: seen.append(operation.rules[0](1.0, 8.0, 2.0)))

    assert -12.0 in seen
    assert 24.0 in seen
    assert cube.rules == (cube_rule,)


def test_what_changes_no_gradient_is_told_apart():
    @stated(lambda g, _y, x: g * (x == x) + 0 * g, example=lambda n: ([(n,)], {}))
    def same(x):
        return x * 1

    found = planted_bugs(same)

    assert any(bug.mutation.text == "(g * (x == x) - 0 * g)" for bug in found.harmless)
    assert "more change no gradient of the examples" in str(found)


def test_rules_in_functions_and_of_variadic_operations_get_bugs_too():
    def scaled(factor):
        def rule(g, _y, _x):
            return factor * g

        return Operation(lambda x: factor * x, rule, name="scaled", example=lambda n: ([(n, n)], {}))

    assert planted_bugs(scaled(3.0)).missed == []
    assert planted_bugs(OPERATIONS["cat"]).bugs != []
    assert OPERATIONS["cat"].rules[1].keywords == {"position": 1}


def test_examples_can_be_handed_in():
    found = planted_bugs(cube, examples=[([np.zeros(2)], {})])

    assert "(2 * (3 * g * x * x))" in {bug.mutation.text for bug in found.harmless}


def test_rules_in_a_cell_of_a_notebook_get_bugs_too(monkeypatch):
    cell = "rules = [lambda g, y, x: 2 * g * x]\n\n\ndef rule(g, y, x):\n    return 3 * g * y / x\n"
    monkeypatch.setitem(
        linecache.cache, "cell 1", (len(cell), None, cell.splitlines(keepends=True), "cell 1")
    )
    names = {}
    exec(compile(cell, "cell 1", "exec"), names)

    square, cube = (
        Operation(forward, rule, name="power", example=lambda n: ([np.full(n, 1.5)], {}))
        for forward, rule in ((lambda x: x * x, names["rules"][0]), (lambda x: x * x * x, names["rule"]))
    )

    assert len(planted_bugs(square).bugs) > 3
    assert len(planted_bugs(cube).bugs) > 3
    assert planted_bugs(square).missed == planted_bugs(cube).missed == []


def test_rules_without_source_are_refused():
    names = {}
    exec("def rule(g, y, x):\n    return g", names)
    unknown = Operation(lambda x: x + 0, names["rule"], name="unknown", example=lambda n: ([(n,)], {}))

    with pytest.raises(
        ValueError, match="planted_bugs needs rules whose source can be read, but unknown has none"
    ):
        planted_bugs(unknown)
