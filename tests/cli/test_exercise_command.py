from __future__ import annotations

import json

import pytest

from tinygrad_edu.cli import main
from tinygrad_edu.exercise import EXAM_PROBLEM_3


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["html", "tex", "md", "txt"])
def test_a_new_exercise_is_written_as_its_ending_says(ending, tmp_path, capsys):
    out = tmp_path / f"sheet.{ending}"

    assert main.main(["exercise", "new", "--seed", "4", "-o", str(out)]) == 0

    assert "Solution" not in out.read_text("utf-8")
    expected = f"Wrote {out}; grade with: tinygrad-edu check random:4 ANSWERS.json\n"
    assert capsys.readouterr().out == expected


def test_a_sheet_goes_to_the_terminal_with_its_solution(capsys):
    assert main.main(["exercise", "sheet", "exam-2", "--solution"]) == 0

    assert "Solution: result" in capsys.readouterr().out


@pytest.mark.slow
def test_an_audit_is_printed(capsys):
    assert main.main(["exercise", "audit", "exam-2"]) == 0

    assert "Let no two columns of W1 be equal" in capsys.readouterr().out


@pytest.mark.slow
def test_an_audit_is_printed_as_json(capsys):
    assert main.main(["exercise", "audit", "random:4", "--json"]) == 0

    assert json.loads(capsys.readouterr().out)["good"] is True


def test_a_bug_is_asked_and_a_guess_is_judged(capsys):
    answer = EXAM_PROBLEM_3.planted_bug(5).answer

    assert main.main(["exercise", "bug", "exam-3", "--seed", "5"]) == 0
    assert main.main(["exercise", "bug", "exam-3", "--seed", "5", "--guess", answer]) == 0

    printed = capsys.readouterr().out
    assert printed.startswith("Exam, Problem 3: find the bug.\n")
    assert "\nRight: it is " in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["audit", "nothing"], "an exercise is needed as"),
        (
            ["audit", "jacobian-softmax"],
            "an exercise with a network is needed, got the puzzle jacobian-softmax",
        ),
        (["hint", "exam-2"], "exam-2 has no hints"),
        (["hint", "jacobian-softmax", "--level", "5"], "hint needs a level from 1 to 4, got 5"),
        (["sheet", "exam-2", "-o", "sheet.pdf"], "ends in .html, .tex, .md or .txt"),
        (["sheet", "exam-2", "-o", "missing/sheet.md"], "cannot write"),
    ],
)
def test_what_cannot_be_printed_is_told_in_one_line(arguments, message, capsys):
    assert main.main(["exercise", *arguments]) == 2

    err = capsys.readouterr().err
    assert err.startswith("tinygrad-edu exercise: ")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", [["new"], ["new", "--seed", "x"], [], ["audit"]])
def test_wrong_arguments_are_told_in_one_line(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main.main(["exercise", *arguments])

    assert stop.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("system", ["otter", "nbgrader", "gradescope"])
def test_what_another_grader_needs_is_printed_or_written(system, tmp_path, capsys):
    out = tmp_path / "file"

    assert main.main(["exercise", "grader", "exam-3", "--for", system]) == 0
    assert main.main(["exercise", "grader", "exam-3", "--for", system, "-o", str(out)]) == 0

    assert capsys.readouterr().out == out.read_text("utf-8").rstrip("\n") + f"\nWrote {out}\n"


def test_a_file_that_cannot_be_written_is_told(capsys):
    assert main.main(["exercise", "grader", "exam-3", "--for", "otter", "-o", "missing/file"]) == 2

    assert (
        capsys.readouterr().err
        == "tinygrad-edu exercise: cannot write missing/file: No such file or directory\n"
    )


def test_hints_are_given_in_levels(capsys):
    assert main.main(["exercise", "hint", "jacobian-softmax"]) == 0
    assert main.main(["exercise", "hint", "jacobian-softmax", "--level", "4"]) == 0

    first, last = capsys.readouterr().out.splitlines()
    assert "p pᵀ" not in first
    assert last.startswith("J = diag(p) − p pᵀ.")


def test_the_sheet_of_a_puzzle_has_the_formula_with_the_solution_only(capsys):
    assert main.main(["exercise", "sheet", "jacobian-matmul"]) == 0
    assert "kron" not in capsys.readouterr().out

    assert main.main(["exercise", "sheet", "jacobian-matmul", "--solution"]) == 0
    assert "J = np.kron(np.eye(len(A)), B.T)" in capsys.readouterr().out


def test_a_class_gets_sheets_with_bugs_and_the_teacher_the_key(tmp_path, capsys):
    assert main.main(["exercise", "bugs", "exam-3", "--students", "3", "-o", str(tmp_path / "bugs")]) == 0

    assert capsys.readouterr().out == f"Wrote 3 sheets and key.csv, which is yours, to {tmp_path / 'bugs'}\n"
    assert sorted(file.name for file in (tmp_path / "bugs").iterdir()) == [
        "bug-01.txt", "bug-02.txt", "bug-03.txt", "key.csv"
    ]  # fmt: skip
    sheet = (tmp_path / "bugs" / "bug-02.txt").read_text("utf-8")
    assert sheet.startswith("No. 2\nExam, Problem 3: find the bug.\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("students", "out", "message"),
    [("99999", "bugs", "'Exam, Problem 3' has"), ("3", "file", "--out needs a folder that can be written")],
)
def test_sheets_that_cannot_be_made_are_told(students, out, message, tmp_path, capsys):
    (tmp_path / "file").write_text("", "utf-8")

    assert main.main(["exercise", "bugs", "exam-3", "--students", students, "-o", str(tmp_path / out)]) == 2

    assert message in capsys.readouterr().err
