from __future__ import annotations

import json

import pytest

from tinygrad_edu import puzzles
from tinygrad_edu.puzzles import progress_file
from tinygrad_edu.puzzles.progress_file import Progress, default_path


def test_a_solved_puzzle_has_a_tick_and_a_solution_that_was_read_is_marked(tmp_path):
    path = tmp_path / "folder" / "progress.json"
    puzzles.puzzle("transpose", path).check(lambda x, g: g.T)
    puzzles.puzzle("max", path).solution()

    lines = repr(puzzles.list(path)).splitlines()

    assert lines[0] == "Rules of operations (1 of 18)"
    assert [line.split()[2] for line in lines if "✓" in line] == ["transpose"]
    assert [line.split()[1] for line in lines if "(s)" in line] == ["max"]
    assert puzzles.puzzle("transpose", path).solved
    assert [file.name for file in path.parent.iterdir()] == ["progress.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "another"}', "\x00\xff", '{"solved": 1}'])
def test_a_file_that_is_broken_or_foreign_stays_as_it_is(text, tmp_path):
    path = tmp_path / "progress.json"
    path.write_text(text, "utf-8")

    kept = Progress(path)
    kept.record("solved", "sum")

    assert path.read_text("utf-8") == text
    assert "is no progress file and stays as it is" in kept.note
    assert kept.count("solved", "sum") == 1
    assert kept.note in puzzles.list(path)


def test_a_folder_that_cannot_be_written_is_a_note(tmp_path):
    (tmp_path / "file").write_text("", "utf-8")

    kept = Progress(tmp_path / "file" / "progress.json")
    kept.record("solved", "sum")

    assert "cannot be written" in kept.note
    assert kept.count("solved", "sum") == 1


def test_two_programs_lose_nothing_of_each_other(tmp_path):
    first, second = Progress(tmp_path / "p.json"), Progress(tmp_path / "p.json")

    first.record("solved", "sum")
    second.record("solved", "max")

    assert json.loads((tmp_path / "p.json").read_text("utf-8"))["solved"] == {"sum": 1, "max": 1}


@pytest.mark.parametrize(
    ("platform", "ending"),
    [
        ("linux", "data/tinygrad_edu/puzzles.json"),
        ("darwin", "Library/Application Support/tinygrad_edu/puzzles.json"),
        ("win32", "local/tinygrad_edu/puzzles.json"),
    ],
)
def test_the_default_file_is_in_the_data_folder_of_the_platform(platform, ending, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    monkeypatch.setattr(progress_file.sys, "platform", platform)

    assert default_path().as_posix().endswith(ending)
