"""Parameters that a function of PyTorch has and its twin here has not, or has with another default.

`pytorch_signatures.txt` holds PyTorch's parameters, a function on each line; `tests/pytorch_signatures.py` writes it.
"""

from __future__ import annotations

import ast
import functools
import inspect
from pathlib import Path
from typing import Any

from tinygrad_edu.docs.public_names import PublicName

FILE = Path(__file__).parent / "pytorch_signatures.txt"


def differences(name: PublicName) -> list[str]:
    """What differs in the call, `no out=`, `eps=1e-06 and not 1e-05`; empty where nothing does or is known."""
    theirs = _pytorch_parameters().get(name.twin)
    try:
        ours = inspect.signature(name.value).parameters
    except (TypeError, ValueError):
        return []
    if theirs is None:
        return []
    accepts_any = any(p.kind is p.VAR_KEYWORD for p in ours.values())
    lacking = [x for x, default in theirs.items() if default and x not in ours and not accepts_any]
    others = [
        f"`{x}={ours[x].default!r}` and not `{default}`"
        for x, default in theirs.items()
        if default and x in ours and _differs(default, ours[x].default)
    ]
    return [f"no `{x}=`" for x in lacking] + others


@functools.cache
def _pytorch_parameters() -> dict[str, dict[str, str]]:
    """Of each function of PyTorch the parameters with their defaults, as text; empty for one without."""
    lines = (line.partition(": ") for line in FILE.read_text("utf-8").splitlines())
    return {path: parameters_of(text) for path, _, text in lines}


def parameters_of(text: str) -> dict[str, str]:
    """The parameters in `input, *, out=None`, with the text of their defaults. Raises `SyntaxError`."""
    function: Any = ast.parse(f"lambda {text}: 0", mode="eval").body
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args]
    defaults = ["", *[""] * len(named), *map(ast.unparse, arguments.defaults)][-len(named) or 1 :]
    found = dict(zip([x.arg for x in named], defaults))
    for x, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
        found[x.arg] = "" if default is None else ast.unparse(default)
    return found


def _differs(text: str, ours: Any) -> bool:
    try:
        theirs = ast.literal_eval(text)
    except (ValueError, SyntaxError):  # a name of PyTorch's own
        return False
    if theirs is None or not isinstance(ours, bool | int | float | str | tuple):
        return False  # None stands for a value that the function finds itself
    return theirs != ours
