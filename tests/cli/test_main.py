from __future__ import annotations

import os
import subprocess
import sys

import pytest

import tinygrad_edu


def run(*arguments, **options):
    command = [sys.executable, "-m", "tinygrad_edu", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False, **options
    )


def refused(result, message):
    """Exit code 2, one line on stderr that says so, nothing on stdout."""
    assert result.returncode == 2
    assert result.stdout == ""
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "meant"),
    [("chek", "check"), ("exercise shet", "sheet"), ("exercise grader exam-2 --for Gradscope", "gradescope")],
)
def test_a_misspelt_command_is_recognised(arguments, meant):
    refused(run(*arguments.split()), f"; did you mean {meant}?; see")


@pytest.mark.slow
def test_a_misspelt_exercise_is_recognised():
    refused(run("exercise", "sheet", "exam_2"), "got exam_2; did you mean exam-2?")


@pytest.mark.slow
def test_a_terminal_without_unicode_is_no_error():
    result = run("exercise", "sheet", "exam-3", env=os.environ | {"PYTHONIOENCODING": "ascii"})

    assert result.returncode == 0
    assert "?" in result.stdout


@pytest.mark.slow
def test_a_reader_who_stops_early_is_no_error():
    command = [sys.executable, "-m", "tinygrad_edu", "exercise", "sheet", "exam-3"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        errors = process.stderr.read()

    assert process.returncode == 0
    assert errors == b""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "required: COMMAND"),
        (["exma"], "invalid choice: 'exma'"),
        (["exam", "--ouput", "x"], "unrecognized arguments: --ouput x"),
        (["exam", "--o", "x"], "unrecognized arguments: --o x"),
        (["exam", "--out"], "expected one argument"),
        (
            ["explain", "train.py:loss", "w"],
            "explain: unrecognized arguments: w; see tinygrad-edu explain --",
        ),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(arguments, message):
    result = run(*arguments)

    refused(result, message)
    assert "--help" in result.stderr


@pytest.mark.slow
def test_help_names_the_commands_and_the_default():
    assert "exam" in run("--help").stdout
    assert "default: exam-report" in run("exam", "-h").stdout


@pytest.mark.slow
def test_version_is_printed():
    result = run("--version")

    assert result.returncode == 0
    assert result.stdout == f"tinygrad-edu {tinygrad_edu.__version__}\n"


def test_matplotlib_is_not_loaded_to_show_help():
    code = "import sys, tinygrad_edu.cli; sys.exit('matplotlib' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
