"""Files for otter-grader, nbgrader and Gradescope to grade an exercise: a test file, a cell, a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tinygrad_edu.exercise import gradescope
from tinygrad_edu.exercise.problem import Problem
from tinygrad_edu.text.numbers import number

# The file of each system begins with a line on its place. In all systems a student's notebook or file holds `answers`,
# a mapping from names to arrays.
OTTER = '''"""A test file of otter-grader, for the folder `tests`: {title}."""

OK_FORMAT = False

from otter.test_files import test_case
{load}

name = {name!r}
LEVEL = 2  # how much is told: 1 which arrays are wrong, 2 at which node, 3 which mistake, 4 the right numbers
'''
OTTER_CASE = """

@test_case(name={label!r}, points={points})
def case_{i}(answers):
    graded = exercise.check(answers).arrays[{array!r}]
    assert graded.points >= {least}, graded.reason(LEVEL)
"""
NBGRADER = """# An autograder test cell of nbgrader, worth {points} points: {title}.
{load}

result = exercise.check(answers)
print(result)
result.points
"""
SYSTEMS = ("otter", "nbgrader", "gradescope")


def grader(exercise: Problem, name: str, system: str) -> str:
    """The text of the file for this system. `name`: a name for `load`, or FILE.py:name.

    For Gradescope it is run_autograder; `gradescope.archive` has everything. The points are those of `check`: in otter,
    an array with one known mistake passes the first of two cases.
    """
    words = {"title": " ".join(exercise.title.split()), "name": name, "load": _load(name)}
    if system == "gradescope":
        return gradescope.run_script(exercise.title, name)
    if system == "nbgrader":
        return NBGRADER.format(**words, points=number(sum(exercise.points.values())))
    cases = (OTTER_CASE.format(i=i, **case) for i, case in enumerate(_cases(exercise), 1))
    return OTTER.format(**words) + "".join(cases)


def _load(name: str) -> str:
    """The lines that make `exercise`."""
    if ".py:" in name:
        file, _, own = name.rpartition(":")
        return f"from {Path(file).stem} import {own} as exercise"
    return f"from tinygrad_edu.exercise import load\n\nexercise = load({name!r})"


def _cases(exercise: Problem) -> Iterator[dict[str, object]]:
    """For each array the share of its points that comes with one known mistake, and the rest."""
    for name in exercise.ask:
        full, label, before = exercise.points[name], exercise.label(name), 0.0
        for least in sorted({full * exercise.partial, full} - {0.0}):
            title = label if least == full else f"{label}, but for one mistake"
            yield {"array": name, "label": title, "points": round(least - before, 9), "least": least}
            before = least
