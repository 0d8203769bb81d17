"""`tinygrad-edu explain train.py:loss --wrt W1 -o derivation.html`: the working of a gradient in a script."""

from __future__ import annotations

import argparse
from inspect import isfunction
from typing import Any

from tinygrad_edu.cli import loss_function
from tinygrad_edu.cli.command_parser import add_command, add_out, add_target
from tinygrad_edu.cli.user_script import ScriptError, load_result
from tinygrad_edu.explanation.derivation import Derivation, explain


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the subcommand `explain` with its arguments."""
    parser = add_command(
        commands, "explain", "run a script and write out, as on paper, how a gradient in it comes about"
    )
    add_target(parser, "the loss, or for a function (default: loss, or else its last result)")
    parser.add_argument(
        "--wrt",
        action="append",
        metavar="NAME",
        help="the tensor to differentiate by, as the script calls it, W1 or dW1, or net.0.weight; may be given again "
        "(default: all)",
    )
    parser.add_argument("--digits", type=int, metavar="N", help="decimals (default: four significant digits)")
    parser.add_argument("--order", type=int, metavar="N", help="of a function: derivatives up to this order")
    add_out(parser, "a .html, .tex, .md or .txt file (default: text to stdout)")
    return parser


def run(arguments: argparse.Namespace) -> str:
    """Explain the result; returns the text to print. Raises `ScriptError`."""
    found = load_result(arguments.target)
    if isfunction(found.value) and arguments.wrt:
        found = loss_function.call(arguments.target, found, arguments.wrt)
    wrt = [found.names.get(name, name) for name in arguments.wrt] if arguments.wrt else None
    try:
        derivation: Derivation = explain(
            found.value, wrt, digits=arguments.digits, names=found.names, order=arguments.order
        )
        if arguments.out is None:
            return derivation.text.rstrip("\n")
        return f"Wrote {derivation.save(arguments.out)}"
    except (TypeError, ValueError, RuntimeError, OSError) as error:
        asked = isfunction(found.value) and not isinstance(error, OSError)
        arrays = loss_function.arrays_for(found) if asked else []
        advice = (
            f"{arguments.target} takes arrays; name those to differentiate by, of {', '.join(arrays)}: --wrt "
        )
        raise ScriptError(advice + arrays[0] if arrays else str(error).removeprefix("explain ")) from error
