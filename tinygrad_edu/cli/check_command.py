"""`tinygrad-edu check exam-3 answers.json` grades answers, one student's or those of a whole folder."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tinygrad_edu.cli.command_parser import add_command, write
from tinygrad_edu.cli.exercise_command import add_exercise, find
from tinygrad_edu.cli.user_script import ScriptError
from tinygrad_edu.exercise import Exercise, JacobianPuzzle, Result, Submission
from tinygrad_edu.exercise.answer_files import SUBMITTED, AnswersError, parse_json, read_answers, submitted
from tinygrad_edu.exercise.class_report import grade_folder
from tinygrad_edu.exercise.jacobian_puzzle import PuzzleResult
from tinygrad_edu.explanation.diagnosis.diagnosis import LEVELS

DEFAULT_LEVEL, DEFAULT_CSV_LEVEL = 2, 3


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the subcommand `check` with its arguments."""
    parser = add_command(
        commands, "check", "grade answers to an exercise, with points and a reason for each array"
    )
    add_exercise(parser)
    parser.add_argument(
        "answers",
        metavar="ANSWERS.json",
        help='{"W1": [[0.1, 0.2], ...], ...}, or a .npz or .csv file; - reads JSON from stdin; FILE.py:name is a '
        "function that returns them; a folder holds a .json, .npz or .py file for each student",
    )
    parser.add_argument(
        "--level",
        type=int,
        choices=LEVELS,
        help="how much is told: 0 points, 1 arrays, 2 nodes, 3 mistakes, 4 right numbers (default: 2, of a folder 1)",
    )
    parser.add_argument(
        "--csv", type=Path, metavar="FILE", help="of a folder: a table of all grades, a row for each array"
    )
    parser.add_argument(
        "--picture", type=Path, metavar="FILE.svg", help="of a puzzle: a heat map of what is wrong"
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
    level = DEFAULT_LEVEL if arguments.level is None else arguments.level
    if Path(arguments.answers).is_dir() and not arguments.gradescope:
        return _folder(exercise, Path(arguments.answers), level, arguments)
    if arguments.csv:
        raise ScriptError(f"--csv needs a folder of answers, got {arguments.answers}")
    try:
        result = exercise.check(_answers(arguments.answers), level)
    except ScriptError as error:
        if not arguments.gradescope:
            raise
        return _json({"score": 0.0, "output": str(error)})  # for the student to read
    if arguments.picture:
        _save_picture(arguments.picture, result)
    if arguments.gradescope:
        return _json(result.to_gradescope())
    return result.to_json() if arguments.json else result.text()


def _save_picture(path: Path, result: Result) -> None:
    if not isinstance(result, PuzzleResult) or not result.picture:
        raise ScriptError("--picture needs a puzzle and an answer of the shape that is asked")
    write(path, result.picture)


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=2)


def _folder(
    exercise: Exercise | JacobianPuzzle, folder: Path, level: int, arguments: argparse.Namespace
) -> str:
    """The grades of the folder, and its table if asked."""
    report = grade_folder(exercise, folder, level)
    if not report.results and not report.failures:
        raise ScriptError(
            f"a folder with a file for each student is needed, {', '.join(SUBMITTED)}, got {folder}, which has none"
        )
    if arguments.csv:
        write(arguments.csv, report.csv(DEFAULT_CSV_LEVEL if arguments.level is None else level), "utf-8-sig")
    if arguments.json:
        return _json({name: x.to_dict() for name, x in report.results.items()} | report.failures)
    return report.text(1 if arguments.level is None else level)


def _answers(name: str) -> Any:
    if ".py:" in name:
        return _program(name)
    try:
        return parse_json(sys.stdin.read()) if name == "-" else read_answers(submitted(Path(name)))
    except AnswersError as error:
        raise ScriptError(f"the answers in {name} {error}") from error
    except UnicodeDecodeError as error:
        raise ScriptError("the answers in - cannot be read: it is not text in utf-8") from error


def _program(target: str) -> Submission:
    """The program of `FILE.py:name`, which is read here and never run here."""
    file, _, name = target.rpartition(":")
    try:
        return Submission.from_file(file, name)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ScriptError(f"the answers in {target} cannot be read: {reason.lower()}") from error
