"""What a step on Values reaches: what it changes is put back after a recording, or is state of its program."""

from __future__ import annotations

import io
import itertools
import operator
import types
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.plan.memory_places import put
from tinygrad_edu.plan.reach import BOOKKEEPING, MAX_PLACES, Reach
from tinygrad_edu.plan.values.kept_contents import CONTAINERS, Contents, RandomStates
from tinygrad_edu.plan.watched_places import PLAIN, same
from tinygrad_edu.scalar import Value

_WHOLE_LIST = slice(None)
_NUMBERS = (bool, int, float, complex)


class Difference(NamedTuple):
    """A place, its name, and what stood there and stands there now; the key of a list of numbers is a slice."""

    owner: Any
    key: Any
    name: str
    before: Any
    now: Any

    def is_of_numbers(self) -> bool:
        """True if a plain number became another, or a list of them one of the same length."""
        pairs = zip(self.before, self.now) if isinstance(self.key, slice) else [(self.before, self.now)]
        same_size = not isinstance(self.key, slice) or len(self.before) == len(self.now)
        return same_size and all(_is_number(x) and _is_number(y) for x, y in pairs)

    def is_of_floats(self) -> bool:
        """True if a float became another one."""
        return type(self.before) is float and type(self.now) is float

    def stays_whole(self) -> bool:
        """True if all numbers are whole, before and now."""
        both = [*self.before, *self.now] if isinstance(self.key, slice) else [self.before, self.now]
        return all(type(x) is int for x in both)


class ValueReach(Reach):
    """The places that a step on Values reaches, and how they differ from what they were.

    A list of Values, or of plain numbers and texts, is one place: a model has thousands of them.
    """

    def __init__(self, step: Any) -> None:
        self._rows: list[list[Any]] = []
        self._then: list[list[Any]] = []  # what stood in each
        super().__init__(step)
        self._keep_rows([True] * len(self._rows))
        if len(self._values) >= MAX_PLACES:
            raise RuntimeError(f"capture needs a step that reaches fewer than {MAX_PLACES} places")
        foreign = [*self.iterators, *[x for x in self._kept if isinstance(x, io.IOBase)]]
        if foreign:
            raise RuntimeError(
                "capture needs a step on Values that leaves alone what it reads, but it reaches a "
                f"{type(foreign[0]).__name__}, of which nobody sees how far it is; do that outside the step"
            )
        self._contents = [Contents(x) for x in self._kept if isinstance(x, CONTAINERS)]
        self._watched = [each for each in self._contents if np.size(each.x) <= MAX_PLACES]

    def unchanged(self) -> bool:
        """True if the very same Values stand everywhere, and equal numbers and texts."""
        if not all(map(operator.eq, self._rows, self._then)):  # a Value is equal only to itself
            return False
        if any(each.changed() for each in self._watched):
            return False
        return all(itertools.starmap(_same_in_all, self._of_numbers)) and super().unchanged()

    def _all_of(self, container: Any) -> list[Any]:
        if not isinstance(container, list) or not (_is_all(container, Value) or _is_all(container, PLAIN)):
            return super()._all_of(container)
        self._rows.append(container)
        self._then.append(list(container))
        return list(container)

    def _keep_rows(self, kept: Iterable[bool]) -> None:
        pairs = list(itertools.compress(zip(self._rows, self._then), kept))
        self._rows, self._then = [row for row, _ in pairs], [then for _, then in pairs]
        self._of_numbers = [(row, then) for row, then in pairs if any(type(x) in _NUMBERS for x in then)]

    def differences(self) -> Iterator[Difference]:
        """The places where something else stands now."""
        for row, then in zip(self._rows, self._then):
            if len(row) != len(then) or not _same_in_all(row, then):
                yield Difference(row, _WHOLE_LIST, "a list of numbers", then, list(row))
        yield from itertools.starmap(Difference, self._moved())
        for each in self._contents:
            if each.changed():
                yield Difference(each.x, None, f"what a {type(each.x).__name__} holds", None, None)

    def random_states(self) -> RandomStates:
        """Those of all generators that the step may draw from, as they are now."""
        return RandomStates(self._kept)

    def values(self) -> list[Value]:
        """All Values that stand anywhere."""
        everything = itertools.chain(self._values, self._inside, self._kept)
        return [x for x in everything if isinstance(x, Value)]

    def restore(self) -> None:
        """Put back what stood everywhere, as far as it stands in lists, dicts, attributes and closures."""
        then: dict[int, dict[Any, Any]] = {}
        for owner, key, value in zip(self._owners, self._keys, self._values):
            then.setdefault(id(owner), {})[key] = value
        for x, size in zip(self._sized, self._sizes):
            found = then.get(id(x), {})
            if isinstance(x, list):
                x[size:] = [None] * (size - len(x))
            elif isinstance(x, dict) and (len(x) != size or found.keys() - x.keys()):
                kept = {key: x[key] for key in BOOKKEEPING if key in x}
                x.clear()  # so that the keys stand in their order, too
                x.update(found | kept)
        for contents in self._contents:
            if contents.changed():
                contents.restore()
        for each in list(self.differences()):
            if each.key is not None or isinstance(each.owner, types.CellType):
                put(each.owner, each.key, each.before)

    def exempt(self, owner: Any, key: Any) -> bool:
        """Look at this place no longer; False if nobody did."""
        before = len(self._owners), len(self._cells), len(self._rows)
        for i in reversed(range(len(self._owners))):
            if self._owners[i] is owner and self._keys[i] == key:
                del self._owners[i], self._keys[i], self._values[i]
        for i in reversed(range(len(self._cells))):
            if self._cells[i] is owner:
                del self._cells[i], self._names[i], self._inside[i]
        self._keep_rows([row is not owner for row in self._rows])
        return before != (len(self._owners), len(self._cells), len(self._rows))


def _is_all(row: list[Any], kinds: Any) -> bool:
    return bool(row) and all(isinstance(x, kinds) for x in row)


def _same_in_all(row: list[Any], then: list[Any]) -> bool:
    return all(map(operator.is_, row, then)) or all(map(same, row, then))


def _is_number(x: Any) -> bool:
    return isinstance(x, int | float) and not isinstance(x, bool)
