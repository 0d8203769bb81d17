"""What the house style asks for and a machine can count."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import tinygrad_edu

PACKAGE = Path(tinygrad_edu.__file__).parent
TEXTS = {
    file.relative_to(PACKAGE).as_posix(): file.read_text("utf-8") for file in sorted(PACKAGE.rglob("*.py"))
}
LEARNERS = re.compile(r"lessons/lesson_\d|docs/gallery/")  # notebooks and scripts, as a learner writes them
TEXTS = {name: text for name, text in TEXTS.items() if not LEARNERS.match(name)}
TREES = {name: ast.parse(text) for name, text in TEXTS.items()}
MOST_LINES = 250


def test_files_are_small():
    lines = {name: len(text.splitlines()) for name, text in TEXTS.items()}

    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_a_file_opens_by_saying_what_it_is_for():
    openings = {name: (ast.get_docstring(tree) or "").partition("\n")[0] for name, tree in TREES.items()}

    assert {name: opening for name, opening in openings.items() if len(opening) <= 20} == {}


def test_annotations_are_postponed():
    firsts = {name: ast.unparse(tree.body[1]) for name, tree in TREES.items() if tree.body[1:]}

    assert [name for name, code in firsts.items() if code != "from __future__ import annotations"] == []


def test_nothing_is_left_to_do():
    assert [name for name, text in TEXTS.items() if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", text)] == []


def test_public_functions_and_classes_have_a_docstring():
    public = [
        (name, x)
        for name, tree in TREES.items()
        for x in tree.body
        if isinstance(x, ast.FunctionDef | ast.ClassDef) and not x.name.startswith("_")
        if "overload" not in map(ast.unparse, x.decorator_list)
    ]

    assert [f"{name}: {x.name}" for name, x in public if not ast.get_docstring(x)] == []


@pytest.mark.slow
def test_no_file_prints_but_the_command_line_and_the_examples():
    printing = {
        name
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }

    assert {name for name in printing if not name.startswith("examples/")} == {
        "cli/main.py",
        "plan/engine_check.py",
        "puzzles/puzzle_task.py",
    }
