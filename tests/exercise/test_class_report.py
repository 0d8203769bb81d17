from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from tinygrad_edu.exercise import EXAM_PROBLEM_3
from tinygrad_edu.exercise.class_report import grade_folder
from tinygrad_edu.exercise.sandbox import wasi

RIGHT = {name: array.tolist() for name, array in EXAM_PROBLEM_3.solution().items()}
FLIPPED = {**RIGHT, "W1": (-EXAM_PROBLEM_3.solution()["W1"]).tolist()}


@pytest.fixture
def folder(tmp_path):
    """Of six students, three of whose files cannot be read."""
    texts = {
        "ann": RIGHT,
        "bob": FLIPPED,
        "=cy": {**FLIPPED, "C": None},
        "team/dee": {**RIGHT, "W2": [[9, 8, 7], [7, 6, 5]]},
    }
    (tmp_path / "team").mkdir()
    for name, answers in texts.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(answers), "utf-8")
    np.savez(tmp_path / "eve.npz", **EXAM_PROBLEM_3.solution())
    np.savez(tmp_path / "pickled.npz", W1=np.array([{}], object))
    (tmp_path / "fay.json").write_text("{", "utf-8")
    (tmp_path / "gil.json").write_bytes(b"\xff\xfe")
    (tmp_path / "notes.txt").write_text("", "utf-8")
    (tmp_path / ".hidden.json").write_text("{}", "utf-8")
    (tmp_path / "link.json").symlink_to(tmp_path / "ann.json")
    return tmp_path


@pytest.fixture
def report(folder):
    return grade_folder(EXAM_PROBLEM_3, folder, 3)


def test_files_of_each_kind_are_graded_also_in_subfolders(report):
    points = {name: result.points for name, result in report.results.items()}

    assert points == {"=cy.json": 2.5, "ann.json": 4, "bob.json": 3.5, "eve.npz": 4, "team/dee.json": 3}


def test_files_that_cannot_be_read_have_a_reason(report):
    assert report.failures.keys() == {"fay.json", "gil.json", "pickled.npz"}
    assert report.failures["fay.json"].startswith("the answers are not JSON")
    assert "allow_pickle=False" in report.failures["pickled.npz"]


def test_files_that_are_skipped_have_a_reason(report):
    assert report.skipped == {
        ".hidden.json": "it is hidden",
        "link.json": "it is a link",
        "notes.txt": "it does not end in .json, .npz, .py",
    }
    assert "\nSkipped link.json: it is a link.\n" in report.text()


def test_the_summary_has_the_mean_the_hardest_question_and_the_mistakes(report):
    lines = list(report.summary())

    assert lines[0] == "Mean of 5: 3.4 of 4 points (85%); 3 could not be read."
    assert lines[1:6] == [
        "Questions, the hardest first:",
        "  W1: 80% of the points; 3 right, 2 wrong",
        "  W2: 80% of the points; 4 right, 1 wrong",
        "  C: 80% of the points; 4 right, 1 missing",
        "  B: 100% of the points; 5 right",
    ]
    assert lines[7].startswith(
        "  2 × sign-lost (=cy.json, bob.json). For example dW1: It equals -1 times the true"
    )
    assert lines[8] == "  1 × no known mistake (team/dee.json)."


def test_the_table_has_a_row_for_each_submission_and_question(report):
    rows = list(csv.DictReader(report.csv().splitlines()))

    assert len(rows) == 8 * 4
    flipped = next(row for row in rows if row["submission"] == "bob.json" and row["question"] == "W1")
    assert (flipped["points"], flipped["possible"], flipped["mistake"]) == ("0.5", "1.0", "sign-lost")


def test_no_name_of_a_file_is_a_formula_in_a_spreadsheet(report):
    assert not any(line.startswith("=") for line in report.csv().splitlines())


def test_a_level_below_3_names_no_mistake_in_the_table(report):
    assert "sign-lost" not in report.csv(2)
    assert "Look at" in report.csv(2)


def test_a_folder_in_which_nothing_can_be_read_has_a_summary(tmp_path):
    (tmp_path / "a.json").write_text("{", "utf-8")

    text = grade_folder(EXAM_PROBLEM_3, tmp_path, 2).text()

    assert text.endswith("No submission could be read.")


PROGRAMS = {"ann": f"answers = {RIGHT}", "bob": "1 / 0", "cy": "def answers(X, **others):\n    return"}


@pytest.mark.slow
def test_programs_that_fail_have_their_reason_once_at_every_level_and_in_the_table(tmp_path):
    for name, program in PROGRAMS.items():
        (tmp_path / f"{name}.py").write_text(program, "utf-8")
    report = grade_folder(EXAM_PROBLEM_3, tmp_path, 3)
    reason = "cannot be read: bob.py raised ZeroDivisionError: division by zero (line 1)."

    for level in (1, 2, 3):
        lines = report.text(level).splitlines()
        assert "bob.py  0 of 4; W1, W2, B, C cannot be read" in lines
        assert lines.count(f"    W1, W2, B, C: {reason}") == 1
    rows = list(csv.DictReader(report.csv().splitlines()))
    assert [row["reason"] for row in rows if row["submission"] == "bob.py"] == [reason] * 4


@pytest.mark.slow
def test_it_is_said_once_for_all_programs_that_they_ran_without_a_sandbox(tmp_path, monkeypatch):
    monkeypatch.setattr(wasi, "available", lambda: False)
    for name, program in PROGRAMS.items():
        (tmp_path / f"{name}.py").write_text(program, "utf-8")

    told = grade_folder(EXAM_PROBLEM_3, tmp_path, 3).text()

    assert told.count("no sandbox") == 1
    assert "\nNote: the programs ran in a process with limits, which is no sandbox; pip install" in told
