"""`tinygrad-edu run train.py` runs a program written for PyTorch as it is; `--report` says first what it needs."""

from __future__ import annotations

import argparse
from typing import Any

from tinygrad_edu.cli.command_parser import add_command
from tinygrad_edu.cli.user_script import ScriptError, program_file
from tinygrad_edu.programs.execution import exit_code
from tinygrad_edu.programs.usage_report import usage_report


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the subcommand `run` with its arguments."""
    parser = add_command(
        commands,
        "run",
        "run a script or a notebook written for PyTorch as it is: import torch means tinygrad_edu",
    )
    parser.add_argument(
        "--report",
        action="store_true",
        help="run nothing; list which names of PyTorch the program uses, and what to use instead of those not here "
        "(exit code 1 if there are any)",
    )
    parser.add_argument("program", metavar="SCRIPT.py|NOTEBOOK.ipynb", help="the program")
    parser.add_argument("arguments", metavar="...", nargs=argparse.REMAINDER, help="arguments of the program")
    return parser


def run(arguments: argparse.Namespace) -> int | tuple[str, int]:
    """Run the program, or report on it; returns the exit code, with the report. Raises `ScriptError`."""
    path = program_file(arguments.program)
    try:
        if arguments.report:
            report = usage_report(path)
            return report.text(), int(bool(report.lacking))
        return exit_code(path, arguments.arguments)
    except (ValueError, SyntaxError) as error:
        raise ScriptError(str(error)) from error
