"""`tinygrad-edu puzzles` lists puzzles, shows one, writes its stub, and checks a file."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from tinygrad_edu import puzzles
from tinygrad_edu.cli.command_parser import add_command, write
from tinygrad_edu.cli.user_script import ScriptError
from tinygrad_edu.exercise.sandbox import Submission
from tinygrad_edu.puzzles.puzzle_row import FUNCTION
from tinygrad_edu.puzzles.puzzle_task import MARK


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the subcommand `puzzles` with its arguments."""
    parser = add_command(commands, "puzzles", "gradients to write and bugs to find, with verdicts and hints")
    parser.add_argument(
        "name", nargs="?", metavar="NAME", help="a puzzle by name or number, or the word check"
    )
    parser.add_argument("file", nargs="?", metavar="FILE.py", help="with check: the stub, filled in")
    show = parser.add_mutually_exclusive_group()
    show.add_argument("--stub", action="store_true", help="the program to fill in")
    show.add_argument("--hint", action="store_true", help="the next of three hints")
    show.add_argument("--solution", action="store_true", help="the solution, explained")
    parser.add_argument("--guess", metavar="X", help="of a planted bug: the letter of its name")
    parser.add_argument(
        "-o", "--out", type=Path, metavar="FILE.py", help="where to write the stub; a new file"
    )
    parser.add_argument(
        "--picture", type=Path, metavar="FILE.svg", help="with check: a heat map of what is off"
    )
    parser.add_argument("--progress", type=Path, metavar="FILE", help="keep progress here")
    return parser


def run(arguments: argparse.Namespace) -> str | tuple[str, int]:
    """The text to print, with exit code 1 for a wrong answer. Raises `ScriptError`."""
    if arguments.name is None:
        return str(puzzles.list(arguments.progress))
    if arguments.name == "check":
        return _check(arguments)
    if arguments.file is not None:
        raise ScriptError(f"one name is needed, or check and a file, got {arguments.name} {arguments.file}")
    found = _find(arguments.name, arguments.progress)
    if arguments.guess is not None:
        verdict = found.check(arguments.guess)
        return _noted(verdict.text, found), 0 if verdict.right else 1
    if arguments.stub or arguments.out is not None:
        return _stub(found, arguments.out)
    if arguments.hint or arguments.solution:
        return _noted(found.hint() if arguments.hint else found.solution(), found)
    return found.text


def _find(name: str, progress: Path | None) -> puzzles.Puzzle:
    try:
        return puzzles.puzzle(name, progress)
    except ValueError as error:
        raise ScriptError(str(error)) from error


def _noted(text: str, found: puzzles.Puzzle) -> str:
    return f"{text}\nNote: {found.progress.note}." if found.progress.note else text


def _stub(found: puzzles.Puzzle, out: Path | None) -> str:
    """The stub, or the note that it was written to a new file."""
    if out is None:
        return found.stub.rstrip()
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(found.stub)
    except FileExistsError:
        raise ScriptError(f"--out needs a new file, and {out} is there; nothing was changed") from None
    except OSError as error:
        raise ScriptError(f"--out needs a file that can be written, got {out}: {error.strerror}") from error
    return f"Wrote {out}; check it with: tinygrad-edu puzzles check {out}"


def _check(arguments: argparse.Namespace) -> tuple[str, int]:
    if arguments.file is None:
        raise ScriptError("check needs a file: tinygrad-edu puzzles check FILE.py")
    try:
        program = Submission.from_file(arguments.file, FUNCTION)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ScriptError(f"{arguments.file} cannot be read: {reason.lower()}") from error
    named = re.search(rf"^{MARK}(\S+)", program.parts[0][0], re.MULTILINE)
    found = _find(named[1] if named else Path(arguments.file).stem, arguments.progress)
    verdict = found.check(program)
    if arguments.picture:
        if not verdict.picture:
            raise ScriptError("--picture needs a wrong answer of the shape that is asked")
        write(arguments.picture, verdict.picture)
    return _noted(f"{found.name}: {verdict.text}", found), 0 if verdict.right else 1
