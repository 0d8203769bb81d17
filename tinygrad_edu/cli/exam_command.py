"""`tinygrad-edu exam` recomputes the exam paper: a first screen of the results, or all results, and a report."""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path
from typing import Any

from tinygrad_edu.cli.command_parser import add_command
from tinygrad_edu.cli.user_script import ScriptError
from tinygrad_edu.exam import compare
from tinygrad_edu.exam.comparison_table import comparison, overview
from tinygrad_edu.exam.findings import findings
from tinygrad_edu.exam.pictures import pictures
from tinygrad_edu.exam.report import report

NARROW, WIDE = 60, 120  # lines are no shorter and no longer than that, whatever the terminal


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the subcommand `exam` with its arguments."""
    parser = add_command(
        commands, "exam", "recompute the exam paper: say where it is wrong, and write a report that proves it"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("exam-report"),
        metavar="DIR",
        help="folder for report.html and the pictures, created if needed (default: %(default)s)",
    )
    parser.add_argument(
        "--all", action="store_true", help="print every number beside the engine's, and the reasons"
    )
    return parser


def run(arguments: argparse.Namespace) -> str:
    """Write the report; returns the text to print. Raises `ScriptError` if a file cannot be written."""
    out: Path = arguments.out
    try:
        out.mkdir(parents=True, exist_ok=True)
        rows, found, drawn = compare.rows(), findings(), pictures()
        texts = {"report.html": report(rows, found, drawn), **drawn.files()}
        for name, text in texts.items():
            (out / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ScriptError(f"--out needs a folder that can be written, got {out}: {_reason(error)}") from error
    width = min(max(shutil.get_terminal_size().columns, NARROW), WIDE)
    if arguments.all:
        return f"{comparison(rows, found, width)}\nWrote {', '.join(texts)} to {out}"
    return f"{overview(rows, found, width)}\n\n{_where(out)}"


def _reason(error: OSError) -> str:
    return "it is a file" if isinstance(error, FileExistsError) else (error.strerror or str(error)).lower()


def _where(out: Path) -> str:
    """The next places to look at: a file or an option, and its contents."""
    contents = {
        str(out / "report.html"): "the proofs, number by number",
        str(out / "problem2.html"): "the network of Problem 2, step by step",
        str(out / "problem3.html"): "the network of Problem 3, step by step",
        "--all": "prints every number beside the engine's",
    }
    wide = max(map(len, contents))
    return "\n".join(f"{name:{wide}}   {what}" for name, what in contents.items())
