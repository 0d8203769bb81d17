from __future__ import annotations

import io
import json
import sys

import pytest

from tinygrad_edu import cli
from tinygrad_edu.exercise import EXAM_PROBLEM_3, Exercise

RIGHT = {name: array.tolist() for name, array in EXAM_PROBLEM_3.solution().items()}

SCRIPT = """
from tinygrad_edu.exercise import Exercise
def squares(x, w):
    return ((x * w) ** 2).mean()
mine = Exercise(squares, {"x": [1.0, 2.0, 3.0, 5.0], "w": [0.5, 0.25, -1.0, 2.0]}, ["w"], title="Squares")
number = 3
"""


@pytest.fixture
def answers(tmp_path):
    """Writes answers, and gives the name of the file."""

    def write(content):
        file = tmp_path / "answers.json"
        file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
        return str(file)

    return write


@pytest.fixture
def script(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(SCRIPT, "utf-8")
    return str(file)


def test_right_answers_have_all_points(answers, capsys):
    assert cli.main(["check", "exam-3", answers(RIGHT)]) == 0

    assert capsys.readouterr().out.startswith("Exam, Problem 3: 4 of 4 points.\nW1 (1 of 1): right.\n")


def test_wrong_answers_are_graded_too_and_the_exit_code_says_so(answers, capsys):
    assert cli.main(["check", "exam-3", answers([1, 2]), "--level", "1"]) == 0

    assert "0 of 4 points" in capsys.readouterr().out


def test_json_is_as_the_level_allows(answers, capsys):
    wrong = {**RIGHT, "W1": [[-x for x in row] for row in RIGHT["W1"]]}

    assert cli.main(["check", "exam-3", answers(wrong), "--json", "--level", "3"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["arrays"]["W1"]["points"] == 0.5
    assert "sign-lost" in told["arrays"]["W1"]["mistakes"]


def test_gradescope_gets_its_results(answers, capsys):
    assert cli.main(["check", "exam-3", answers(RIGHT), "--gradescope"]) == 0

    assert [test["name"] for test in json.loads(capsys.readouterr().out)["tests"]] == [
        "dW1",
        "dW2",
        "dB",
        "dC",
    ]


def test_answers_may_come_from_stdin(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(RIGHT)))

    assert cli.main(["check", "exam-3", "-"]) == 0

    assert "4 of 4 points" in capsys.readouterr().out


def test_an_exercise_of_a_script_is_found(script, answers, capsys):
    assert cli.main(["check", f"{script}:mine", answers({"w": [1, 2, 3, 4]})]) == 0

    assert capsys.readouterr().out.startswith("Squares: 0 of 1 points.\nw (0 of 1): wrong.")


def test_random_exercises_are_checked_by_their_seed(answers, capsys):
    right = {name: array.tolist() for name, array in Exercise.random(4).solution().items()}

    assert cli.main(["check", "random:4", answers(right)]) == 0

    assert "4 of 4 points" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("exam-4", "{}", "an exercise is needed as exam-2, exam-3, random:SEED or FILE.py:name, got exam-4"),
        ("missing.py:e", "{}", "the script missing.py is not there"),
        ("exam-3", "{", "are not JSON: Expecting property name"),
        ("exam-3", "[" * 100_000, "are not JSON: "),
        ("exam-3", "1" * 5000, "are not JSON: "),
    ],
)  # fmt: skip
def test_bad_input_is_told_in_one_line(name, content, message, answers, capsys):
    assert cli.main(["check", name, answers(content)]) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tinygrad-edu check: ")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(("file", "reason"), [("missing.json", "no such file"), (".", "is a directory")])
def test_answers_that_cannot_be_read_are_told(file, reason, capsys):
    assert cli.main(["check", "exam-3", file]) == 2

    assert f"the answers in {file} cannot be read: {reason}" in capsys.readouterr().err


def test_answers_that_are_not_text_are_told(tmp_path, capsys):
    (tmp_path / "a.json").write_bytes(b"\xff\xfe\x00")

    assert cli.main(["check", "exam-3", str(tmp_path / "a.json")]) == 2

    assert "cannot be read: it is not text in utf-8" in capsys.readouterr().err


