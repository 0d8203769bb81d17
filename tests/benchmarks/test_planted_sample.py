"""A sample of the planted bugs is noticed, one that changes nothing is not, and the list of such is up to date."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import planted_bugs

from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.testing.mutations import Mutation


def unchanged(file):
    """A planted bug that is none: a letter of the docstring in its own place."""
    return planted_bugs.bug_in(file, Mutation("none", 1, 3, 4, file.read_text("utf-8")[3]))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["divide", "logaddexp", "matmul", "log_softmax"])
def test_every_bug_of_a_rule_is_noticed_or_equivalent(name):
    noticed, rest = planted_bugs.unnoticed_rules([OPERATIONS[name]])

    assert noticed > 15
    assert [bug.key for bug in rest if bug.key not in planted_bugs.equivalent()] == []


@pytest.mark.slow
def test_bugs_of_the_machinery_are_noticed_in_a_copy_and_what_is_no_bug_is_not():
    bugs = planted_bugs.machinery(["text/words.py"], each=2, seed=1)
    harmless = unchanged(planted_bugs.PACKAGE / "text" / "words.py")

    tried, missed = planted_bugs.survivors([*bugs, harmless], 1)

    assert len(tried) == 3
    assert missed == [harmless]


def test_what_is_listed_as_equivalent_stands_in_the_source_and_has_a_reason():
    known = planted_bugs.equivalent()
    files = {planted_bugs.PACKAGE / key.partition(": ")[0] for key in known}

    possible = {bug.key for file in files for bug in planted_bugs.bugs_of(file)}

    assert known.keys() - possible == set()
    assert [key for key, reason in known.items() if len(reason.split()) < 4] == []


@pytest.mark.slow
def test_every_file_with_something_to_break_has_tests_that_look_at_it():
    files = [f for f in planted_bugs.PACKAGE.rglob("*.py") if "def " in f.read_text("utf-8")]

    assert [f for f in files if not planted_bugs.tests_for(f)] == []
    assert {f.relative_to(planted_bugs.PACKAGE).parts[0] for f in files} - {*planted_bugs.MACHINERY} == set()
