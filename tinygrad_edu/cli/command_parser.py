"""The parser of the command line: a mistake is told in one line, and each command has a sentence on it."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn


class Parser(argparse.ArgumentParser):
    """Argparse, but a mistake is told in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")


def add_command(commands: Any, name: str, words: str) -> argparse.ArgumentParser:
    """A subcommand with a sentence on it."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=words, description=words.capitalize() + ".", allow_abbrev=False
    )
    return parser
