"""`tinygrad-edu lessons` lists the lessons; with a number it shows, runs or converts one."""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path
from typing import Any

from tinygrad_edu.cli.command_parser import add_command
from tinygrad_edu.cli.user_script import ScriptError
from tinygrad_edu.lessons import Lesson, lesson, lessons
from tinygrad_edu.lessons.browser_site import build_site
from tinygrad_edu.lessons.lesson_page import lesson_page
from tinygrad_edu.lessons.notebook_file import notebook
from tinygrad_edu.lessons.terminal_text import prose_text, terminal_lesson


def add(commands: Any) -> argparse.ArgumentParser:
    """Add the subcommand `lessons` with its arguments."""
    parser = add_command(commands, "lessons", "list the lessons, or show, run or convert one")
    parser.add_argument("number", nargs="?", metavar="N", help="which one (default: list them)")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--run", action="store_true", dest="in_terminal", help="run it here, cell by cell")
    for kind, words in (("notebook", "a Jupyter notebook"), ("html", "a page that was run")):
        kinds.add_argument(f"--{kind}", nargs="?", const="", metavar="FILE", help=f"write it as {words}")
    kinds.add_argument("--site", type=Path, metavar="DIR", help="all lessons as a site for the browser")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for the file, created if needed")
    parser.add_argument("--force", action="store_true", help="replace a file that is there")
    return parser


def run(arguments: argparse.Namespace) -> str | int:
    """The list, where a lesson is, what was written, or 0 after a run. Raises `ScriptError`."""
    writes = arguments.notebook is not None or arguments.html is not None
    if (arguments.out or arguments.force) and not writes:
        raise ScriptError("--out and --force are for --notebook and --html, of which none is given")
    if arguments.site is not None:
        return _site(arguments)
    if arguments.number is None:
        if writes or arguments.in_terminal:
            raise ScriptError("the number of a lesson is needed, as in tinygrad-edu lessons 1 --run")
        return _list()
    chosen = _chosen(arguments.number)
    if arguments.in_terminal:
        for block in terminal_lesson(chosen):
            sys.stdout.write(f"{block}\n")
            sys.stdout.flush()
        return 0
    return _write(chosen, arguments) if writes else _where(chosen)


def _list() -> str:
    width = max(len(each.title) for each in lessons())
    rows = [f"{x.number:2}  {x.title:{width}}  {x.minutes:2} min  {prose_text(x.summary)}" for x in lessons()]
    return "\n".join([*rows, "", "tinygrad-edu lessons N says how to open one; --run runs it here."])


def _chosen(text: str) -> Lesson:
    try:
        return lesson(int(text)) if text.isascii() and text.isdecimal() else _named(text)
    except ValueError as error:
        raise ScriptError(str(error)) from error


def _named(text: str) -> Lesson:
    near = difflib.get_close_matches(text, [each.title for each in lessons()], n=1, cutoff=0.4)
    hint = f"; the nearest title: {near[0]}" if near else ""
    raise ValueError(f"the number of a lesson is needed, got {text}{hint}")


def _where(chosen: Lesson) -> str:
    command = f"tinygrad-edu lessons {chosen.number}"
    return "\n".join([
        f"Lesson {chosen.number}: {chosen.title} ({chosen.minutes} minutes)",
        prose_text(chosen.summary),
        "",
        f"{command} --run       read and run it in this terminal",
        f"{command} --notebook  write a notebook for Jupyter or VS Code",
        f"{command} --html      write a page to read in a browser",
        f"The file, which VS Code opens as cells: {chosen.path}",
    ])  # fmt: skip


def _site(arguments: argparse.Namespace) -> str:
    if arguments.number is not None:
        raise ScriptError("--site is for all lessons, so no number is needed")
    try:
        build_site(arguments.site)
    except (ImportError, ValueError, RuntimeError, OSError) as error:
        raise ScriptError(str(error)) from error
    return f"wrote {arguments.site}; serve it, as by python -m http.server -d {arguments.site}"


def _write(chosen: Lesson, arguments: argparse.Namespace) -> str:
    made, suffix = (lesson_page, ".html") if arguments.notebook is None else (notebook, ".ipynb")
    name = arguments.notebook or arguments.html or f"{chosen.path.stem}{suffix}"
    file = (arguments.out or Path()) / name
    if file.exists() and not arguments.force:
        raise ScriptError(f"{file} is there already; --force replaces it")
    try:
        text = made(chosen)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    except ImportError as error:
        raise ScriptError(str(error)) from error
    except OSError as error:
        raise ScriptError(f"a file that can be written is needed, got {file}: {error.strerror}") from error
    return f"wrote {file}"
