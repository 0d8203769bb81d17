"""`tinygrad-edu bench` runs the benchmarks of a clone of the repository: the installed package has none."""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

from tinygrad_edu.cli.command_parser import add_command
from tinygrad_edu.cli.user_script import ScriptError

INSTALLED = Path(__file__).resolve().parents[2]  # of an editable install: the clone


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the subcommand `bench` with its arguments."""
    parser = add_command(
        commands,
        "bench",
        "measure time and memory beside other libraries, with the scripts in a clone of the repository",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="which ones (default: all, several minutes)")
    parser.add_argument("--list", action="store_true", help="only say which there are")
    parser.add_argument("--quick", action="store_true", help="short runs, to see that they work")
    return parser


def run(arguments: argparse.Namespace) -> str | int:
    """Run the scripts; returns 1 if one of them failed, else 0, or the list. Raises `ScriptError`."""
    scripts = _scripts()
    for name in arguments.names:
        if name not in scripts:
            raise ScriptError(f"a name out of {', '.join(scripts)} is needed, got {name}")
    chosen = {name: scripts[name] for name in arguments.names or scripts}
    if arguments.list:
        return "\n".join(f"{name:18}{_purpose(script)}" for name, script in chosen.items())
    options = ["--quick"] if arguments.quick else []
    codes = [
        subprocess.run([sys.executable, script, *options], check=False).returncode
        for script in chosen.values()
    ]
    return 1 if any(codes) else 0


def _scripts() -> dict[str, Path]:
    """The benchmarks by name. Raises `ScriptError` if there is no clone."""
    here = Path.cwd()
    for folder in (here, *here.parents, INSTALLED):
        if _is_clone(folder):
            files = sorted((folder / "benchmarks").glob("*.py"))
            return {file.stem: file for file in files if "from harness import" in file.read_text("utf-8")}
    raise ScriptError(
        f"a clone of the repository is needed, as its benchmarks are not installed with the package, and neither "
        f"{here} nor a folder above it is one; get the repository and run this inside it"
    )


def _is_clone(folder: Path) -> bool:
    """True for the repository of this package, and for no other project that has benchmarks."""
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]["name"]
    except (OSError, ValueError, KeyError):
        return False
    return bool(project == "tinygrad_edu") and (folder / "benchmarks" / "harness").is_dir()


def _purpose(script: Path) -> str:
    words = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or ""
    return words.partition("\n")[0]
