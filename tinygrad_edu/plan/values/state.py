"""The plain numbers that a step keeps between calls: a counter, a rate, lists of floats such as Adam's averages."""

from __future__ import annotations

import types
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from typing import Any

import numpy as np

from tinygrad_edu.plan.memory_places import put
from tinygrad_edu.plan.values.value_reach import Difference, ValueReach
from tinygrad_edu.scalar import Value


class Place:
    """`owner[key]`, a whole list for a slice, or what a closure variable holds; `numbers` is what stood there last."""

    def __init__(self, owner: Any, key: Any, is_whole: bool) -> None:
        self.owner, self.key, self.is_whole = owner, key, is_whole
        self._last = list(self.read())
        self.numbers = np.array(self._last, float)

    def read(self) -> list[Any]:
        """What stands there."""
        if isinstance(self.owner, types.CellType):
            return [self.owner.cell_contents]
        return self.owner if isinstance(self.key, slice) else [self.owner[self.key]]

    def put(self, found: list[Any]) -> None:
        """Let these stand there."""
        put(self.owner, self.key, found if isinstance(self.key, slice) else found[0])

    def refresh(self) -> np.ndarray:
        """The numbers, read again if the step or somebody else has put others there. Raises `TypeError` for others."""
        now = self.read()
        if now != self._last:
            numbers = np.array(now, float)
            if numbers.shape != self.numbers.shape:
                raise TypeError("capture needs lists of numbers that keep their length")
            self._last, self.numbers = list(now), numbers
        return self.numbers

    def write(self, numbers: np.ndarray) -> None:
        """Put other numbers there."""
        self.numbers = numbers
        self._last = numbers.astype(int).tolist() if self.is_whole else numbers.tolist()
        self.put(self._last)


class PlainNumbers:
    """The places whose numbers are state of the program; they grow while it is seen what a step changes.

    `known`: those of all programs of a plan.
    """

    def __init__(self, reach: ValueReach, known: dict[Any, Place], differences: Iterable[Difference]) -> None:
        self._reach, self._known = reach, known
        self.places: list[Place] = []
        self._changed: list[Difference] = []
        self._add(differences)
        for key, place in known.items():
            if reach.exempt(place.owner, place.key):
                self._take(key, place.owner, place.key, place.is_whole)

    def values(self) -> list[Value]:
        """The Values that the step reaches."""
        return self._reach.values()

    @property
    def namespaces(self) -> list[dict[str, Any]]:
        """Those of the functions that the step reaches."""
        return list(self._reach.namespaces.values())

    @contextmanager
    def without_random_numbers(self) -> Generator[None]:
        """Put random generators back. Raises `RuntimeError` if somebody drew from one."""
        states = self._reach.random_states()
        try:
            yield
        finally:
            if states.restore():
                raise RuntimeError(
                    "capture needs a step on Values that draws no random numbers, as a plan would repeat the same; "
                    "draw them outside the step and pass them in"
                )

    def read(self) -> list[Any]:
        """All numbers, one after the other."""
        return [x for place in self.places for x in place.read()]

    @contextmanager
    def replaced(self, number: Callable[[int], Any]) -> Generator[None]:
        """`number(i)` in place of number i; afterwards all that the step reaches is as before; see `grow`."""
        before = [list(place.read()) for place in self.places]
        count = 0
        for place, numbers in zip(self.places, before):
            place.put([number(count + i) for i in range(len(numbers))])
            count += len(numbers)
        try:
            yield
        finally:
            for place, numbers in zip(self.places, before):
                place.put(numbers)
            self._changed = list(self._reach.differences())
            self._reach.restore()

    def grow(self) -> bool:
        """Whether the last run changed more plain numbers. Raises `RuntimeError` if it changed anything else."""
        others = [x.name for x in self._changed if not x.is_of_numbers()]
        if others:
            raise RuntimeError(
                f"capture needs a step on Values that leaves alone what it reads, but it changes {', '.join(others)}; "
                "do that outside the step"
            )
        self._add(self._changed)
        return bool(self._changed)

    def _add(self, differences: Iterable[Difference]) -> None:
        for x in differences:
            self._reach.exempt(x.owner, x.key)
            self._take((id(x.owner), str(x.key)), x.owner, x.key, x.stays_whole())

    def _take(self, name: Any, owner: Any, key: Any, is_whole: bool) -> None:
        known = self._known.get(name)
        if known is None or len(known.read()) != len(known.numbers):
            self._known[name] = Place(owner, key, is_whole)
        self.places.append(self._known[name])
