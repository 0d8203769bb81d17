"""Python functions written by the plan itself."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any


def compiled(name: str, text: str, scope: dict[str, Any]) -> Callable[..., Any]:
    """The function `name` that `text` defines, with everything it names in a closure, which is quicker than globals."""
    code = f"def make({', '.join(scope)}):\n{textwrap.indent(text, '    ')}\n    return {name}\n"
    made: dict[str, Any] = {"__name__": __name__}  # what a warning names as its module
    exec(compile(code, f"<plan: {name}>", "exec"), made)
    return made["make"](**scope)
