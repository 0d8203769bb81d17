"""Graphviz, the program `dot` or the library inside pygraphviz, run with a time limit and without a shell."""

from __future__ import annotations

import shutil
import subprocess
import warnings

MAX_SECONDS = 10.0  # for a picture
MAX_LIBRARY_NODES = 500  # nodes for the library, which cannot be stopped


def render(source: str, form: str, nodes: int) -> bytes | None:
    """The picture of `source`, a DOT text of so many nodes, as "svg", "png" or "pdf".

    None if Graphviz is missing or too slow.
    """
    program = shutil.which("dot")
    if program is not None:
        return _by_program(program, source, form)
    return _by_library(source, form) if nodes <= MAX_LIBRARY_NODES else None


def _by_program(program: str, source: str, form: str) -> bytes | None:
    try:
        done = subprocess.run(
            [program, f"-T{form}"],
            input=source.encode(),
            capture_output=True,
            timeout=MAX_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 and done.stdout else None


def _by_library(source: str, form: str) -> bytes | None:
    try:
        import pygraphviz  # noqa: PLC0415 - an optional extra
    except ImportError:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of fonts that Graphviz does not know
        try:
            return bytes(pygraphviz.AGraph(string=source).draw(format=form, prog="dot"))
        except (OSError, ValueError, RuntimeError):
            return None
