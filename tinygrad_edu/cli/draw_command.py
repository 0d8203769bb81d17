"""`tinygrad-edu draw train.py:loss -o graph.svg`: the graph of a result in a script, as a picture."""

from __future__ import annotations

import argparse
from typing import Any

from tinygrad_edu.cli.command_parser import add_command, add_out, add_target
from tinygrad_edu.cli.user_script import ScriptError, load_result
from tinygrad_edu.viz import Drawing, draw
from tinygrad_edu.viz.drawing.export import ENDINGS


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the subcommand `draw` with its arguments."""
    parser = add_command(
        commands, "draw", "run a script and draw the graph by which a result in it was computed"
    )
    add_target(parser, "the result (default: loss, or else the last result it computed)")
    parser.add_argument("--depth", type=int, metavar="N", help="open modules to this depth, fold those below")
    parser.add_argument(
        "--max-nodes",
        type=int,
        metavar="N",
        help="fold modules and repetitions to have no more cards than this",
    )
    parser.add_argument(
        "--numbers", action="store_true", help="write the numbers of all tensors on their cards"
    )
    parser.add_argument("--parts", action="store_true", help="open fused operations to their parts")
    parser.add_argument("--scalars", action="store_true", help="open tensors up to single numbers")
    parser.add_argument(
        "--theme", default="light", metavar="THEME", help="light or dark (default: %(default)s)"
    )
    add_out(
        parser, f"a file that ends in {ENDINGS}; .html goes through it step by step (default: text to stdout)"
    )
    return parser


def run(arguments: argparse.Namespace) -> str:
    """Draw the result; returns the text to print. Raises `ScriptError`."""
    found = load_result(arguments.target)
    try:
        drawing: Drawing = draw(
            found.value,
            names=found.names,
            depth=arguments.depth,
            max_nodes=arguments.max_nodes,
            numbers=arguments.numbers or None,
            scalars=arguments.scalars,
            parts=arguments.parts,
            theme=arguments.theme,
        )
        if arguments.out is None:
            return drawing.text.rstrip("\n")
        return f"Wrote {drawing.save(arguments.out)}"
    except (TypeError, ValueError, RuntimeError, OSError, ImportError) as error:
        raise ScriptError(str(error)) from error