def test_a_name_that_is_no_exercise_is_told(script, answers, capsys):
    assert cli.main(["check", f"{script}:number", answers({})]) == 2

    assert "needs to be an Exercise, got int" in capsys.readouterr().err


@pytest.mark.parametrize("ending", ["html", "tex", "md", "txt"])
def test_a_new_exercise_is_written_as_its_ending_says(ending, tmp_path, capsys):
    out = tmp_path / f"sheet.{ending}"

    assert cli.main(["exercise", "new", "--seed", "4", "-o", str(out)]) == 0

    assert "Solution" not in out.read_text("utf-8")
    expected = f"Wrote {out}; grade with: tinygrad-edu check random:4 ANSWERS.json\n"
    assert capsys.readouterr().out == expected


def test_a_sheet_goes_to_the_terminal_with_its_solution(capsys):
    assert cli.main(["exercise", "sheet", "exam-2", "--solution"]) == 0

    assert "Solution: result" in capsys.readouterr().out


def test_an_audit_is_printed(capsys):
    assert cli.main(["exercise", "audit", "exam-2"]) == 0

    assert "Let no two columns of W1 be equal" in capsys.readouterr().out


def test_an_audit_is_printed_as_json(capsys):
    assert cli.main(["exercise", "audit", "random:4", "--json"]) == 0

    assert json.loads(capsys.readouterr().out)["good"] is True


def test_a_bug_is_asked_and_a_guess_is_judged(capsys):
    answer = EXAM_PROBLEM_3.planted_bug(5).answer

    assert cli.main(["exercise", "bug", "exam-3", "--seed", "5"]) == 0
    assert cli.main(["exercise", "bug", "exam-3", "--seed", "5", "--guess", answer]) == 0

    printed = capsys.readouterr().out
    assert printed.startswith("Exam, Problem 3: find the bug.\n")
    assert "\nRight: it is " in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["audit", "nothing"], "an exercise is needed as"),
        (["sheet", "exam-2", "-o", "sheet.pdf"], "ends in .html, .tex, .md or .txt"),
        (["sheet", "exam-2", "-o", "missing/sheet.md"], "cannot write"),
    ],
)
def test_what_cannot_be_printed_is_told_in_one_line(arguments, message, capsys):
    assert cli.main(["exercise", *arguments]) == 2

    err = capsys.readouterr().err
    assert err.startswith("tinygrad-edu exercise: ")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["new"], ["new", "--seed", "x"], [], ["audit"]])
def test_wrong_arguments_are_told_in_one_line(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["exercise", *arguments])

    assert stop.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_function_is_graded(script, tmp_path, capsys):
    student = tmp_path / "student.py"
    student.write_text("def answers(x, w):\n    return {'w': x * x * w / 2}\n", "utf-8")

    assert cli.main(["check", f"{script}:mine", f"{student}:answers"]) == 0

    assert "1 of 1 points" in capsys.readouterr().out


@pytest.mark.parametrize("system", ["otter", "nbgrader", "gradescope"])
def test_what_another_grader_needs_is_printed_or_written(system, tmp_path, capsys):
    out = tmp_path / "file"

    assert cli.main(["exercise", "grader", "exam-3", "--for", system]) == 0
    assert cli.main(["exercise", "grader", "exam-3", "--for", system, "-o", str(out)]) == 0

    assert capsys.readouterr().out == out.read_text("utf-8").rstrip("\n") + f"\nWrote {out}\n"


def test_a_file_that_cannot_be_written_is_told(capsys):
    assert cli.main(["exercise", "grader", "exam-3", "--for", "otter", "-o", "missing/file"]) == 2

    assert (
        capsys.readouterr().err
        == "tinygrad-edu exercise: cannot write missing/file: No such file or directory\n"
    )


def test_gradescope_has_a_result_for_answers_that_cannot_be_read(answers, capsys):
    assert cli.main(["check", "exam-3", answers("{"), "--gradescope"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["score"] == 0
    assert "are not JSON" in told["output"]
