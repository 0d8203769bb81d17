"""`tinygrad-edu diagnose train.py:loss answers.json`: the mistake in gradients that somebody derived by hand."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from inspect import isfunction
from pathlib import Path
from typing import Any

from tinygrad_edu.cli import loss_function
from tinygrad_edu.cli.command_parser import add_command, add_target, decimals
from tinygrad_edu.cli.user_script import Found, ScriptError, load, load_result, look_up
from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.exercise.answer_files import ENDINGS, AnswersError, read_answers
from tinygrad_edu.exercise.answers import read
from tinygrad_edu.exercise.targets import keys_of
from tinygrad_edu.explanation.diagnosis import diagnose
from tinygrad_edu.explanation.diagnosis.diagnosis import LEVELS
from tinygrad_edu.reading.names import Names
from tinygrad_edu.tensor.tensor import Tensor


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the subcommand `diagnose` with its arguments."""
    parser = add_command(
        commands, "diagnose", "run a script and name the mistake in gradients of its loss derived by hand"
    )
    add_target(parser, "the loss (default: loss, or else the last one it computed)")
    parser.add_argument(
        "answers",
        metavar="ANSWERS",
        help=f"the gradients by name, W1 or net.0.weight, in a file that ends in {ENDINGS.replace(' or .py', '')}, or "
        "FILE.py:grads, a dict in a script",
    )
    parser.add_argument(
        "--level",
        type=int,
        default=3,
        choices=LEVELS,
        help="how much is told: 0 right or wrong, 1 arrays, 2 nodes, 3 mistakes, 4 numbers (default: %(default)s)",
    )
    parser.add_argument(
        "--digits", type=decimals, metavar="N", help="decimals that count (default: as many as there are)"
    )
    parser.add_argument("--lr", type=float, metavar="X", help="the learning rate, if updates may be mixed in")
    parser.add_argument("--json", action="store_true", help="as JSON")
    return parser


def run(arguments: argparse.Namespace) -> str:
    """Diagnose the answers; returns the text to print. Raises `ScriptError`."""
    found = load_result(arguments.target)
    answers = _answers(arguments, found)
    if isfunction(found.value):
        found = loss_function.call(arguments.target, found, answers)
    if not isinstance(found.value, Tensor) or found.value.operation is None:
        raise ScriptError(_no_loss(arguments.target, found.value))
    try:
        arrays, notes = _by_name(found, answers)
        diagnosis = diagnose(found.value, arrays, names=found.names, digits=arguments.digits, lr=arguments.lr)
    except (TypeError, ValueError) as error:
        raise ScriptError(str(error).removeprefix("diagnose ")) from error
    if arguments.json:
        return diagnosis.to_json(arguments.level)
    return "\n".join([diagnosis.text(arguments.level), *(f"Note: {note}." for note in notes)])


def _no_loss(target: str, value: Any) -> str:
    hint = "call it in the script, and keep what it returns" if callable(value) else "compute it from tensors"
    if isinstance(value, float):
        hint = "name a function that computes it from its arrays, def loss(W1, X)"
    return f"{target} needs to be a loss with its graph, got {type(value).__name__}; {hint}"


def _answers(arguments: argparse.Namespace, found: Found) -> Any:
    """The contents of the file, or the value of the name in a script, which may be the script of the loss."""
    name = arguments.answers
    file, colon, own = name.rpartition(":")
    if colon and file.endswith((".py", ".ipynb")):
        script = arguments.target.rpartition(":")[0] or arguments.target
        same = Path(file).resolve() in (Path(script).resolve(), Path(arguments.target).resolve())
        return look_up(own, found.names) if same else load(name).value
    if name.endswith(".py"):
        raise ScriptError(
            f"the answers in a script are needed as {name}:NAME, the name of a dict; got {name}"
        )
    try:
        return read_answers(Path(name))
    except AnswersError as error:
        raise ScriptError(f"the answers in {name} {error}") from error


def _by_name(found: Found, answers: Any) -> tuple[dict[str, Any], list[str]]:
    """The arrays by the names of the tensors that the loss depends on, and notes on what else was handed in."""
    names = Names(found.names)
    known = _named_tensors(found.value, names)
    if isinstance(answers, Mapping):
        answers = {names.find(key) if isinstance(key, Variable) else key: x for key, x in answers.items()}
    given, notes = read(answers, keys_of(known), "is no name of a tensor with a gradient")
    arrays = {name: answer.array for name, answer in given.items() if answer.array is not None}
    unread = (name for name, answer in given.items() if name not in arrays and not answer.missing)
    notes = [*(f"{name} cannot be read: {given[name].problem}" for name in unread), *notes]
    if not arrays:
        problem = "; ".join(notes) or "there are none"
        raise ScriptError(f"answers are needed for {', '.join(known)}, some or all: {problem}")
    return arrays, notes


def _named_tensors(loss: Tensor, names: Names) -> list[str]:
    """The names of the tensors that the loss depends on and has a gradient for, those nearest to it first."""
    tensors = (x for node in newest_first(loss) for x in (node, *node.inputs) if isinstance(x, Variable))
    found = (names.find(x) for x in tensors if x.requires_grad and x is not loss)
    return [name for name in dict.fromkeys(found) if name]
