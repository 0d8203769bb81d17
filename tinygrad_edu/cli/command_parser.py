"""The parser of the command line: one line for each mistake, one sentence on each command."""

from __future__ import annotations

import argparse
import difflib
import re
from pathlib import Path
from typing import Any, NoReturn

from tinygrad_edu.cli.user_script import ScriptError

MAX_DECIMALS = 15  # which a float64 has


class Parser(argparse.ArgumentParser):
    """Argparse with error messages of one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}{_meant(message)}; see {self.prog} --help\n")


def _meant(message: str) -> str:
    """A hint at the choice that is nearest to a misspelt one, in a message of argparse."""
    wrong, *choices = re.findall(r"'([^']*)'", message) or [""]
    near = difflib.get_close_matches(wrong.lower(), choices, n=1) if "invalid choice" in message else []
    return f"; did you mean {near[0]}?" if near else ""


def add_command(commands: Any, name: str, words: str) -> argparse.ArgumentParser:
    """Add a subcommand, with a sentence that describes the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=words, description=words.capitalize() + ".", allow_abbrev=False
    )
    return parser


def add_target(parser: argparse.ArgumentParser, words: str) -> None:
    """Add the argument that names a script and a result in it; `words` describe the result."""
    parser.add_argument("target", metavar="FILE.py[:name]", help=f"the script, and its name for {words}")


def decimals(text: str) -> int:
    """The value of an option that counts decimals."""
    if not (text.isascii() and text.isdecimal() and int(text) <= MAX_DECIMALS):
        raise argparse.ArgumentTypeError(f"decimals from 0 to {MAX_DECIMALS} are needed, got {text}")
    return int(text)


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
