"""`tinygrad-edu exercise new`, `sheet`, `hint`, `bug`, `bugs`, `audit` and `grader`: exercises and their files."""

from __future__ import annotations

import argparse
import difflib
import json
from pathlib import Path
from typing import Any

from tinygrad_edu.cli.command_parser import add_command, add_out, write
from tinygrad_edu.cli.user_script import ScriptError
from tinygrad_edu.cli.user_script import load as load_script
from tinygrad_edu.exercise import Exercise, JacobianPuzzle, load
from tinygrad_edu.exercise.autograder_files import SYSTEMS, grader
from tinygrad_edu.exercise.gradescope import archive, run_script
from tinygrad_edu.exercise.planted_bugs import key
from tinygrad_edu.exercise.registry import EXERCISES

NAMES = f"{', '.join(EXERCISES)}, random:SEED or FILE.py:name"


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the subcommand `exercise` with its own subcommands."""
    parser = add_command(
        commands, "exercise", "print an exercise, or find out which mistakes it cannot tell apart"
    )
    jobs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, dest="job")
    new = add_command(jobs, "new", "an exercise with random numbers, in which mistakes can be told apart")
    new.add_argument("--seed", type=_seed, required=True, metavar="N", help="the same for the same number")
    sheet = add_command(jobs, "sheet", "the sheet of an exercise")
    add_exercise(sheet)
    for job in (new, sheet):
        job.add_argument("--solution", action="store_true", help="with the worked solution")
        add_out(job, "a .html, .tex, .md or .txt file (default: text to stdout)")
    hint = add_command(jobs, "hint", "a hint to a puzzle, jacobian-softmax say")
    add_exercise(hint)
    hint.add_argument(
        "--level", type=int, default=1, metavar="N", help="from 1, a direction, to 4 (default: 1)"
    )
    bug = add_command(jobs, "bug", "wrong gradients, of which the mistake is to be found")
    add_exercise(bug)
    bug.add_argument(
        "--seed", type=_seed, required=True, metavar="N", help="the same bug for the same number"
    )
    bug.add_argument("--guess", metavar="X", help="a letter, or the name of a mistake: is it right?")
    bugs = add_command(jobs, "bugs", "a sheet for each student, with another bug on each, and the key")
    add_exercise(bugs)
    bugs.add_argument("--students", type=_seed, required=True, metavar="N", help="how many sheets")
    bugs.add_argument(
        "--seed", type=_seed, default=0, metavar="N", help="the same sheets for the same number"
    )
    bugs.add_argument(
        "-o",
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="folder for bug-01.txt ... and key.csv, created",
    )
    audit = add_command(jobs, "audit", "which mistakes cannot be told apart, and what to change")
    add_exercise(audit)
    audit.add_argument("--json", action="store_true", help="as JSON")
    grader = add_command(jobs, "grader", "what otter-grader, nbgrader or Gradescope needs to grade it")
    add_exercise(grader)
    grader.add_argument("--for", dest="system", choices=SYSTEMS, required=True, help="which of them")
    add_out(grader, "for Gradescope a .zip with everything to upload (default: text to stdout)")
    return parser


def add_exercise(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names the exercise."""
    parser.add_argument("exercise", metavar="EXERCISE", help=NAMES)


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 20):
        raise argparse.ArgumentTypeError(f"a whole number of 0 or more is needed, got {text!r}")
    return int(text)


def find(name: str) -> Exercise | JacobianPuzzle:
    """The exercise of this name, or the one that a script makes. Raises `ScriptError`."""
    if ".py:" in name:
        value = load_script(name).value
        if not isinstance(value, Exercise | JacobianPuzzle):
            raise ScriptError(f"{name} needs to be an Exercise, got {type(value).__name__}")
        return value
    try:
        return load(name)
    except ValueError:
        near = difflib.get_close_matches(name.lower(), EXERCISES, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ScriptError(f"an exercise is needed as {NAMES}, got {name}{hint}") from None


def _network(name: str) -> Exercise:
    """The exercise of this name, which has to be of a network. Raises `ScriptError`."""
    found = find(name)
    if isinstance(found, JacobianPuzzle):
        raise ScriptError(
            f"an exercise with a network is needed, got the puzzle {name}; try sheet, hint or check"
        )
    return found


def run(arguments: argparse.Namespace) -> str:
    """Make a sheet, a hint, an audit, a bug or the file of a grader; returns the text to print.

    Raises `ScriptError`.
    """
    if arguments.job == "hint":
        return _hint(arguments)
    if arguments.job == "audit":
        found = _network(arguments.exercise).audit()
        return json.dumps(found.to_dict(), ensure_ascii=False, indent=2) if arguments.json else found.text
    if arguments.job == "bug":
        return _bug(arguments)
    if arguments.job == "bugs":
        return _bugs(arguments)
    if arguments.job == "grader":
        return _grader(arguments)
    name = f"random:{arguments.seed}" if arguments.job == "new" else arguments.exercise
    sheet = find(name).sheet(arguments.solution)
    if arguments.out is None:
        return sheet.text.rstrip("\n")
    try:
        return f"Wrote {sheet.save(arguments.out)}; grade with: tinygrad-edu check {name} ANSWERS.json"
    except (OSError, ValueError) as error:
        raise ScriptError(str(error)) from error


def _hint(arguments: argparse.Namespace) -> str:
    puzzle = find(arguments.exercise)
    if not isinstance(puzzle, JacobianPuzzle):
        raise ScriptError(f"{arguments.exercise} has no hints; check --level 2 says where to look")
    try:
        return puzzle.hint(arguments.level)
    except ValueError as error:
        raise ScriptError(str(error)) from error


def _grader(arguments: argparse.Namespace) -> str:
    name, out = arguments.exercise, arguments.out
    if arguments.system == "gradescope":
        title = find(name).title
        zipped = out is not None and out.suffix == ".zip"
        content: str | bytes = archive(title, name) if zipped else run_script(title, name)
    else:
        content = grader(_network(name), name, arguments.system)
    if out is None:
        return str(content).rstrip("\n")
    write(out, content)
    return f"Wrote {out}" + "; upload it to Gradescope as it is" * isinstance(content, bytes)


def _bug(arguments: argparse.Namespace) -> str:
    try:
        bug = _network(arguments.exercise).planted_bug(arguments.seed)
    except ValueError as error:
        raise ScriptError(str(error)) from error
    return bug.text if arguments.guess is None else bug.check(arguments.guess)[1]


def _bugs(arguments: argparse.Namespace) -> str:
    out: Path = arguments.out
    try:
        bugs = _network(arguments.exercise).planted_bugs(arguments.students, arguments.seed)
        out.mkdir(parents=True, exist_ok=True)
    except ValueError as error:
        raise ScriptError(str(error)) from error
    except OSError as error:
        raise ScriptError(f"--out needs a folder that can be written, got {out}: {error.strerror}") from error
    wide = max(2, len(str(len(bugs))))
    for i, bug in enumerate(bugs, 1):
        write(out / f"bug-{i:0{wide}}.txt", f"No. {i}\n{bug.text}\n")
    write(out / "key.csv", key(bugs), "utf-8-sig")
    return f"Wrote {len(bugs)} sheets and key.csv, which is yours, to {out}"
