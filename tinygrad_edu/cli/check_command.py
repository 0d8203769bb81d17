"""`tinygrad-edu check exam-3 answers.json` grades answers, one student's or those of a whole folder."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tinygrad_edu.cli.command_parser import add_command
from tinygrad_edu.cli.exercise_command import add_exercise, find
from tinygrad_edu.cli.user_script import ScriptError
from tinygrad_edu.exercise import Exercise, Result, Submission
from tinygrad_edu.explanation.diagnosis.diagnosis import LEVELS
from tinygrad_edu.text.numbers import number


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the subcommand `check` with its arguments."""
    parser = add_command(
        commands, "check", "grade answers to an exercise, with points and a reason for each array"
    )
    add_exercise(parser)
    parser.add_argument(
        "answers",
        metavar="ANSWERS.json",
        help='{"W1": [[0.1, 0.2], ...], ...}; - reads stdin; FILE.py:name is a function that returns them; '
        "a folder holds a .json file for each student",
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


def run(arguments: argparse.Namespace) -> str:
    """Grade the answers; returns the text to print. Raises `ScriptError`."""
    exercise = find(arguments.exercise)
    if Path(arguments.answers).is_dir() and not arguments.gradescope:
        return _folder(exercise, Path(arguments.answers), arguments)
    try:
        result = exercise.check(_answers(arguments.answers), arguments.level)
    except ScriptError as error:
        if not arguments.gradescope:
            raise
        return _json({"score": 0.0, "output": str(error)})  # for the student to read
    if arguments.gradescope:
        return _json(result.to_gradescope())
    return result.to_json() if arguments.json else result.text()


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2)


def _folder(exercise: Exercise, folder: Path, arguments: argparse.Namespace) -> str:
    """A line for each file of the folder."""
    files = sorted(folder.glob("*.json"))
    if not files:
        raise ScriptError(
            f"a folder with a .json file for each student is needed, got {folder}, which has none"
        )
    graded = {file.name: _graded(exercise, file, arguments.level) for file in files}
    if arguments.json:
        return _json({name: x if isinstance(x, str) else x.to_dict() for name, x in graded.items()})
    wide = max(map(len, graded))
    lines = [f"{name:{wide}}  {x if isinstance(x, str) else _in_short(x)}" for name, x in graded.items()]
    return "\n".join([f"{exercise.title}, {number(len(files))} files:", *lines])


def _graded(exercise: Exercise, file: Path, level: int) -> Result | str:
    """The result of grading one file, or the reason why there is none."""
    try:
        return exercise.check(_answers(str(file)), level)
    except ScriptError as error:
        return str(error).replace(f"the answers in {file}", "the answers")


def _in_short(result: Result) -> str:
    """`3.5 of 4; W1 wrong`; at level 0 only the points."""
    points = f"{number(result.points)} of {number(result.possible)}"
    others = {name: x.verdict for name, x in result.arrays.items() if x.verdict not in ("right", "follows")}
    verdicts = ", ".join(f"{name} {'wrong' if word == 'partly' else word}" for name, word in others.items())
    return f"{points}; {verdicts}" if verdicts and result.level else points


def _answers(name: str) -> Any:
    if ".py:" in name:
        return _program(name)
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text("utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise ScriptError(f"the answers in {name} cannot be read: {reason.lower()}") from error
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ScriptError(f"the answers in {name} are not JSON: {error}") from error


def _program(target: str) -> Submission:
    """The program of `FILE.py:name`, which is read here and never run here."""
    file, _, name = target.rpartition(":")
    try:
        return Submission.from_file(file, name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ScriptError(f"the answers in {target} cannot be read: {reason.lower()}") from error
