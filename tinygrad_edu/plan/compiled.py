"""Python functions written by the plan itself: what is asked in every run is unrolled into one expression."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from typing import Any


def compiled(name: str, text: str, scope: dict[str, Any]) -> Callable[..., Any]:
    """The function `name` that `text` defines, with everything it names in a closure, which is quicker than globals."""
    code = f"def make({', '.join(scope)}):\n{textwrap.indent(text, '    ')}\n    return {name}\n"
    made: dict[str, Any] = {}
    exec(compile(code, f"<plan: {name}>", "exec"), made)
    return made["make"](**scope)


def all_true(tests: Iterable[str]) -> str:
    """One expression of many."""
    return " and ".join(["True", *tests])
