"""Names for the nodes of a derivation: those of the user, and in the style of a textbook for the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class LineNames:
    """The names of nodes (`of`), and the nodes that had one (`chosen`). No name is given twice."""

    def __init__(self, chosen: Mapping[Any, str]) -> None:
        self.of = dict(chosen)
        self.chosen = frozenset(chosen)
        self._taken = set(chosen.values())

    def give(self, node: Any, *wishes: str, numbered: str = "") -> None:
        """Name `node` by the first of `wishes` that is free, or the first free of `numbered`1, `numbered`2, ...

        A node with a name keeps it.
        """
        if node in self.of:
            return
        free = [name for name in wishes if name not in self._taken]
        if not free and numbered:
            numbers = range(1, len(self._taken) + 2)
            free = [next(name for i in numbers if (name := f"{numbered}{i}") not in self._taken)]
        if free:
            self.of[node] = free[0]
            self._taken.add(free[0])

    def take(self, name: str) -> bool:
        """Take `name` for a formula without a node; False if it is taken."""
        if name in self._taken:
            return False
        self._taken.add(name)
        return True
