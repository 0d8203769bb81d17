"""The cells of a lesson run one after the other, with what each prints and shows."""

from __future__ import annotations

import ast
import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tinygrad_edu.lessons.cell_format import Cell


class Outcome(NamedTuple):
    """A cell that was run: what it printed, and the value of its last expression, or None."""

    cell: Cell
    printed: str
    value: Any


def run_cells(cells: list[Cell], path: Path) -> Iterator[Outcome]:
    """Each cell with its outcome; code runs in one namespace, as in a notebook, with the lines of the file."""
    namespace: dict[str, Any] = {"__name__": "__main__", "__file__": str(path)}
    for cell in cells:
        if cell.kind == "markdown":
            yield Outcome(cell, "", None)
            continue
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            value = _run(cell, path, namespace)
        yield Outcome(cell, printed.getvalue(), value)


def _run(cell: Cell, path: Path, namespace: dict[str, Any]) -> Any:
    tree = ast.increment_lineno(ast.parse(cell.source), cell.line - 1)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr):
        tree.body.pop()
    exec(compile(tree, path, "exec"), namespace)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), path, "eval"), namespace)
