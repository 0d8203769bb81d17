from __future__ import annotations

import json

import pytest

from tinygrad_edu.cli.main import main
from tinygrad_edu.lessons import lessons


@pytest.fixture(autouse=True)
def _folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_without_a_number_the_lessons_are_listed(capsys):
    assert main(["lessons"]) == 0

    rows = capsys.readouterr().out.splitlines()
    assert len(rows) == len(lessons()) + 2
    assert rows[0].split("  ")[:2] == [" 1", "Numbers and slopes"] or "Numbers and slopes" in rows[0]


def test_a_number_says_where_the_file_is_and_how_to_open_it(capsys):
    assert main(["lessons", "2"]) == 0

    out = capsys.readouterr().out
    assert "Lesson 2: One neuron" in out
    assert "tinygrad-edu lessons 2 --notebook" in out
    assert out.strip().endswith("lesson_02_neuron.py")


def test_run_shows_prose_code_and_outputs(capsys):
    assert main(["lessons", "1", "--run"]) == 0

    assert "error 0.0601" in capsys.readouterr().out


def test_a_notebook_is_written_and_a_file_of_the_reader_is_kept(tmp_path, capsys):
    file = tmp_path / "lesson_01_slopes.ipynb"

    assert main(["lessons", "1", "--notebook"]) == 0
    assert json.loads(file.read_text("utf-8"))["nbformat"] == 4
    file.write_text("mine", "utf-8")

    assert main(["lessons", "1", "--notebook"]) == 2
    assert "is there already; --force replaces it" in capsys.readouterr().err
    assert file.read_text("utf-8") == "mine"
    assert main(["lessons", "1", "--notebook", "--force"]) == 0
    assert file.read_text("utf-8") != "mine"


def test_a_page_goes_to_the_folder_and_the_name_that_are_given(tmp_path):
    assert main(["lessons", "1", "--html", "slopes.html", "--out", "new/folder"]) == 0

    assert (tmp_path / "new/folder/slopes.html").read_text("utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["99"], "lessons are numbered 1, 2,"),
        (["0"], "lessons are numbered 1, 2,"),
        (["-1"], "the number of a lesson is needed, got -1"),
        (["one neuron"], "the nearest title: One neuron"),
        (["--run"], "the number of a lesson is needed, as in"),
        (["1", "--site", "site"], "--site is for all lessons, so no number is needed"),
        (["1", "--force"], "--out and --force are for --notebook and --html"),
    ],
)
def test_a_wrong_argument_is_one_line(arguments, message, capsys):
    try:
        code = main(["lessons", *arguments])
    except SystemExit as stopped:
        code = stopped.code

    assert code == 2
    assert message in capsys.readouterr().err


def test_formulas_in_the_list_are_text(capsys):
    main(["lessons"])

    assert "$" not in capsys.readouterr().out


def test_a_site_is_written_or_its_extra_is_named_in_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("tinygrad_edu.lessons.browser_site.NEEDED", ("no_such_package",))

    assert main(["lessons", "--site", str(tmp_path / "site")]) == 2

    assert capsys.readouterr().err.endswith('pip install "tinygrad_edu[site]"\n')
    assert not (tmp_path / "site").exists()
