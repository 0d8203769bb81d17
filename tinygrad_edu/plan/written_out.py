"""Checks that are made in every call, written out as one function: a fraction of the time that loops take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tinygrad_edu.plan.compiled import compiled

AFTER = 12  # times that a check was made in a loop: writing it out takes as long as some hundred
MOST = 500  # conditions: of more it would take too long


class WrittenOut:
    """Conditions, and what to do if all hold, over objects that get names."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._scope: dict[str, Any] = {}
        self._conditions: list[str] = []
        self._actions: list[str] = []

    def name(self, x: Any) -> str:
        """The name of an object, which is kept alive."""
        if id(x) not in self._names:
            self._names[id(x)] = name = f"k{len(self._names)}"
            self._scope[name] = x
        return self._names[id(x)]

    def check(self, condition: str) -> None:
        """Add a condition."""
        self._conditions.append(condition)

    def same(self, expression: str, x: Any) -> None:
        """Add the condition that an expression gives this very object."""
        self.check(f"{expression} is {'None' if x is None else self.name(x)}")

    def then(self, statement: str) -> None:
        """Add what is done if all conditions hold."""
        self._actions.append(statement)

    def function(self, parameters: str) -> Callable[..., Any]:
        """The function: it returns whether all conditions hold."""
        lines = [f"def holds({parameters}):"]
        lines += [f"    if not ({' and '.join(self._conditions) or True}):", "        return False"]
        lines += [f"    {line}" for line in self._actions]
        return compiled("holds", "\n".join([*lines, "    return True"]), self._scope)
