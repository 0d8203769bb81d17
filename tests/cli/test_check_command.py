from __future__ import annotations

import csv
import io
import json
import sys

import pytest

from tinygrad_edu.cli import main
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
    assert main.main(["check", "exam-3", answers(RIGHT)]) == 0

    assert capsys.readouterr().out.startswith("Exam, Problem 3: 4 of 4 points.\nW1 (1 of 1): right.\n")


def test_wrong_answers_are_graded_too_and_the_exit_code_says_so(answers, capsys):
    assert main.main(["check", "exam-3", answers([1, 2]), "--level", "1"]) == 0

    assert "0 of 4 points" in capsys.readouterr().out


def test_json_is_as_the_level_allows(answers, capsys):
    wrong = {**RIGHT, "W1": [[-x for x in row] for row in RIGHT["W1"]]}

    assert main.main(["check", "exam-3", answers(wrong), "--json", "--level", "3"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["arrays"]["W1"]["points"] == 0.5
    assert "sign-lost" in told["arrays"]["W1"]["mistakes"]


def test_gradescope_gets_its_results(answers, capsys):
    assert main.main(["check", "exam-3", answers(RIGHT), "--gradescope"]) == 0

    assert [test["name"] for test in json.loads(capsys.readouterr().out)["tests"]] == [
        "dW1",
        "dW2",
        "dB",
        "dC",
    ]


def test_answers_may_come_from_stdin(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(RIGHT)))

    assert main.main(["check", "exam-3", "-"]) == 0

    assert "4 of 4 points" in capsys.readouterr().out


def test_an_exercise_of_a_script_is_found(script, answers, capsys):
    assert main.main(["check", f"{script}:mine", answers({"w": [1, 2, 3, 4]})]) == 0

    assert capsys.readouterr().out.startswith("Squares: 0 of 1 points.\nw (0 of 1): wrong.")


@pytest.mark.slow
def test_random_exercises_are_checked_by_their_seed(answers, capsys):
    right = {name: array.tolist() for name, array in Exercise.random(4).solution().items()}

    assert main.main(["check", "random:4", answers(right)]) == 0

    assert "4 of 4 points" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("exam-4", "{}", "jacobian-matmul, random:SEED or FILE.py:name, got exam-4"),
        ("missing.py:e", "{}", "the script missing.py is not there"),
        ("exam-3", "{", "are not JSON: Expecting property name"),
        ("exam-3", "[" * 100_000, "are not JSON that can be read: it is nested too deep"),
        ("exam-3", "1" * 5000, "are not JSON: "),
    ],
)  # fmt: skip
def test_bad_input_is_told_in_one_line(name, content, message, answers, capsys):
    assert main.main(["check", name, answers(content)]) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("tinygrad-edu check: ")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("file", "reason"), [("missing.json", "no such file"), ("missing/a.json", "no such file")]
)
def test_answers_that_cannot_be_read_are_told(file, reason, capsys):
    assert main.main(["check", "exam-3", file]) == 2

    assert f"the answers in {file} cannot be read: {reason}" in capsys.readouterr().err


def test_answers_that_are_not_text_are_told(tmp_path, capsys):
    (tmp_path / "a.json").write_bytes(b"\xff\xfe\x00")

    assert main.main(["check", "exam-3", str(tmp_path / "a.json")]) == 2

    assert "cannot be read: it is not text in utf-8" in capsys.readouterr().err


def test_a_name_that_is_no_exercise_is_told(script, answers, capsys):
    assert main.main(["check", f"{script}:number", answers({})]) == 2

    assert "needs to be an Exercise, got int" in capsys.readouterr().err


def test_a_function_is_graded(script, tmp_path, capsys):
    student = tmp_path / "student.py"
    student.write_text("def answers(x, w):\n    return {'w': x * x * w / 2}\n", "utf-8")

    assert main.main(["check", f"{script}:mine", f"{student}:answers"]) == 0

    assert "1 of 1 points" in capsys.readouterr().out


