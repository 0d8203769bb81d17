"""Names in written code."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tinygrad_edu.text.identifiers import can_be_called, free_name


@given(some.lists(some.text(max_size=4) | some.text(string.ascii_lowercase, min_size=2, max_size=2)))
def test_free_names_are_names_and_differ(wishes):
    taken: set[str] = set()

    names = [free_name(wish, taken) for wish in wishes]

    assert len({*names}) == len(names)
    exec("".join(f"def {name}({name}): return {name}\n" for name in names), {})


@pytest.mark.parametrize(
    ("wish", "name"),
    [("W1", "W1"), ("net.0.weight", "net_0_weight"), ("1st", "v1st"), ("", "v"), ("def", "def_1")],
)
def test_a_free_name_is_as_similar_as_can_be(wish, name):
    taken = set()

    assert free_name(wish, taken) == name
    assert taken == {name}
    assert free_name(wish, taken) != name


@pytest.mark.parametrize("name", ["_x", "def", "λ", "r12", "sweep3", "run", "a b"])
def test_a_program_calls_no_function_by_a_name_that_it_needs_itself(name):
    assert can_be_called("relu")
    assert not can_be_called(name)
