"""Examples written by hand, a text file for each page of the reference.

A file begins with the Tensors that its examples may use, each on a line `x = ...`. An example is a line
`names: code`, or `names:` with its lines below, indented. In the code `@` stands for the name, and what the last line
computes is printed.
"""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

FOLDER = Path(__file__).parent / "examples"
_NAME = re.compile(r"@(?=[(.),:\[\]\n]|$)")  # neither a product of matrices nor a decorator
METHODS = ("Tensor", "Value")
_METHOD_CALL = re.compile(r"(?P<x>[^@]+)@\((?P<rest>.*)\)(?P<after>\.\w+)?", re.DOTALL)


def written_example(page: str, name: str) -> str:
    """The code of the example of a public name; empty if none is written."""
    if code := examples_of(page).get(name, ""):
        return _complete(page, code, _path(page, name))
    method = _METHOD_CALL.fullmatch(examples_of("Tensor").get(name.removesuffix("_"), ""))
    if method is None or page not in ("", "Tensor"):
        return ""
    x, rest, after = method["x"], method["rest"], method["after"] or ""
    if page == "Tensor":  # in place
        start, x = ("", x) if x in _given(page) else (f"x = {x}\n", "x")
        return _complete(page, f"{start}{x}@({rest})\nprint({x})", f".{name}")
    return _complete("Tensor", f"@({', '.join(filter(None, [x, rest]))}){after}", _path(page, name))


def _path(page: str, name: str) -> str:
    """The name as the code writes it."""
    if page == "operations":
        return f'torch.OPERATIONS["{name}"]'
    return f".{name}" if page in METHODS else ".".join(filter(None, ["torch", page, name]))


@functools.cache
def examples_of(page: str) -> dict[str, str]:
    """The examples of a page as they are written, by name."""
    found: dict[str, str] = {}
    for block in re.split(r"\n(?=\w[\w ]*:)", _text(page)):
        names, _, code = block.partition(":")
        if re.fullmatch(r"[\w ]+", names):
            lines = [line.removeprefix("    ") for line in code.splitlines()]
            found |= dict.fromkeys(names.split(), "\n".join(lines).strip())
    return found


@functools.cache
def _given(page: str) -> dict[str, str]:
    return dict(re.findall(r"^(\w+) = (.*)$", _text(page), re.MULTILINE))


def _text(page: str) -> str:
    file = FOLDER / f"{page or 'top'}.txt"
    return file.read_text("utf-8") if file.exists() else ""


def _complete(page: str, code: str, path: str) -> str:
    """The code that runs: with the name in it, with the Tensors that it uses, and printing its result."""
    code = _NAME.sub(path, code)
    tree = ast.parse(code)
    read = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    made = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    lines = code.splitlines()
    last = tree.body[-1]
    if isinstance(last, ast.Expr) and not ast.unparse(last).startswith("print("):
        lines[last.lineno - 1] = f"print({lines[last.lineno - 1]})"
    given = [f"{name} = {made_by}" for name, made_by in _given(page).items() if name in read - made]
    return "\n".join([*given, *lines])
