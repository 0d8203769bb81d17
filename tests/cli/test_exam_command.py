from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tinygrad_edu.cli.main import main
from tinygrad_edu.exam import plots

GRAPHS = {f"problem{k}.{ending}" for k in (2, 3) for ending in ("dot", "svg", "html")}
FILES = {"report.html", "dataset.svg", *GRAPHS}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A run as of a newcomer, in a new process."""
    out = tmp_path_factory.mktemp("exam")
    command = [sys.executable, "-m", "tinygrad_edu", "exam"]
    result = subprocess.run(
        command, cwd=out, capture_output=True, text=True, encoding="utf-8", timeout=120, check=True
    )
    return result, out / "exam-report"


@pytest.mark.slow
def test_the_first_screen_fits_a_terminal_and_says_what_is_wrong_and_where_the_report_is(done):
    result, _ = done
    lines = result.stdout.splitlines()

    assert result.stderr == ""
    assert len(lines) < 24
    assert max(map(len, lines)) <= 80
    assert lines[0].startswith("The exam, recomputed: 121 numbers the same, 10 the same within rounding")
    assert [line[:5] for line in lines if line[2:3].isdigit()] == ["  1. ", "  2. ", "  3. "]
    assert lines[-4].split()[0] == str(Path("exam-report", "report.html"))
    assert lines[-1].split()[0] == "--all"


@pytest.mark.slow
def test_without_out_the_files_go_to_exam_report_here(done):
    _, out = done

    assert {path.name for path in out.iterdir()} == FILES
    assert (out / "problem2.dot").read_text("utf-8").lstrip().startswith("digraph")


@pytest.mark.slow
def test_a_second_run_into_the_same_folder_writes_the_same_files(done):
    _, out = done
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    assert main(["exam", "--out", str(out)]) == 0

    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


@pytest.mark.slow
def test_all_prints_every_number_as_wide_as_the_terminal_and_what_it_wrote(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "72")
    out = tmp_path / "new" / "folder"

    assert main(["exam", "--all", "--out", str(out)]) == 0

    *lines, counts, last = capsys.readouterr().out.splitlines()
    assert " Problem 3 ".center(72, "=") in lines
    assert counts.startswith("121 numbers the same, 10 ")
    assert last.startswith("Wrote report.html, problem2.html, problem2.svg, problem2.dot")
    assert last.endswith(f"to {out}")


@pytest.mark.slow
def test_without_matplotlib_there_is_no_plot_file(monkeypatch, tmp_path):
    monkeypatch.setattr(plots, "_plot", lambda *_: None)

    assert main(["exam", "--out", str(tmp_path)]) == 0

    assert {path.name for path in tmp_path.iterdir()} == FILES - {"dataset.svg"}


def refused(out, reason, capsys):
    """Exit code 2, one line on stderr that says why, nothing on stdout."""
    assert main(["exam", "--out", str(out)]) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"tinygrad-edu exam: --out needs a folder that can be written, got {out}: {reason}" in printed.err
    assert printed.err.count("\n") == 1


def test_out_that_is_a_file_is_refused(tmp_path, capsys):
    file = tmp_path / "taken"
    file.write_text("mine")

    refused(file, "it is a file\n", capsys)
    assert file.read_text() == "mine"


def test_out_below_a_file_is_refused(tmp_path, capsys):
    file = tmp_path / "taken"
    file.write_text("mine")

    refused(file / "below", "", capsys)


@pytest.mark.slow
def test_a_report_that_cannot_be_written_is_refused_before_anything_is_printed(tmp_path, capsys):
    (tmp_path / "report.html").mkdir()

    refused(tmp_path, "", capsys)


def test_a_folder_without_permission_is_refused(monkeypatch, capsys):
    def no(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", no)

    refused("somewhere", "permission denied\n", capsys)
