"""Python functions written by the plan itself: what is asked in every run is unrolled into one expression."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import Any


def compiled(name: str, text: str, scope: dict[str, Any]) -> Callable[..., Any]:
    """The function `name` that `text` defines, with everything it names in a closure, which is quicker than globals."""
    code = f"def make({', '.join(scope)}):\n{textwrap.indent(text, '    ')}\n    return {name}\n"
    made: dict[str, Any] = {"__name__": __name__}  # what a warning names as its module
    exec(compile(code, f"<plan: {name}>", "exec"), made)
    return made["make"](**scope)


class Tests:
    """What must be so for a program to run, as one expression: `str(tests)`, in which names stand for `scope`."""

    def __init__(self) -> None:
        self.scope: dict[str, Any] = {}
        self._written: list[str] = []

    def that(self, test: str, *things: Any) -> None:
        """That `test` is true, where {0}, {1} and so on are `things`."""
        names = [f"it{len(self.scope) + i}" for i in range(len(things))]
        self.scope |= zip(names, things)
        self._written.append(test.format(*names))

    def same(self, owner: Any, key: str, value: Any) -> None:
        """That an attribute, or what a dict holds under `key`, is the very same."""
        asked = f"{{0}}[{key!r}]" if isinstance(owner, dict) else f"{{0}}.{key}"
        self.that(f"{asked} is {{1}}", owner, value)

    def __str__(self) -> str:
        return " and ".join(["True", *self._written])


def quickly(
    tests: Tests, otherwise: Callable[..., Any], names: Sequence[str] | None = None
) -> Callable[..., Any]:
    """A function that returns True if all is so, and where that fails, or cannot even be asked, what `otherwise` says.

    With `names` it is of one tuple, whose parts the tests call so, and returns what they stand for in the end.
    """
    parts = None if names is None else f"({''.join(f'{name}, ' for name in names)})"
    text = _ASKED.format(
        given="" if parts is None else "given",
        begin="pass" if parts is None else f"{parts} = given",
        answer=parts or "True",
        tests=tests,
    )
    return compiled("asked", text, {"otherwise": otherwise, **tests.scope})


_ASKED = """
def asked({given}):
    try:
        {begin}
        if {tests}:
            return {answer}
    except Exception:  # something is of another type, or gone
        pass
    return otherwise({given})
"""
