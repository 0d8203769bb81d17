"""`tinygrad-edu check exam-3 answers.json` grades answers; `exercise new`, `sheet` and `audit` are for the teacher."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tinygrad_edu.diagnosis.diagnosis import LEVELS
from tinygrad_edu.exercise import Exercise, load
from tinygrad_edu.exercise.graders import SYSTEMS, grader
from tinygrad_edu.exercise.known import EXERCISES
from tinygrad_edu.script import ScriptError
from tinygrad_edu.script import load as load_script

NAMES = f"{', '.join(EXERCISES)}, random:SEED or FILE.py:name"


def add_check(commands: Any) -> argparse.ArgumentParser:
    """The subcommand `check` and its arguments."""
    parser = _add(commands, "check", "grade answers to an exercise, with points and a reason for each array")
    _add_exercise(parser)
    parser.add_argument(
        "answers",
        metavar="ANSWERS.json",
        help='{"W1": [[0.1, 0.2], ...], ...}; - reads stdin; FILE.py:name is a function that returns them',
    )
    parser.add_argument(
        "--level",
        type=int,
        default=2,
        choices=LEVELS,
        help="how much is told: 0 points, 1 arrays, 2 nodes, 3 mistakes, 4 right numbers (default: %(default)s)",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="as JSON")
    form.add_argument(
        "--gradescope", action="store_true", help="as the results.json of a Gradescope autograder"
    )
    return parser


def add_exercise(commands: Any) -> argparse.ArgumentParser:
    """The subcommand `exercise` and its own subcommands."""
    parser = _add(commands, "exercise", "print an exercise, or find out which mistakes it cannot tell apart")
    jobs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, dest="job")
    new = _add(jobs, "new", "an exercise with random numbers, in which mistakes can be told apart")
    new.add_argument("--seed", type=_seed, required=True, metavar="N", help="the same for the same number")
    sheet = _add(jobs, "sheet", "the sheet of an exercise")
    _add_exercise(sheet)
    for job in (new, sheet):
        job.add_argument("--solution", action="store_true", help="with the worked solution")
        words = "a .html, .tex, .md or .txt file (default: text to stdout)"
        job.add_argument("-o", "--out", type=Path, metavar="FILE", help=words)
    bug = _add(jobs, "bug", "wrong gradients, of which the mistake is to be found")
    _add_exercise(bug)
    bug.add_argument(
        "--seed", type=_seed, required=True, metavar="N", help="the same bug for the same number"
    )
    bug.add_argument("--guess", metavar="X", help="a letter, or the name of a mistake: is it right?")
    audit = _add(jobs, "audit", "which mistakes cannot be told apart, and what to change")
    _add_exercise(audit)
    audit.add_argument("--json", action="store_true", help="as JSON")
    grader = _add(jobs, "grader", "what otter-grader, nbgrader or Gradescope needs to grade it")
    _add_exercise(grader)
    grader.add_argument("--for", dest="system", choices=SYSTEMS, required=True, help="which of them")
    grader.add_argument("-o", "--out", type=Path, metavar="FILE", help="(default: text to stdout)")
    return parser


def _add(commands: Any, name: str, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=words, description=words.capitalize() + ".", allow_abbrev=False
    )
    return parser


def _add_exercise(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("exercise", metavar="EXERCISE", help=NAMES)


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 20):
        raise argparse.ArgumentTypeError(f"a whole number of 0 or more is needed, got {text!r}")
    return int(text)


def find(name: str) -> Exercise:
    """The exercise of this name, or that of a script. Raises `ScriptError`."""
    if ".py:" in name:
        value = load_script(name).value
        if not isinstance(value, Exercise):
            raise ScriptError(f"{name} needs to be an Exercise, got {type(value).__name__}")
        return value
    try:
        return load(name)
    except ValueError:
        raise ScriptError(f"an exercise is needed as {NAMES}, got {name}") from None


def check(arguments: argparse.Namespace) -> str:
    """Grade; returns what is to be printed. Raises `ScriptError`."""
    exercise = find(arguments.exercise)
    try:
        answers = _answers(arguments.answers)
    except ScriptError as error:
        if not arguments.gradescope:
            raise
        return json.dumps({"score": 0.0, "output": f"{error}"}, ensure_ascii=False)  # for the student to read
    result = exercise.check(answers, arguments.level)
    if arguments.gradescope:
        return json.dumps(result.to_gradescope(), ensure_ascii=False, indent=2)
    return result.to_json() if arguments.json else result.text()


def _answers(name: str) -> Any:
    if ".py:" in name:
        return load_script(name).value
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise ScriptError(f"the answers in {name} cannot be read: {reason.lower()}") from error
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ScriptError(f"the answers in {name} are not JSON: {error}") from error


def exercise(arguments: argparse.Namespace) -> str:
    """Print a sheet, an audit or what a grader needs; returns what is to be printed. Raises `ScriptError`."""
    if arguments.job == "audit":
        found = find(arguments.exercise).audit()
        return json.dumps(found.to_dict(), ensure_ascii=False, indent=2) if arguments.json else found.text
    if arguments.job == "bug":
        return _bug(arguments)
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


def _grader(arguments: argparse.Namespace) -> str:
    text = grader(find(arguments.exercise), arguments.exercise, arguments.system)
    if arguments.out is None:
        return text.rstrip("\n")
    try:
        arguments.out.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise ScriptError(f"cannot write {arguments.out}: {error.strerror}") from error
    return f"Wrote {arguments.out}"


def _bug(arguments: argparse.Namespace) -> str:
    try:
        bug = find(arguments.exercise).planted_bug(arguments.seed)
    except ValueError as error:
        raise ScriptError(str(error)) from error
    return bug.text if arguments.guess is None else bug.check(arguments.guess)[1]
