"""`tinygrad-edu docs` builds the site: reference, tour of the source, gallery."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from tinygrad_edu import docs
from tinygrad_edu.cli import pytorch_command
from tinygrad_edu.cli.command_parser import add_command
from tinygrad_edu.cli.user_script import ScriptError


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the subcommand `docs` with its argument."""
    parser = add_command(commands, "docs", "build the site: reference, tour of the source, gallery")
    parser.add_argument(
        "--out", type=Path, default=Path("site"), metavar="DIR", help="folder of the site (default: site)"
    )
    return parser


def run(arguments: argparse.Namespace) -> str:
    """Build the site; returns where its home page is. Raises `ScriptError`."""
    try:
        docs.build(arguments.out, pytorch_command.run(arguments))
    except (ImportError, OSError) as error:
        raise ScriptError(str(error)) from error
    return f"open {arguments.out / 'index.html'}"
