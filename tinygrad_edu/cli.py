"""The command line, `python -m tinygrad_edu` or `tinygrad-edu`: one subcommand for each job.

Exit codes: 0 when the job is done; 2, with one line on stderr, for a wrong argument or a folder that cannot
be written.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NoReturn

from tinygrad_edu.exam import compare, errors
from tinygrad_edu.exam.pictures import pictures
from tinygrad_edu.exam.report import report
from tinygrad_edu.exam.table import comparison

NARROW, WIDE = 60, 120  # lines are no shorter and no longer than that, whatever the terminal


class _Parser(argparse.ArgumentParser):
    """Argparse, but a mistake is told in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without Unicode shows ? instead of failing
    parsed = _parser().parse_args(arguments)
    try:
        code = int(parsed.run(parsed))
        sys.stdout.flush()
    except BrokenPipeError:  # the reader, `| head` say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    return code


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="tinygrad-edu", description="An autograd engine that shows its work.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"tinygrad-edu {_version()}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_exam(commands)
    return parser


def _version() -> str:
    try:
        return version("tinygrad_edu")
    except PackageNotFoundError:  # run from a folder, never installed
        return "(not installed)"


def _add_exam(commands: Any) -> None:
    words = "recompute the exam paper: print every number beside the engine's, and write a report"
    exam = commands.add_parser("exam", help=words, description=words.capitalize() + ".", allow_abbrev=False)
    exam.add_argument(
        "--out",
        type=Path,
        default=Path("exam-report"),
        metavar="DIR",
        help="folder for report.html and the pictures, created if needed (default: %(default)s)",
    )
    exam.set_defaults(run=_exam)


def _exam(arguments: argparse.Namespace) -> int:
    out: Path = arguments.out
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        return _unwritable(out, error)
    rows, findings = compare.rows(), errors.findings()
    drawn = pictures()
    try:
        written = _write(out, {"report.html": report(rows, findings, drawn), **drawn.files()})
    except OSError as error:
        return _unwritable(out, error)
    width = min(max(shutil.get_terminal_size().columns, NARROW), WIDE)
    print(comparison(rows, findings, width))
    print(f"Wrote {', '.join(written)} to {out}")
    return 0


def _write(folder: Path, texts: dict[str, str]) -> list[str]:
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return list(texts)


def _unwritable(out: Path, error: OSError) -> int:
    reason = "it is a file" if isinstance(error, FileExistsError) else (error.strerror or str(error)).lower()
    print(
        f"tinygrad-edu exam: --out needs a folder that can be written, got {out}: {reason}", file=sys.stderr
    )
    return 2
