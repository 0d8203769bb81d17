"""A script or a notebook, run as Python or Jupyter would: `__main__`, arguments, search path, tracebacks."""

from __future__ import annotations

import ast
import contextlib
import linecache
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from tinygrad_edu.programs.notebook_cells import Cell, cells
from tinygrad_edu.programs.worker_processes import workers_import_the_same


def exit_code(path: Path, arguments: Sequence[str] = ()) -> int:
    """Run a program to its end; returns the exit code.

    An error is shown as Python shows it, from the program's file on. Raises `SystemExit` if the program does, and
    `ValueError` for a file that is no notebook.
    """
    path = path.absolute() if path.suffix == ".ipynb" else path
    if path.suffix == ".ipynb":
        cells(path)
    figures_do_not_wait()
    with main_module(path, arguments) as main:
        try:
            execute(path, vars(main))
        except SystemExit:
            raise
        except BaseException as error:
            show(error, path)
            return 130 if isinstance(error, KeyboardInterrupt) else 1
    return 0


@contextlib.contextmanager
def main_module(path: Path, arguments: Sequence[str] = ()) -> Iterator[ModuleType]:
    """A new `__main__`, with the arguments and the search path that the program would have by itself.

    A notebook is run in its folder, as by Jupyter.
    """
    main, before = ModuleType("__main__"), (sys.argv, list(sys.path), sys.modules["__main__"], Path.cwd())
    vars(main).update(__builtins__=__builtins__, __annotations__={})
    notebook = path.suffix == ".ipynb"
    if notebook:
        main.__dict__["display"] = sys.displayhook
    else:
        main.__file__ = str(path.resolve())
    sys.argv, sys.modules["__main__"] = [str(path), *arguments], main
    if not sys.flags.safe_path:
        sys.path[:1] = [str(path.resolve().parent)]
    try:
        with (
            contextlib.chdir(path.resolve().parent if notebook else before[3]),
            workers_import_the_same(main),
        ):
            yield main
    finally:
        sys.argv, sys.path[:], sys.modules["__main__"] = before[:3]


def execute(path: Path, names: dict[str, Any]) -> None:
    """Run the statements of a script, or the cells of a notebook, with these global names."""
    if path.suffix != ".ipynb":
        exec(compile(path.read_bytes(), str(path.resolve()), "exec", dont_inherit=True), names)
        return
    for cell in cells(path):
        for line in cell.skipped:
            sys.stderr.write(f"cell {cell.number}: skipped {line}\n")
        try:
            _run_cell(cell, f"{path.name} cell {cell.number}", names)
        except Exception as error:
            if not cell.may_fail:
                raise
            show(error, path)


def _run_cell(cell: Cell, title: str, names: dict[str, Any]) -> None:
    """Run the statements; the value of the last one is shown unless it is None or a semicolon follows."""
    linecache.cache[title] = (len(cell.source), None, cell.source.splitlines(keepends=True), title)
    tree = ast.parse(cell.source, title)
    last = tree.body[-1] if tree.body else None
    if isinstance(last, ast.Expr) and not cell.source.rstrip().endswith(";"):
        del tree.body[-1]
        exec(compile(tree, title, "exec", dont_inherit=True), names)
        sys.displayhook(eval(compile(ast.Expression(last.value), title, "eval", dont_inherit=True), names))
    else:
        exec(compile(tree, title, "exec", dont_inherit=True), names)
    if "matplotlib.pyplot" in sys.modules and not _has_display():
        sys.modules["matplotlib.pyplot"].close("all")  # the next cell draws a figure of its own


def show(error: BaseException, path: Path) -> None:
    """Show an error by `sys.excepthook`, without the frames above the program's own."""
    trace = error.__traceback__
    while trace is not None and not is_of(path, trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    error.__traceback__ = trace
    if sys.excepthook is sys.__excepthook__:
        traceback.print_exception(error)  # the same text; it knows the lines of cells, which have no file
    else:
        sys.excepthook(type(error), error, trace)


def is_of(path: Path, file: str) -> bool:
    """True if a file of a traceback is a program, or a cell of the notebook."""
    return file == str(path.resolve()) or file.startswith(f"{path.name} cell ")


def figures_do_not_wait() -> None:
    """Let matplotlib show figures without waiting, and write them to files only where there is no display."""
    if not _has_display():
        os.environ.setdefault("MPLBACKEND", "Agg")


def _has_display() -> bool:
    return sys.platform in ("win32", "darwin") or any(map(os.environ.get, ("DISPLAY", "WAYLAND_DISPLAY")))
