from __future__ import annotations

import json

import nbformat
import pytest

from tinygrad_edu.lessons import lesson, lessons
from tinygrad_edu.lessons.notebook_file import notebook
from tinygrad_edu.programs.execution import exit_code


@pytest.mark.parametrize("each", lessons(), ids=lambda each: each.path.stem)
def test_a_notebook_is_valid_and_has_the_cells_of_the_file(each):
    read = nbformat.reads(notebook(each), as_version=4)

    nbformat.validate(read)
    assert [(cell.cell_type, cell.source) for cell in read.cells] == [(c.kind, c.source) for c in each.cells]


def test_ids_of_cells_are_the_same_every_time_and_differ():
    first, second = (json.loads(notebook(lesson(1)))["cells"] for _ in range(2))

    assert first == second
    assert len({cell["id"] for cell in first}) == len(first)


@pytest.mark.slow
@pytest.mark.parametrize("number", [9, 13, 14])  # in which rules and lines of a cell are read
def test_a_notebook_prints_what_the_lesson_promises(number, tmp_path, capsys):
    path = tmp_path / "lesson.ipynb"
    path.write_text(notebook(lesson(number)), "utf-8")

    assert exit_code(path) == 0

    printed = iter(capsys.readouterr().out.splitlines())
    promised = [line for cell in lesson(number).cells for line in cell.promised]
    assert [line for line in promised if line not in printed] == []
