"""The tour of the source: the functions that three lines of a program really call, recorded while the site is built."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from types import CodeType
from typing import Any

import tinygrad_edu as torch
from tinygrad_edu.docs import restructured_text as rst
from tinygrad_edu.docs.call_recorder import Call, recorded

MAX_LINES = 24  # of an excerpt
PROGRAM = """\
torch.manual_seed(0)
x = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
net = torch.nn.Sequential(torch.nn.Linear(2, 1), torch.nn.Tanh())
loss = (net(x) ** 2).mean()
"""
WORDS = (
    "Three lines of a small program, and the functions of the package that each of them calls, in the order of their "
    "first call. The list was recorded from a run while this page was built, with the numbers of that run. A function "
    "that is called again is counted, not repeated.\n"
)


def walks() -> dict[str, list[Call]]:
    """The calls of each line of the tour."""
    names: dict[str, Any] = {"torch": torch}
    state = torch.get_rng_state()
    exec(PROGRAM, names)
    torch.set_rng_state(state)
    x, net, loss = names["x"], names["net"], names["loss"]
    lines: dict[str, Callable[[], Any]] = {
        "x.sum()": x.sum,
        "net(x)": lambda: net(x),
        "loss.backward()": lambda: loss.backward(retain_graph=True),
    }
    found = {}
    for line, function in lines.items():
        function()  # once before, as the first call imports and caches
        found[line] = recorded(function)
    return found


def tour_page() -> str:
    """The page in reStructuredText."""
    parts = [rst.heading("A tour of the source"), WORDS, rst.code(PROGRAM)]
    for number, (line, calls) in enumerate(walks().items()):
        places = {call.code: f"walk-{number}-{i}" for i, call in enumerate(calls)}
        files = len({call.file for call in calls})
        parts += [rst.heading(line, 1), f"{len(calls)} functions in {files} files.\n"]
        parts += [_step(call, i, places) for i, call in enumerate(calls)]
    return "\n".join(parts)


def _step(call: Call, number: int, places: dict[CodeType, str]) -> str:
    lines, start = inspect.getsourcelines(call.code)
    source = textwrap.dedent("".join(lines))
    name = call.code.co_qualname.replace("<locals>.", "")
    title = f"{number + 1}. {name}"
    again = "" if call.times == 1 else f"; {call.times} calls in all"
    where = f"``{call.file}:{start}``{_called_by(call, places)}{again}\n"
    sentence = _first_sentence(source)
    parts = [rst.heading(title, 2, places[call.code]), where]
    parts += [rst.html(f"<p>{rst.inline(sentence)}</p>")] if sentence else []
    parts += [rst.code(_excerpt(source))]
    return "\n".join([*parts, *([f"It returned ``{call.returned}``.\n"] if call.returned else [])])


def _called_by(call: Call, places: dict[CodeType, str]) -> str:
    if call.caller not in places:
        return ", called by the line itself"
    return f", called by :ref:`{call.caller.co_name.strip('<>')} <{places[call.caller]}>`"


def _first_sentence(source: str) -> str:
    """The first sentence of a function's docstring; empty for a lambda."""
    try:
        (node,) = ast.parse(source).body
    except (SyntaxError, ValueError):
        return ""
    words = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else ""
    return " ".join((words or "").split("\n\n")[0].split())


def _excerpt(source: str) -> str:
    """The source without its docstring; a long one is cut."""
    lines = source.rstrip().splitlines()
    try:
        (node,) = ast.parse(source).body
    except (SyntaxError, ValueError):
        node = None
    if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) and len(node.body) > 1:
        text = node.body[0]
        del lines[text.lineno - 1 : text.end_lineno]
    return "\n".join(
        lines if len(lines) <= MAX_LINES else [*lines[:MAX_LINES], "# ... and so on in the file"]
    )
