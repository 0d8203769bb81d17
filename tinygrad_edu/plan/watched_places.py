"""Places, and whether the same stands in each of them as before."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

from tinygrad_edu.plan.memory_places import contents_or_none, held, name_of_place
from tinygrad_edu.plan.written_out import AFTER, MOST, WrittenOut

PLAIN = (bool, int, float, complex, str, bytes, type(None))
_contents = operator.attrgetter("cell_contents")


class Places:
    """Places (a dict and a key, a list and an index, a closure variable), and what stood there."""

    def __init__(self) -> None:
        self._owners: list[Any] = []
        self._keys: list[Any] = []
        self._values: list[Any] = []
        self._cells: list[Any] = []
        self._names: list[str] = []
        self._inside: list[Any] = []  # what the cells hold
        self._objects: list[Any] = []
        self._kinds: list[type] = []  # of which class each is
        self._sized: list[Any] = []
        self._sizes: list[int] = []
        self._asked = 0
        self._written: Callable[[], bool] | None = None  # the same check, once it was made some times

    def unchanged(self) -> bool:
        """True if the very same things stand everywhere, or equal numbers and texts."""
        try:
            if self._written is not None:
                return self._written() or not self.changed()
            self._asked += 1
            if self._asked == AFTER and len(self._values) < MOST:
                self._written = self._written_out()
            if (
                all(map(operator.is_, map(operator.getitem, self._owners, self._keys), self._values))
                and all(map(operator.is_, map(_contents, self._cells), self._inside))
                and list(map(len, self._sized)) == self._sizes
                and all(map(operator.is_, map(type, self._objects), self._kinds))
            ):
                return True
            return not self.changed()
        except (LookupError, ValueError):  # a key or a closure variable that is gone
            return False

    def _written_out(self) -> Callable[[], bool]:
        out = WrittenOut()
        for owner, key, value in zip(self._owners, self._keys, self._values):
            place = repr(key) if type(key) in (str, int) else out.name(key)
            out.same(f"{out.name(owner)}[{place}]", value)
        for cell, value in zip(self._cells, self._inside):
            out.same(f"{out.name(cell)}.cell_contents", value)
        for container, size in zip(self._sized, self._sizes):
            out.check(f"len({out.name(container)}) == {size}")
        for x, kind in zip(self._objects, self._kinds):
            out.same(f"type({out.name(x)})", kind)
        return out.function("")

    def changed(self) -> list[str]:
        """What is another now, by its key, or its name as an attribute."""
        found = [name for _, _, name, _, _ in self._moved()]
        return found + ["a class" for x, kind in zip(self._objects, self._kinds) if type(x) is not kind]

    def _moved(self) -> Iterator[tuple[Any, Any, str, Any, Any]]:
        """Each place where something else stands: owner, key and name, and what stood and stands there."""
        for owner, key, value in zip(self._owners, self._keys, self._values):
            if not same(now := held(owner, key), value):
                yield owner, key, name_of_place(owner, key), value, now
        for cell, name, value in zip(self._cells, self._names, self._inside):
            if not same(now := contents_or_none(cell), value):
                yield cell, None, name, value, now
        for x, size in zip(self._sized, self._sizes):
            if len(x) != size:
                yield x, None, f"the size of a {type(x).__name__}", size, None

    def attribute(self, x: Any, *names: str) -> None:
        """Look at these attributes of `x`."""
        own = vars(x)
        for name in names:
            if name in own:
                self._place(own, name)
        self._sized.append(own)  # what it has of its class it may get as its own
        self._sizes.append(len(own))

    def contents(self, container: Any) -> None:
        """Look at what is in a list or dict."""
        self._all_of(container)

    def also(self, owner: Any, keys: Any) -> None:
        """Look at these places, too."""
        for key in keys:
            self._place(owner, key)

    def _place(self, owner: Any, key: Any) -> Any:
        self._owners.append(owner)
        self._keys.append(key)
        self._values.append(owner[key])
        return owner[key]

    def _all_of(self, container: Any) -> list[Any]:
        self._sized.append(container)
        self._sizes.append(len(container))
        keys = list(container) if isinstance(container, dict) else range(len(container))
        return [self._place(container, key) for key in keys]


def same(a: Any, b: Any) -> bool:
    """True for one and the same thing, and for equal numbers and texts."""
    return a is b or (type(a) is type(b) and isinstance(a, PLAIN) and repr(a) == repr(b))
