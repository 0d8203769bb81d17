"""The files for other graders; where otter-grader and nbgrader are installed, they grade by them."""

from __future__ import annotations

import sys
import types

import pytest

from tests.exercise.conftest import network, numbers
from tinygrad_edu.exercise import EXAM_PROBLEM_3, Exercise, load
from tinygrad_edu.exercise.autograder_files import grader

# What the documentation of Gradescope's results.json allows at the top, and of a test: names and types.
RESULTS = {
    "score": float, "execution_time": float, "output": str, "output_format": str, "test_output_format": str,
    "test_name_format": str, "visibility": str, "stdout_visibility": str, "extra_data": dict, "tests": list,
    "leaderboard": list,
}  # fmt: skip
TEST = {
    "score": float, "max_score": float, "status": str, "name": str, "name_format": str, "number": str, "output": str,
    "output_format": str, "tags": list, "visibility": str, "extra_data": dict,
}  # fmt: skip

FLIPPED = {**EXAM_PROBLEM_3.solution(), "W1": -EXAM_PROBLEM_3.solution()["W1"], "C": None}


@pytest.mark.parametrize("answers", [EXAM_PROBLEM_3.solution(), FLIPPED, {}, [1, 2]])
def test_gradescope_gets_only_fields_it_knows(answers):
    told = EXAM_PROBLEM_3.check(answers).to_gradescope()

    assert all(isinstance(value, RESULTS[key]) for key, value in told.items())
    for test in told["tests"]:
        assert all(isinstance(value, TEST[key]) for key, value in test.items())
        assert test["status"] in {"passed", "failed"}
        assert 0 <= test["score"] <= test["max_score"]
    assert sum(test["score"] for test in told["tests"]) == told["score"]


def test_the_last_value_of_the_cell_is_a_number_that_nbgrader_can_read():
    *lines, last = grader(EXAM_PROBLEM_3, "exam-3", "nbgrader").splitlines()
    names = {"answers": FLIPPED}

    exec("\n".join(lines), names)
    points = eval(last, names)

    assert repr(points) == "2.5"  # what the notebook shows, and nbgrader makes a float of
    assert "worth 4 points" in lines[0]


class Case:
    """As `otter.test_files.test_case`."""

    def __init__(self, name, points):
        self.name, self.points = name, points

    def __call__(self, function):
        self.test_func = function
        return self


@pytest.fixture
def otter(monkeypatch):
    """Runs a test file as otter-grader does; returns the points for each case that passes."""
    monkeypatch.setitem(sys.modules, "otter", types.ModuleType("otter"))
    files = types.ModuleType("otter.test_files")
    files.test_case = Case
    monkeypatch.setitem(sys.modules, "otter.test_files", files)

    def run(text, answers):
        names = {}
        exec(text, names)
        assert names["OK_FORMAT"] is False
        assert names["name"]
        return {x.name: _points(x, answers) for x in names.values() if isinstance(x, Case)}

    return run


def _points(case, answers):
    try:
        case.test_func(answers=answers)
    except AssertionError:
        return 0
    return case.points


def test_otter_gives_the_points_of_check(otter):
    text = grader(EXAM_PROBLEM_3, "exam-3", "otter")

    assert sum(otter(text, EXAM_PROBLEM_3.solution()).values()) == 4
    found = otter(text, FLIPPED)
    assert sum(found.values()) == EXAM_PROBLEM_3.check(FLIPPED).points == 2.5
    assert (found["dW1, but for one mistake"], found["dW1"]) == (0.5, 0)


@pytest.mark.parametrize(("partial", "cases"), [(0, 1), (0.25, 2), (1, 1)])
def test_otter_has_a_case_for_each_step_of_the_points(otter, partial, cases, monkeypatch):
    exercise = Exercise(network, numbers(), ["W1", "b1"], partial=partial, points={"W1": 3, "b1": 0})
    monkeypatch.setitem(sys.modules, "mine", module := types.ModuleType("mine"))
    module.own = exercise
    right = exercise.solution()

    text = grader(exercise, "folder/mine.py:own", "otter")

    assert len(otter(text, right)) == cases
    for answers in (right, {"W1": -right["W1"]}, {}):
        assert sum(otter(text, answers).values()) == exercise.check(answers).points


def test_otter_itself_reads_the_file_and_tells_the_reason(tmp_path):
    files = pytest.importorskip("otter.test_files", reason="otter-grader is not here", exc_type=ImportError)
    path = tmp_path / "exam-3.py"
    path.write_text(grader(load("exam-3"), "exam-3", "otter"), "utf-8")

    found = files.create_test_file(str(path), None)
    found.run({"answers": FLIPPED})

    assert (found.score, found.possible) == (2.5, 4)
    assert "AssertionError: wrong" in found.summary()
    assert "the sign is lost" not in found.summary()


def test_nbgrader_itself_reads_the_points():
    utils = pytest.importorskip("nbgrader.utils", reason="nbgrader is not here", exc_type=ImportError)
    nbformat = pytest.importorskip("nbformat.v4")
    shown = [
        nbformat.new_output("stream", name="stdout", text="Exam"),
        nbformat.new_output(
            "execute_result", data={"text/plain": repr(EXAM_PROBLEM_3.check(FLIPPED).points)}
        ),
    ]
    cell = nbformat.new_code_cell("", outputs=shown)
    cell.metadata["nbgrader"] = {"grade": True, "solution": False, "points": 4}

    assert utils.determine_grade(cell) == (2.5, 4)