def test_a_program_that_ends_itself_is_graded(script, tmp_path, capsys):
    student = tmp_path / "student.py"
    student.write_text("raise SystemExit\n", "utf-8")

    assert main.main(["check", f"{script}:mine", f"{student}:answers", "--gradescope"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["score"] == 0
    assert "student.py ended the program with sys.exit (line 1)" in told["output"]


def test_a_program_that_is_not_there_is_told(script, capsys):
    assert main.main(["check", f"{script}:mine", "missing.py:answers"]) == 2

    assert "the answers in missing.py:answers cannot be read: no such file" in capsys.readouterr().err


def test_gradescope_has_a_result_for_answers_that_cannot_be_read(answers, capsys):
    assert main.main(["check", "exam-3", answers("{"), "--gradescope"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["score"] == 0
    assert "are not JSON" in told["output"]


@pytest.fixture
def folder(tmp_path):
    """Of four students."""
    texts = {
        "ann": json.dumps(RIGHT),
        "bob": json.dumps({**RIGHT, "W1": [[1, 2]], "C": None}),
        "cy": "?",
        "dee": "[1]",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.json").write_text(text, "utf-8")
    (tmp_path / "notes.txt").write_text("not graded", "utf-8")
    return str(tmp_path)


def test_a_folder_is_graded_with_a_line_for_each_file(folder, capsys):
    assert main.main(["check", "exam-3", folder]) == 0

    assert capsys.readouterr().out.splitlines()[:8] == [
        "Exam, Problem 3, 4 submissions:",
        "ann.json  4 of 4",
        "bob.json  2 of 4; W1 cannot be read; C missing",
        "    W1: cannot be read: its shape is (1, 2), and (3, 2) is needed.",
        "cy.json   the answers are not JSON: Expecting value: line 1 column 1 (char 0)",
        "dee.json  0 of 4; W1, W2, B, C missing",
        "    Note: answers are needed as a mapping from names to arrays, got list [1].",
        "Skipped notes.txt: it does not end in .json, .npz, .py.",
    ]


def test_a_level_gives_the_reasons_of_every_submission(folder, capsys):
    assert main.main(["check", "exam-3", folder, "--level", "2"]) == 0

    assert "\n    W1: cannot be read: its shape is (1, 2), and (3, 2) is needed.\n" in capsys.readouterr().out


def test_a_folder_is_written_as_a_table(folder, tmp_path, capsys):
    file = tmp_path / "grades.csv"

    assert main.main(["check", "exam-3", folder, "--csv", str(file)]) == 0

    rows = list(csv.DictReader(file.read_text("utf-8-sig").splitlines()))
    assert len(rows) == 4 * 4
    assert sum(float(row["points"]) for row in rows) == 6
    assert {row["verdict"] for row in rows if row["submission"] == "cy.json"} == {"unreadable"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{file}", "--csv", "x.csv"], "--csv needs a folder"),
        (["{folder}", "--csv", "{folder}"], "cannot write"),
    ],
)
def test_a_table_that_cannot_be_written_is_told(folder, arguments, message, capsys):
    arguments = [text.format(folder=folder, file=f"{folder}/ann.json") for text in arguments]

    assert main.main(["check", "exam-3", *arguments]) == 2

    assert message in capsys.readouterr().err


def test_a_folder_is_graded_as_json(folder, capsys):
    assert main.main(["check", "exam-3", folder, "--json", "--level", "0"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert [told[name]["points"] for name in ("ann.json", "bob.json", "dee.json")] == [4, 2, 0]
    assert told["cy.json"].startswith("the answers are not JSON")


def test_a_folder_without_answers_is_told(tmp_path, capsys):
    assert main.main(["check", "exam-3", str(tmp_path)]) == 2

    assert "a folder with a file for each student is needed, .json, .npz, .py, got" in capsys.readouterr().err


def test_the_difference_of_a_puzzle_is_drawn(answers, tmp_path, capsys):
    picture = tmp_path / "off.svg"

    file = answers({"J": [[1.0] * 5] * 5})
    assert main.main(["check", "jacobian-softmax", file, "--picture", str(picture)]) == 0

    assert "0 of 1 points" in capsys.readouterr().out
    assert picture.read_text("utf-8").startswith("<svg")


@pytest.mark.parametrize(
    ("name", "content"), [("exam-3", RIGHT), ("jacobian-softmax", {"J": [1]}), ("jacobian-softmax", {})]
)
def test_a_picture_needs_a_puzzle_and_an_answer_of_its_shape(name, content, answers, capsys):
    assert main.main(["check", name, answers(content), "--picture", "off.svg"]) == 2

    assert "--picture needs a puzzle and an answer of the shape that is asked" in capsys.readouterr().err
