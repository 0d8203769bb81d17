from __future__ import annotations

import subprocess
import sys

import pytest

from tinygrad_edu.cli import bench_command
from tinygrad_edu.cli.main import main

PROJECT = '[project]\nname = "tinygrad_edu"\n'
SCRIPT = """'''Why the sky is blue.

More.'''
import sys
sys.dont_write_bytecode = True  # from harness import main
print("ran", *sys.argv[1:])
"""


def clone(folder, project=PROJECT):
    """A repository with a benchmark that works, one that fails, and files that are no benchmark."""
    scripts = folder / "benchmarks"
    (scripts / "harness").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(project)
    (scripts / "sky.py").write_text(SCRIPT)
    (scripts / "wrong.py").write_text("'''Fails.'''\n# from harness import main\nraise SystemExit(3)\n")
    (scripts / "examples.py").write_text("")
    return folder


@pytest.fixture
def inside(tmp_path, monkeypatch):
    """The current folder is one of a clone; the package was installed elsewhere, without a clone."""
    below = clone(tmp_path / "clone") / "tests" / "cli"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    monkeypatch.setattr(bench_command, "INSTALLED", tmp_path / "site-packages")


def test_list_says_what_each_benchmark_asks(inside, capsys):
    assert main(["bench", "--list"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "sky               Why the sky is blue.",
        "wrong             Fails.",
    ]


def test_a_named_benchmark_runs_with_its_options(inside, capfd):
    assert main(["bench", "sky", "--quick"]) == 0

    assert capfd.readouterr().out == "ran --quick\n"


def test_without_names_all_run_and_a_failure_is_told_by_the_exit_code(inside, capfd):
    assert main(["bench"]) == 1

    assert capfd.readouterr().out == "ran\n"


def test_an_unknown_name_is_refused_in_one_line(inside, capsys):
    assert main(["bench", "sea"]) == 2

    assert capsys.readouterr().err == "tinygrad-edu bench: a name out of sky, wrong is needed, got sea\n"


def test_an_editable_install_finds_its_own_clone_from_anywhere(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bench_command, "INSTALLED", clone(tmp_path / "clone"))

    assert main(["bench", "--list"]) == 0

    assert "Why the sky is blue." in capsys.readouterr().out


def test_outside_of_a_clone_an_installed_package_says_in_one_line_what_is_needed(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bench_command, "INSTALLED", tmp_path)

    assert main(["bench"]) == 2

    error = capsys.readouterr().err
    assert "bench: a clone of the repository is needed" in error
    assert error.endswith("get the repository and run this inside it\n")
    assert error.count("\n") == 1


@pytest.mark.parametrize("project", ['[project]\nname = "theirs"\n', "[tool.ruff]\n", "not toml"])
def test_the_benchmarks_of_another_project_are_not_run(project, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(clone(tmp_path, project))
    monkeypatch.setattr(bench_command, "INSTALLED", tmp_path)

    assert main(["bench"]) == 2

    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_the_command_finds_the_benchmarks_of_this_clone():
    command = [sys.executable, "-m", "tinygrad_edu", "bench", "--list"]

    listed = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=True)

    assert "exam_step" in listed.stdout
    assert not [name for name in ("test_micro", "examples", "diagnose_mistakes") if name in listed.stdout]
