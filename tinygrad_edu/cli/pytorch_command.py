"""`tinygrad-edu pytorch` lists what of PyTorch exists here, module by module, in Markdown."""

from __future__ import annotations

import argparse
import functools
from typing import Any

import tinygrad_edu
from tinygrad_edu.cli.command_parser import add_command
from tinygrad_edu.hints.missing_names import pytorch_names

INTRODUCTION = (
    "What of PyTorch 2.13 exists in tinygrad_edu, as `import tinygrad_edu as torch` finds it. "
    "Made by `tinygrad-edu pytorch`; a test keeps it true."
)


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the subcommand `pytorch`, which has no arguments."""
    return add_command(commands, "pytorch", "list which names of PyTorch exist here, and which do not")


def run(_arguments: argparse.Namespace) -> str:
    """The table: a row of counts for each module, then its names."""
    found = {module: _split(module, names) for module, names in pytorch_names().items()}
    rows = [f"| `{module}` | {len(here)} | {len(lacking)} |" for module, (here, lacking) in found.items()]
    parts = [_paragraph(module, *names) for module, names in found.items()]
    return "\n".join(
        [
            "# Names of PyTorch",
            "",
            INTRODUCTION,
            "",
            "| module | here | not here |",
            "|---|--:|--:|",
            *rows,
            *parts,
        ]
    )


def _split(module: str, names: list[str]) -> tuple[list[str], list[str]]:
    """The names that exist here, and those that do not."""
    place = _place(module)
    here = [name for name in names if _has(place, name)]
    return here, [name for name in names if name not in here]


def _place(module: str) -> Any:
    """Our module of the same path, or the class Tensor; None if it is not there."""
    try:
        return functools.reduce(getattr, module.split(".")[1:], tinygrad_edu)
    except AttributeError:
        return None


def _has(place: Any, name: str) -> bool:
    return name in dir(place) if isinstance(place, type) else hasattr(place, name)


def _paragraph(module: str, here: list[str], lacking: list[str]) -> str:
    lines = [f"\n## `{module}`\n"]
    lines += [f"Here: {_listed(here)}\n"] if here else []
    lines += [f"Not here: {_listed(lacking)}"] if lacking else []
    return "\n".join(lines)


def _listed(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
