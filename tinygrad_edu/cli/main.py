"""The command line, `python -m tinygrad_edu` or `tinygrad-edu`: one subcommand for each job.

Exit codes: 0 when the job is done; 1 when a benchmark failed, gradients are wrong, or a program uses names that are
not here; that of the
program that was run; 2, with one line on stderr, for a wrong argument, a
file or folder that cannot be read or written, answers that are not JSON, a script that fails, or benchmarks
that are not there.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial

from tinygrad_edu import __version__
from tinygrad_edu.cli import (
    bench_command,
    check_command,
    check_gradients_command,
    diagnose_command,
    docs_command,
    draw_command,
    exam_command,
    example_command,
    exercise_command,
    explain_command,
    help_command,
    launch_command,
    lessons_command,
    puzzles_command,
    pytorch_command,
    run_command,
)
from tinygrad_edu.cli.command_parser import Parser
from tinygrad_edu.cli.user_script import ScriptError
from tinygrad_edu.programs.substitution import substitution

Run = Callable[[argparse.Namespace], str | int | tuple[str, int]]
COMMANDS = {
    "exam": exam_command,
    "explain": explain_command,
    "diagnose": diagnose_command,
    "draw": draw_command,
    "exercise": exercise_command,
    "example": example_command,
    "lessons": lessons_command,
    "check": check_command,
    "puzzles": puzzles_command,
    "check-gradients": check_gradients_command,
    "run": run_command,
    "launch": launch_command,
    "bench": bench_command,
    "pytorch": pytorch_command,
    "docs": docs_command,
    "help": help_command,
}


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
    parser = Parser(
        prog="tinygrad-edu", description="An autograd engine that shows its work.", allow_abbrev=False
    )
    parser.add_argument("--version", action="version", version=f"tinygrad-edu {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        command.add(commands).set_defaults(run=partial(_code, name, command.run))
    return parser


def _code(command: str, run: Run, arguments: argparse.Namespace) -> int:
    """The exit code of a command; the text it returns, or why there is none, is printed."""
    try:
        with substitution():  # a learner's script may import torch
            result = run(arguments)
    except ScriptError as error:
        print(f"tinygrad-edu {command}: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    text, code = (
        (result, 0) if isinstance(result, str) else result if isinstance(result, tuple) else (None, result)
    )
    if text is not None:
        print(text)
    return code
