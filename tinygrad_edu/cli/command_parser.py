"""The parser of the command line: one line for each mistake, one sentence on each command."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, NoReturn

from tinygrad_edu.cli.user_script import ScriptError


class Parser(argparse.ArgumentParser):
    """Argparse with error messages of one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def add_command(commands: Any, name: str, words: str) -> argparse.ArgumentParser:
    """Add a subcommand, with a sentence that describes the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=words, description=words.capitalize() + ".", allow_abbrev=False
    )
    return parser


def add_target(parser: argparse.ArgumentParser, words: str) -> None:
    """Add the argument that names a script and a result in it; `words` describe the result."""
    parser.add_argument("target", metavar="FILE.py[:name]", help=f"the script, and its name for {words}")


def add_out(parser: argparse.ArgumentParser, words: str) -> None:
    """Add the option that names the file to write; `words` describe the file."""
    parser.add_argument("-o", "--out", type=Path, metavar="FILE", help=words)


def write(path: Path, content: str | bytes, encoding: str = "utf-8") -> None:
    """Write a file that an option names. Raises `ScriptError`."""
    data = content.encode(encoding) if isinstance(content, str) else content
    try:
        path.write_bytes(data)
    except OSError as error:
        raise ScriptError(f"cannot write {path}: {error.strerror}") from error
