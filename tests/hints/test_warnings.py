"""Warnings that teach, as warnings: once for every line, for every audience, and off where they are not wanted."""

from __future__ import annotations

import re
import subprocess
import sys
import warnings

import pytest

from tinygrad_edu.hints import warnings as teaching
from tinygrad_edu.hints.warnings import NotRawScoresWarning, NotZeroedWarning, TeachingWarning, warn


@pytest.fixture(autouse=True)
def on_afterwards():
    yield
    teaching.on()


def say(category=NotZeroedWarning):
    """One line of a user's program that is told something."""
    warn(category, "so and so")


def heard(run):
    """The warnings that somebody hears to whom nothing has been said yet."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        run()
    return said


def repeatedly():
    for _ in range(3):
        say()


def test_one_line_is_told_once():
    assert len(heard(repeatedly)) == 1


def test_a_line_is_told_of_every_kind():
    def both():
        for category in (NotZeroedWarning, NotRawScoresWarning):
            say(category)

    assert [warning.category for warning in heard(both)] == [NotZeroedWarning, NotRawScoresWarning]


def test_another_audience_is_told_again():
    assert [len(heard(repeatedly)) for _ in range(2)] == [1, 1]


def test_on_lets_everything_be_said_once_more():
    def run():
        say()
        teaching.on()
        say()

    assert len(heard(run)) == 2


def test_a_warning_is_about_the_line_of_the_user():
    (warning,) = heard(say)

    assert (warning.filename, warning.lineno) == (__file__, say.__code__.co_firstlineno + 2)
    assert issubclass(warning.category, TeachingWarning)


@pytest.mark.parametrize(("module", "count"), [(__name__, 1), ("tinygrad_edu", 0)])
def test_a_filter_for_a_module_means_that_of_the_user(module, count):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("ignore")
        warnings.filterwarnings("always", module=f"{module}$")
        say()

    assert len(said) == count


def test_warnings_can_be_switched_off_and_on():
    def run():
        teaching.off()
        say()

    assert heard(run) == []
    teaching.on()
    assert len(heard(say)) == 1


def test_warnings_can_be_switched_off_for_a_while():
    def run():
        with teaching.off():
            say()

    assert heard(run) == []
    assert len(heard(say)) == 1


def test_a_while_inside_another_ends_with_its_own_block():
    def run():
        with teaching.off():
            with teaching.off():
                pass
            say()

    assert heard(run) == []


def test_a_kind_can_be_made_an_error():
    with warnings.catch_warnings():
        warnings.simplefilter("error", NotZeroedWarning)
        with pytest.raises(NotZeroedWarning, match="so and so"):
            say()


SCRIPT = """\
import sys
import numpy as np
from tinygrad_edu import capture, tensor

x = tensor([0.0, 1.0], requires_grad=True)

def step(y):
    x.zero_grad()
    loss = (x * y).log().sum()
    loss.backward()
    return loss

step = capture(step) if sys.argv[1] == "plan" else step
for _ in range(5):
    step(np.array([1.0, 2.0]))
np.log(np.array([0.0]))  # the user's own
"""


@pytest.mark.slow
@pytest.mark.parametrize("run", ["eager", "plan"])
def test_numpys_warnings_are_shown_where_they_are_the_users_and_not_where_ours_follow(run, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)

    shown = subprocess.run(
        [sys.executable, str(script), run], capture_output=True, text=True, timeout=60, check=True
    ).stderr

    assert (
        shown.count("NotFiniteWarning: the loss is -inf. First number that is not finite: log at script.py:9")
        == 1
    )
    assert re.findall(r"(\w+\.py):(\d+): RuntimeWarning", shown) == [("script.py", "16")]
