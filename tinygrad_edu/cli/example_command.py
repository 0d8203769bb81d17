"""`tinygrad-edu example` lists the programs that ship, `tinygrad-edu example NAME` runs one."""

from __future__ import annotations

import argparse
import ast
import difflib
import importlib
import importlib.util
import inspect
from pathlib import Path
from typing import Any

from tinygrad_edu import examples
from tinygrad_edu.cli.command_parser import add_command
from tinygrad_edu.cli.user_script import ScriptError

FOLDER = Path(examples.__file__).parent
NUMBERS = {
    "epochs": "passes over the data",
    "steps": "batches, for those that count them",
    "seed": "of all draws",
}
NO_PLOTS = (
    'pictures need matplotlib, which is not installed; pip install "tinygrad_edu[plot]", or leave out --out'
)


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the subcommand `example` with its arguments."""
    parser = add_command(commands, "example", "train a network of the examples, or list them and their files")
    parser.add_argument("name", nargs="?", metavar="NAME", help="which one (default: list them)")
    for option, words in NUMBERS.items():
        parser.add_argument(f"--{option}", type=_whole_number, metavar="N", help=words)
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for pictures, created if needed")
    parser.add_argument("--quick", action="store_true", help="a short run, to see that it works")
    return parser


def _whole_number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise argparse.ArgumentTypeError(f"a whole number of 0 or more is needed, got {text!r}")
    return int(text)


def run(arguments: argparse.Namespace) -> str | int:
    """Run the example, which prints; returns 0, or without a name the list. Raises `ScriptError`."""
    if arguments.name is None:
        return _list()
    name = _known(arguments.name)
    main = importlib.import_module(f"tinygrad_edu.examples.{name}").main
    settings = dict(examples.QUICK[name]) if arguments.quick else {}
    settings.update(_given(name, main, arguments))
    if arguments.out:
        settings["out"] = _folder(arguments.out)
    try:
        main(**settings)
    except ImportError as error:  # an extra
        raise ScriptError(str(error)) from error
    return 0


def _list() -> str:
    """Each example: its name, the first sentence of its file, and where the files are."""
    width = max(map(len, examples.QUICK)) + 2
    rows = [f"{name:{width}}{_purpose(name)}" for name in examples.QUICK]
    return "\n".join([*rows, "", f"Run one with tinygrad-edu example NAME; the files to copy: {FOLDER}"])


def _purpose(name: str) -> str:
    words = ast.get_docstring(ast.parse((FOLDER / f"{name}.py").read_text("utf-8"))) or ""
    return words.partition("\n")[0]


def _known(name: str) -> str:
    plain = name.removesuffix(".py").replace("-", "_")
    if plain in examples.QUICK:
        return plain
    near = difflib.get_close_matches(plain, examples.QUICK, n=2, cutoff=0.4)
    hint = f"; the nearest: {', '.join(near)}" if near else ""
    raise ScriptError(f"a name out of {', '.join(examples.QUICK)} is needed, got {name}{hint}")


def _given(name: str, main: Any, arguments: argparse.Namespace) -> dict[str, int]:
    """The numbers that were given. Raises `ScriptError` for one that the example has not."""
    given = {option: getattr(arguments, option) for option in NUMBERS}
    given = {option: number for option, number in given.items() if number is not None}
    for option, number in given.items():
        if option not in inspect.signature(main).parameters:
            other = "steps" if option == "epochs" else "epochs"
            raise ScriptError(f"{name} has no --{option}, got {number}; use --{other}")
        if number == 0 and option != "seed":
            raise ScriptError(f"--{option} needs 1 or more, got 0")
    return given


def _folder(out: Path) -> Path:
    if importlib.util.find_spec("matplotlib") is None:
        raise ScriptError(NO_PLOTS)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScriptError(f"--out needs a folder that can be written, got {out}: {error.strerror}") from error
    return out
