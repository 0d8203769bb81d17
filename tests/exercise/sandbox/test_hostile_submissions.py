from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from tests.exercise.sandbox.hostile_submissions import HOSTILE
from tinygrad_edu.exercise import Exercise, Submission
from tinygrad_edu.exercise.sandbox import Limits, wasi

FAST = Limits(seconds=2)
RESULTS = '{"score": 0.5}'
WEBASSEMBLY = "wasi-python-zip"  # Python's modules for WebAssembly, until the grader ends
FOLDERS = [Path(tempfile.gettempdir()), Path.cwd(), Path.home(), Path("/dev/shm")]


@pytest.fixture(scope="module")
def asked():
    numbers = {"x": [1.0, 2.0, 3.0, 5.0], "w": [0.5, 0.25, -1.0, 2.0]}
    return Exercise(lambda x, w: ((x * w) ** 2).mean(), numbers, ["w"])


@pytest.fixture(params=["process", "wasi"])
def way(request, monkeypatch):
    """Programs run in this way, whatever is installed."""
    if request.param == "wasi" and not wasi.available():
        pytest.skip('WebAssembly needs pip install "tinygrad_edu[sandbox]"')
    if request.param == "process":
        monkeypatch.setattr(wasi, "available", lambda: False)
    return request.param


@pytest.fixture
def results(tmp_path, monkeypatch):
    """A file of the teacher's; in the end nothing has changed on the machine."""
    monkeypatch.setenv("SECRET_OF_THE_GRADER", "1")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    file = tmp_path / "results.json"
    file.write_text(RESULTS, "utf-8")
    rights = tmp_path.stat().st_mode

    yield file

    left = [path.name for path in tmp_path.iterdir() if not path.name.startswith(WEBASSEMBLY)]
    assert left == ["results.json"]
    assert file.read_text("utf-8") == RESULTS
    assert tmp_path.stat().st_mode == rights
    assert [folder for folder in FOLDERS if (folder / "spoiled_by_a_student").exists()] == []
    assert [
        folder for folder in map(place, Path("/proc").glob("[0-9]*/cwd")) if str(tmp_path) in folder
    ] == []
    assert not np.allclose(1, 2)


def place(link):
    """The folder in which a process is at work, or was before this was deleted."""
    try:
        return str(link.readlink())
    except OSError:  # the process has ended
        return ""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="what a kernel refuses is known of Linux alone")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_submission_ends_in_a_grade_and_a_reason(name, way, asked, results):
    text, pattern = HOSTILE[name]
    program = Submission(((text.replace("FILE", str(results)), 1),), limits=FAST)

    result = asked.check(program)

    assert re.search(pattern, result.text(), re.DOTALL), result.text()
    assert result.right == (pattern == "1 of 1 points") or "|" in pattern
    assert len(result.text()) < 2000
    assert ("is no sandbox" in result.text()) == (way == "process")


@pytest.mark.slow
def test_a_teacher_grades_a_folder_of_80_hostile_submissions(way, asked, results, tmp_path_factory):
    folder = tmp_path_factory.mktemp("handed_in")
    programs = [text.replace("FILE", str(results)) for text, _ in HOSTILE.values()]
    for i in range(80):
        (folder / f"student_{i:02}.py").write_text(programs[i % len(programs)], "utf-8")
    names = sorted(path.name for path in folder.iterdir())

    graded = [asked.check(Submission.from_file(folder / name, limits=FAST)) for name in names]

    assert all(result.points in (0, 1) and result.text() for result in graded)
    assert [path.name for path in sorted(folder.iterdir())] == names
