from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tinygrad_edu.cli import main
from tinygrad_edu.exam import plots

FILES = {"report.html", "problem2.dot", "problem2.svg", "problem3.dot", "problem3.svg", "dataset.svg"}


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


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    out = tmp_path_factory.mktemp("exam") / "new" / "folder"
    result = run("exam", "--out", out)
    return result, out


def test_the_exam_prints_the_table_and_says_last_what_it_wrote(done):
    result, out = done
    *_, counts, last = result.stdout.splitlines()

    assert result.returncode == 0
    assert result.stderr == ""
    assert counts.startswith("121 numbers the same, 10 ")
    assert last.startswith("Wrote report.html, problem2.dot")
    assert last.endswith(f"to {out}")


def test_the_exam_writes_its_files_into_a_new_folder(done):
    _, out = done

    assert {path.name for path in out.iterdir()} == FILES
    assert (out / "problem2.dot").read_text("utf-8").lstrip().startswith("digraph")


def test_a_second_run_into_the_same_folder_writes_the_same_files(done):
    _, out = done
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    result = run("exam", "--out", out)

    assert result.returncode == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_without_out_the_report_goes_to_exam_report_here(tmp_path):
    result = run("exam", cwd=tmp_path)

    assert result.stdout.endswith("to exam-report\n")
    assert (tmp_path / "exam-report" / "report.html").exists()


def test_the_table_is_as_wide_as_the_terminal(tmp_path):
    result = run("exam", "--out", tmp_path, env=os.environ | {"COLUMNS": "72"})

    assert " Problem 3 ".center(72, "=") in result.stdout.splitlines()


def test_a_terminal_without_unicode_is_no_error(tmp_path):
    result = run("exam", "--out", tmp_path, env=os.environ | {"PYTHONIOENCODING": "ascii"})

    assert result.returncode == 0


def test_a_reader_who_stops_early_is_no_error(tmp_path):
    command = [sys.executable, "-m", "tinygrad_edu", "exam", "--out", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        errors = process.stderr.read()

    assert process.returncode == 0
    assert errors == b""


def test_out_that_is_a_file_is_refused(tmp_path):
    file = tmp_path / "taken"
    file.write_text("mine")

    refused(run("exam", "--out", file), f"--out needs a folder that can be written, got {file}: it is a file")
    assert file.read_text() == "mine"


def test_out_below_a_file_is_refused(tmp_path):
    file = tmp_path / "taken"
    file.write_text("mine")

    refused(run("exam", "--out", file / "below"), "needs a folder that can be written")


def test_a_report_that_cannot_be_written_is_refused_before_anything_is_printed(tmp_path):
    (tmp_path / "report.html").mkdir()

    refused(run("exam", "--out", tmp_path), "needs a folder that can be written")


def test_a_folder_without_permission_is_refused(monkeypatch, capsys):
    def no(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", no)

    assert main.main(["exam", "--out", "somewhere"]) == 2
    assert capsys.readouterr().err.endswith("got somewhere: permission denied\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "required: COMMAND"),
        (["exma"], "invalid choice: 'exma'"),
        (["exam", "--ouput", "x"], "unrecognized arguments: --ouput x"),
        (["exam", "--o", "x"], "unrecognized arguments: --o x"),
        (["exam", "--out"], "expected one argument"),
        (["exam", "extra"], "unrecognized arguments: extra"),
    ],
)
def test_wrong_arguments_are_refused_in_one_line(arguments, message):
    result = run(*arguments)

    refused(result, message)
    assert "--help" in result.stderr


def test_help_names_the_commands_and_the_default():
    assert "exam" in run("--help").stdout
    assert "default: exam-report" in run("exam", "-h").stdout


def test_version_is_printed():
    result = run("--version")

    assert result.returncode == 0
    assert result.stdout.startswith("tinygrad-edu ")


def test_without_matplotlib_there_is_no_plot_file(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(plots, "_figure", lambda *_: None)

    assert main.main(["exam", "--out", str(tmp_path)]) == 0

    assert {path.name for path in tmp_path.iterdir()} == FILES - {"dataset.svg"}
    assert "dataset.svg" not in capsys.readouterr().out


def test_matplotlib_is_not_loaded_to_show_help():
    code = "import sys, tinygrad_edu.cli; sys.exit('matplotlib' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
