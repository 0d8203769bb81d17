"""A Jupyter notebook as Python: its code cells in order, without what only a notebook's shell understands."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any, NamedTuple

RUN_THE_REST = ("capture", "prun", "time", "timeit")  # cell magics whose cell is Python
_ASSIGNED = re.compile(r"\s*[\w\s,.]*=\s*[!%]\S")  # files = !ls
_TIMED = re.compile(r"(\s*)%time\s+(.*)")


class Cell(NamedTuple):
    """A code cell: its number among all cells, from 1, its Python and the lines of the shell that were taken out."""

    number: int
    source: str
    skipped: list[str]
    may_fail: bool = False


def cells(path: Path) -> list[Cell]:
    """The code cells of a notebook. Raises `ValueError` if the file is none."""
    try:
        content = json.loads(path.read_text("utf-8-sig"))
        listed = content["cells"] if "cells" in content else content["worksheets"][0]["cells"]
        return [_cell(number, each) for number, each in enumerate(listed, 1) if each["cell_type"] == "code"]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError(f"a notebook needs a list of cells in JSON, got {path.name}: {error}") from error


def _cell(number: int, cell: dict[str, Any]) -> Cell:
    source = cell["source"] if "source" in cell else cell["input"]  # the latter before version 4
    tags = cell.get("metadata", {}).get("tags", ())
    return Cell(number, *without_magics("".join(source)), "raises-exception" in tags)


def without_magics(source: str) -> tuple[str, list[str]]:
    """The Python of a cell, with as many lines, and the lines for the shell that were taken out.

    Only cells that are no Python are changed: a `%` that begins a line inside an expression stays.
    """
    first = source.lstrip().partition("\n")[0]
    if first.startswith("%%"):
        if first[2:].split()[0:1] and first[2:].split()[0] not in RUN_THE_REST:
            return "", [first]
        rest, skipped = without_magics(source.replace(first, "", 1))
        return rest, [first, *skipped]
    if _is_python(source):
        return source, []
    lines, skipped = [], []
    for line in source.split("\n"):
        if timed := _TIMED.fullmatch(line):
            lines.append("".join(timed.groups()))
        elif _for_the_shell(line):
            lines.append(f"{line[: len(line) - len(line.lstrip())]}pass")
            skipped.append(line.strip())
        else:
            lines.append(line)
    return "\n".join(lines), skipped


def _for_the_shell(line: str) -> bool:
    text = line.strip()
    asks = text.endswith("?") and not text.startswith("#")
    return text.startswith(("!", "%", "?")) or asks or _ASSIGNED.match(line) is not None


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True
