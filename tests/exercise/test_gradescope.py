"""The zip for Gradescope, unpacked and run as Gradescope does it, below a folder in place of /autograder."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import numpy as np
import pytest

from tinygrad_edu.cli import main
from tinygrad_edu.exercise import EXAM_PROBLEM_3
from tinygrad_edu.exercise.autograder_files import grader
from tinygrad_edu.exercise.gradescope import archive

RIGHT = {name: array.tolist() for name, array in EXAM_PROBLEM_3.solution().items()}
SCRIPT = """
from tinygrad_edu.exercise import Exercise
def squares(x, w):
    return ((x * w) ** 2).mean()
mine = Exercise(squares, {"x": [1.0, 2.0, 3.0, 5.0], "w": [0.5, 0.25, -1.0, 2.0]}, ["w"], title="Teacher's squares")
"""


def built(folder, name, title="Exam, Problem 3"):
    """The folder as /autograder is after the image was built."""
    source = folder / "source"
    with zipfile.ZipFile(io.BytesIO(archive(title, name))) as zipped:
        zipped.extractall(source)
        for member in zipped.infolist():
            (source / member.filename).chmod(member.external_attr >> 16)
    shutil.copy2(source / "run_autograder", folder / "run_autograder")
    python = folder / "venv" / "bin" / "python"  # which setup.sh makes
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', "utf-8")
    python.chmod(0o755)
    return folder


def graded(autograder, files):
    """The contents of results.json for the files that a student handed in."""
    submission = autograder / "submission"
    shutil.rmtree(submission, ignore_errors=True)
    submission.mkdir()
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (submission / name).write_bytes(data)
    environment = {"PATH": os.environ["PATH"]}
    subprocess.run([autograder / "run_autograder"], env=environment, check=False, timeout=60, cwd=autograder)
    return json.loads((autograder / "results" / "results.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def autograder(tmp_path_factory):
    return built(tmp_path_factory.mktemp("autograder"), "exam-3")


@pytest.mark.slow
def test_right_answers_have_all_points(autograder):
    told = graded(autograder, {"answers.json": json.dumps(RIGHT)})

    assert told["score"] == 4
    assert [test["name"] for test in told["tests"]] == ["dW1", "dW2", "dB", "dC"]


@pytest.mark.slow
def test_answers_may_be_arrays_in_a_file_of_another_name(autograder):
    file = io.BytesIO()
    np.savez(file, **EXAM_PROBLEM_3.solution())

    assert graded(autograder, {"mine.npz": file.getvalue(), "notes.txt": "hello"})["score"] == 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({}, "are needed in one file, answers.json, answers.npz or answers.py, got nothing"),
        ({"notes.txt": "x"}, "got notes.txt"),
        ({"a.json": "{}", "b.json": "{}"}, "got a.json, b.json"),
        ({"answers.json": "{"}, "are not JSON"),
        ({"answers.json": b"\xff\xfe\x00"}, "it is not text in utf-8"),
        ({"answers.json": "[" * 100_000}, "are not JSON"),
        ({"answers.npz": b"PK"}, "are not an .npz file"),
        ({"answers.json": "[1, 2]"}, "answers are needed as a mapping"),
        ({"answers.json": '{"W1": "../../etc/passwd", "W2": NaN}'}, "dW1"),
    ],
)
def test_a_broken_submission_has_a_score_and_a_reason(autograder, files, reason):
    told = graded(autograder, files)

    assert told["score"] == 0
    assert reason in json.dumps(told)


@pytest.mark.slow
def test_a_grader_that_is_stopped_leaves_a_result(autograder):
    python = autograder / "venv" / "bin" / "python"
    before = python.read_text("utf-8")
    python.write_text("#!/bin/sh\necho '{\"score\": 4'\nkill -9 $$\n", "utf-8")

    try:
        told = graded(autograder, {"answers.json": json.dumps(RIGHT)})
    finally:
        python.write_text(before, "utf-8")

    assert told == {
        "score": 0.0,
        "output": "The grader stopped before there was a grade; please tell your teacher.",
    }


@pytest.mark.slow
def test_the_exercise_of_a_script_is_in_the_zip(tmp_path):
    script = tmp_path / "teacher's own.py"
    script.write_text(SCRIPT, "utf-8")
    folder = built(tmp_path / "autograder", f"{script}:mine", "Teacher's squares")

    assert graded(folder, {"answers.json": '{"w": [0.25, 0.5, -4.5, 25]}'})["score"] == 1


@pytest.mark.slow
def test_the_same_exercise_gives_the_same_zip():
    assert archive("Exam", "exam-3") == archive("Exam", "exam-3")


def test_the_files_that_gradescope_needs_are_at_the_top_and_can_be_run():
    with zipfile.ZipFile(io.BytesIO(archive("Exam", "exam-3"))) as zipped:
        modes = {member.filename: member.external_attr >> 16 for member in zipped.infolist()}
        setup = zipped.read("setup.sh").decode()

    assert modes["setup.sh"] == modes["run_autograder"] == 0o755
    assert "tinygrad_edu/__main__.py" in modes
    assert not any("__pycache__" in name for name in modes)
    assert setup.startswith("#!/usr/bin/env bash\n")
    subprocess.run(["bash", "-n"], input=setup, text=True, check=True)


@pytest.mark.slow
def test_setup_installs_what_the_package_needs_and_warms_the_sandbox_up(tmp_path):
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["sandbox"]]
    source = built(tmp_path, "exam-3") / "source"
    setup = (source / "setup.sh").read_text("utf-8")

    assert all(f'"{name}"' in setup for name in needed)
    warm_up = setup.partition("then\n    cd ")[2].partition("fi\n")[0].replace("/autograder", str(tmp_path))
    told = subprocess.run(
        ["bash", "-ec", f"cd {warm_up}"], capture_output=True, text=True, check=True, timeout=300
    )
    assert "W1 (0 of 1): missing: nothing was handed in." in told.stdout  # so the program of one line was run


def test_the_zip_is_written_by_a_command(tmp_path, capsys):
    out = tmp_path / "autograder.zip"

    assert main.main(["exercise", "grader", "exam-3", "--for", "gradescope", "-o", str(out)]) == 0
    assert main.main(["exercise", "grader", "jacobian-softmax", "--for", "gradescope"]) == 0

    assert capsys.readouterr().out.startswith(
        f"Wrote {out}; upload it to Gradescope as it is\n#!/usr/bin/env bash\n"
    )
    assert zipfile.is_zipfile(out)


def test_the_script_alone_is_that_of_the_zip():
    script = grader(EXAM_PROBLEM_3, "exam-3", "gradescope")

    with zipfile.ZipFile(io.BytesIO(archive(EXAM_PROBLEM_3.title, "exam-3"))) as zipped:
        assert zipped.read("run_autograder").decode() == script
