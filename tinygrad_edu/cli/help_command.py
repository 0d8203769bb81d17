"""`tinygrad-edu help NAME` prints what is known of a name: call, formula, rule, an example that runs now."""

from __future__ import annotations

import argparse
from typing import Any

from tinygrad_edu.cli.command_parser import add_command
from tinygrad_edu.cli.user_script import ScriptError
from tinygrad_edu.docs.terminal_help import help_text


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the subcommand `help` with its argument."""
    parser = add_command(commands, "help", "say what is known of a name: call, formula, rule, example")
    parser.add_argument("name", metavar="NAME", help="a public name: softmax, nn.Linear, Tensor.tanh")
    return parser


def run(arguments: argparse.Namespace) -> str:
    """The text. Raises `ScriptError` for a name that is not there."""
    try:
        return help_text(arguments.name)
    except LookupError as error:
        raise ScriptError(str(error.args[0])) from error
