from __future__ import annotations

import subprocess
import sys

import pytest

from tinygrad_edu.cli import main

SCRIPT = '"""Why the sky is blue.\n\nMore."""\nimport sys\nprint("ran", *sys.argv[1:])\n'


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A folder of benchmarks with one that works, one that fails, and what is no benchmark."""
    (tmp_path / "harness").mkdir()
    (tmp_path / "sky.py").write_text(SCRIPT)
    (tmp_path / "wrong.py").write_text('"""Fails."""\nraise SystemExit(3)\n')
    (tmp_path / "test_micro.py").write_text("")
    monkeypatch.setattr(main, "BENCHMARKS", tmp_path)
    return tmp_path


def test_list_says_what_each_benchmark_asks(checkout, capsys):
    assert main.main(["bench", "--list"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "sky               Why the sky is blue.",
        "wrong             Fails.",
    ]


def test_a_named_benchmark_runs_with_its_options(checkout, capfd):
    assert main.main(["bench", "sky", "--quick"]) == 0

    assert capfd.readouterr().out == "ran --quick\n"


def test_without_names_all_run_and_a_failure_is_told_by_the_exit_code(checkout, capfd):
    assert main.main(["bench"]) == 1

    assert capfd.readouterr().out == "ran\n"


def test_an_unknown_name_is_refused_in_one_line(checkout, capsys):
    assert main.main(["bench", "sea"]) == 2

    assert capsys.readouterr().err == "tinygrad-edu bench: bench needs names out of sky, wrong, got 'sea'\n"


def test_an_installed_package_says_in_one_line_that_it_has_no_benchmarks(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(main, "BENCHMARKS", tmp_path / "benchmarks")

    assert main.main(["bench"]) == 2

    error = capsys.readouterr().err
    assert "bench needs a checkout of the repository" in error
    assert error.count("\n") == 1


def test_somebody_elses_folder_of_benchmarks_is_not_run(tmp_path, monkeypatch, capsys):
    (tmp_path / "theirs.py").write_text(SCRIPT)
    monkeypatch.setattr(main, "BENCHMARKS", tmp_path)

    assert main.main(["bench"]) == 2

    assert capsys.readouterr().out == ""


def test_the_command_finds_the_benchmarks_of_this_checkout():
    command = [sys.executable, "-m", "tinygrad_edu", "bench", "--list"]

    listed = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=True)

    assert "exam_step" in listed.stdout
    assert "test_micro" not in listed.stdout
