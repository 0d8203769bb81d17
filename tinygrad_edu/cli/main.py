"""The command line, `python -m tinygrad_edu` or `tinygrad-edu`: one subcommand for each job.

Exit codes: 0 when the job is done; 1 when a benchmark failed; 2, with one line on stderr, for a wrong argument, a
file or folder that cannot be read or written, answers that are not JSON, a script that fails, or benchmarks
that are not there.
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NoReturn

from tinygrad_edu.cli import check_command, draw_command, exercise_command, explain_command
from tinygrad_edu.cli.user_script import ScriptError
from tinygrad_edu.exam import compare
from tinygrad_edu.exam.comparison_table import comparison
from tinygrad_edu.exam.findings import findings
from tinygrad_edu.exam.pictures import pictures
from tinygrad_edu.exam.report import report

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"  # in a checkout; the wheel has none
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
    _add_bench(commands)
    explain_command.add(commands).set_defaults(run=partial(_told, "explain", explain_command.run))
    draw_command.add(commands).set_defaults(run=partial(_told, "draw", draw_command.run))
    check_command.add(commands).set_defaults(run=partial(_told, "check", check_command.run))
    exercise_command.add(commands).set_defaults(run=partial(_told, "exercise", exercise_command.run))
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
    rows, found = compare.rows(), findings()
    drawn = pictures()
    try:
        written = _write(out, {"report.html": report(rows, found, drawn), **drawn.files()})
    except OSError as error:
        return _unwritable(out, error)
    width = min(max(shutil.get_terminal_size().columns, NARROW), WIDE)
    print(comparison(rows, found, width))
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


def _add_bench(commands: Any) -> None:
    words = "measure time and memory beside other libraries, with the scripts of a checkout"
    bench = commands.add_parser("bench", help=words, description=words.capitalize() + ".", allow_abbrev=False)
    bench.add_argument("names", nargs="*", metavar="NAME", help="which ones (default: all, several minutes)")
    bench.add_argument("--list", action="store_true", help="only say which there are")
    bench.add_argument("--quick", action="store_true", help="short runs, to see that they work")
    bench.set_defaults(run=_bench)


def _bench(arguments: argparse.Namespace) -> int:
    scripts = _scripts()
    unknown = [name for name in arguments.names if name not in scripts]
    if not scripts:
        return _refused(
            f"bench needs a checkout of the repository: its benchmarks are not part of the installed package, "
            f"and there are none in {BENCHMARKS}; get the repository and pip install -e it"
        )
    if unknown:
        return _refused(f"bench needs names out of {', '.join(scripts)}, got {unknown[0]!r}")
    chosen = {name: scripts[name] for name in arguments.names or scripts}
    if arguments.list:
        print("\n".join(f"{name:18}{_purpose(script)}" for name, script in chosen.items()))
        return 0
    options = ["--quick"] if arguments.quick else []
    sys.stdout.flush()  # what they print comes after what is printed here
    codes = [
        subprocess.run([sys.executable, script, *options], check=False).returncode
        for script in chosen.values()
    ]
    return 1 if any(codes) else 0


def _scripts() -> dict[str, Path]:
    """The questions by name: every script beside the harness but the tests."""
    if not (BENCHMARKS / "harness").is_dir():
        return {}
    scripts = sorted(BENCHMARKS.glob("*.py"))
    return {script.stem: script for script in scripts if not script.stem.startswith("test_")}


def _purpose(script: Path) -> str:
    words = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or ""
    return words.partition("\n")[0]


def _told(command: str, run: Callable[[argparse.Namespace], str], arguments: argparse.Namespace) -> int:
    try:
        print(run(arguments))
    except ScriptError as error:
        return _refused(str(error), command)
    return 0


def _refused(reason: str, command: str = "bench") -> int:
    print(f"tinygrad-edu {command}: {' '.join(reason.split())}", file=sys.stderr)
    return 2
