"""`tinygrad-edu check-gradients net.py:loss`: the gradients of a script's function beside differences, in words."""

from __future__ import annotations

import argparse
from inspect import Parameter, signature
from typing import Any

from tinygrad_edu.checks.gradient_verdict import GradientVerdict
from tinygrad_edu.cli.command_parser import add_command, add_target
from tinygrad_edu.cli.user_script import Found, ScriptError, load
from tinygrad_edu.nn.module import Module
from tinygrad_edu.tensor.tensor import Tensor
from tinygrad_edu.testing import check_module, gradient_verdict


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the subcommand `check-gradients` with its arguments."""
    parser = add_command(
        commands, "check-gradients", "hold the gradients of a function of a script against differences"
    )
    add_target(parser, "the function, a module or an operation")
    parser.add_argument(
        "inputs",
        metavar="NAME",
        nargs="*",
        help="names of its inputs in the script (default: those that its arguments have)",
    )
    parser.add_argument("--order", type=int, default=1, choices=(1, 2, 3), help="of the derivatives")
    return parser


def run(arguments: argparse.Namespace) -> tuple[str, int]:
    """Check the gradients; returns the verdict to print, and 1 if they are wrong. Raises `ScriptError`."""
    found = load(arguments.target)
    if not callable(found.value) or isinstance(found.value, Tensor):
        raise ScriptError(f"{arguments.target} needs to be a function, got {type(found.value).__name__}")
    inputs = [_input(name, found) for name in arguments.inputs] or _by_arguments(arguments.target, found)
    try:
        return _checked(found.value, inputs, arguments.order)
    except Exception as error:  # whatever a function of the script raises
        raise ScriptError(f"{arguments.target} failed: {type(error).__name__}: {error}") from error


def _checked(function: Any, inputs: list[Any], order: int) -> tuple[str, int]:
    if isinstance(function, Module):
        try:
            return str(check_module(function, *inputs, order=order)), 0
        except AssertionError as error:
            return str(error), 1
    verdict: GradientVerdict = gradient_verdict(function, *inputs, order=order)
    return f"{verdict.kind}: {verdict}", 0 if verdict else 1


def _input(name: str, found: Found) -> Any:
    if name not in found.names:
        raise ScriptError(f"the script has no {name}; name inputs that it has")
    return found.names[name]


def _by_arguments(target: str, found: Found) -> list[Any]:
    """What the script calls as the arguments of the function are called; those with a default may be missing."""
    try:
        wanted = list(signature(getattr(found.value, "forward", found.value)).parameters.values())
    except (TypeError, ValueError):
        wanted = []
    plain = [p for p in wanted if p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)]
    inputs = []
    for place in plain:
        if place.name not in found.names:
            if place.default is not place.empty:
                break
            raise ScriptError(
                f"the script has no {place.name}, which {target} takes; give it that name there, or name its inputs"
            )
        inputs.append(found.names[place.name])
    if not inputs:
        raise ScriptError(f"{target} needs inputs: name them, as in check-gradients {target} x W")
    return inputs
