"""Every lesson of the folder runs from its first cell to its last, and prints what it says it prints."""

from __future__ import annotations

import ast

import pytest

from tinygrad_edu.lessons import lesson, lessons
from tinygrad_edu.lessons.cell_format import cells
from tinygrad_edu.lessons.lesson_run import run_cells
from tinygrad_edu.plan.codegen.c.compiler import compiler

SLOW = {each.number for each in lessons() if each.number > 7} | {5, 7}
ALLOWED = {"math", "timeit", "warnings", "numpy", "tinygrad_edu", "matplotlib"}


def in_order(promised, printed):
    """Whether all promised lines are printed, one after the other; other lines may stand between."""
    rest = iter(printed)
    return all(line in rest for line in promised)


@pytest.mark.parametrize(
    "lesson",
    [pytest.param(x, marks=[pytest.mark.slow] if x.number in SLOW else []) for x in lessons()],
    ids=lambda lesson: lesson.path.stem,
)
def test_a_lesson_runs_and_prints_what_it_promises(lesson, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    wrong = [
        (outcome.cell.line, outcome.cell.promised, outcome.printed)
        for outcome in run_cells(lesson.cells, lesson.path)
        if not in_order(outcome.cell.promised, outcome.printed.splitlines())
    ]

    assert wrong == []
    assert list(tmp_path.iterdir()) == []  # nothing is written unasked


@pytest.mark.slow
@pytest.mark.skipif(compiler() is None, reason="there is no C compiler")
def test_the_loss_of_lesson_12_runs_in_c():
    printed = "".join(outcome.printed for outcome in run_cells(lesson(12).cells, lesson(12).path))

    assert "warnings: []\n" in printed


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.path.stem)
def test_a_lesson_imports_only_numpy_and_this_package(lesson):
    nodes = list(ast.walk(ast.parse(lesson.path.read_text("utf-8"))))

    names = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= ALLOWED


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.path.stem)
def test_a_lesson_begins_and_ends_with_prose_and_promises_something(lesson):
    assert lesson.cells[0].kind == "markdown"
    assert any("What you have learned" in cell.source for cell in lesson.cells)
    assert sum(len(cell.promised) for cell in lesson.cells) >= 3


def test_the_value_of_a_cell_is_its_last_expression(tmp_path):
    text = "# %%\nx = 2\nprint('a')\nx + 1\n# %%\ny = x\n"

    outcomes = list(run_cells(cells(text), tmp_path / "file.py"))

    assert [(o.printed, o.value) for o in outcomes] == [("a\n", 3), ("", None)]


def test_an_error_names_the_line_of_the_file(tmp_path):
    with pytest.raises(ZeroDivisionError) as error:
        list(run_cells(cells("# %%\nx = 2\n\n# %%\n1 / 0\n"), tmp_path / "file.py"))

    assert error.traceback[-1].lineno + 1 == 5
