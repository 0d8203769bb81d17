"""What the house style asks for and a machine can count."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import tinygrad_edu

PACKAGE = Path(tinygrad_edu.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES = 250

every_file = pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))


@every_file
def test_files_are_small(file):
    lines = len(file.read_text("utf-8").splitlines())

    assert lines <= MOST_LINES


@every_file
def test_a_file_opens_by_saying_what_it_is_for(file):
    docstring = ast.get_docstring(ast.parse(file.read_text("utf-8")))

    assert docstring
    assert len(docstring.splitlines()[0]) > 20


@every_file
def test_annotations_are_postponed(file):
    code = ast.parse(file.read_text("utf-8")).body[1:]

    assert not code or ast.unparse(code[0]) == "from __future__ import annotations"


@every_file
def test_nothing_is_left_to_do(file):
    assert re.findall(r"\b(TODO|FIXME|XXX|HACK)\b", file.read_text("utf-8")) == []


def public_definitions(file: Path) -> list[ast.FunctionDef | ast.ClassDef]:
    body = ast.parse(file.read_text("utf-8")).body
    return [x for x in body if isinstance(x, ast.FunctionDef | ast.ClassDef) and not x.name.startswith("_")]


@every_file
def test_public_functions_and_classes_have_a_docstring(file):
    assert [x.name for x in public_definitions(file) if not ast.get_docstring(x)] == []


@every_file
def test_no_file_is_printed_from_but_where_text_is_the_result(file):
    calls = [
        node.lineno
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]

    assert not calls or file.name in ("main.py", "progress.py", "network.py")
