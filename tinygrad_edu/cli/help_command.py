"""`tinygrad-edu help softmax`: the entry of the reference, in the terminal."""

from __future__ import annotations

import argparse
from typing import Any

from tinygrad_edu.cli.command_parser import add_command
from tinygrad_edu.cli.user_script import ScriptError
from tinygrad_edu.docs.terminal_help import help_text


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the subcommand `help` with its argument."""
    parser = add_command(commands, "help", "say what a name is: call, formula, rule, example, PyTorch's twin")
    parser.add_argument("name", metavar="NAME", help="a public name: softmax, nn.Linear, torch.optim.Adam")
    return parser


def run(arguments: argparse.Namespace) -> str:
    """The entry of the name. Raises `ScriptError`."""
    try:
        return help_text(arguments.name)
    except ValueError as error:
        raise ScriptError(str(error)) from error
