"""Version counters: when each array was overwritten last, so that a walk never takes new numbers for old ones.

Everything that is computed or overwritten gets the next serial number. An array that was overwritten after the
result that needs it was computed is stale.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import repeat
from typing import Any

from tinygrad_edu.engine.call_site import CallSite, call_site_of
from tinygrad_edu.engine.operation import Data, Operation

MAX_KEPT_NUMBERS = 4_096  # numbers of an array that are kept when it is overwritten

serials = itertools.count(1)  # of whatever is computed or overwritten
_newest = 0  # of all versions: most walks need look no further

ASSIGN = Operation(
    lambda target, _value: target, name="assign"
)  # numbers overwritten, for watchers; it keeps the line, too


class Memory:
    """The version of an array: one object for all tensors that share the array."""

    __slots__ = ("before", "call_site", "previous", "version")

    def __init__(self) -> None:
        self.version = 0  # the serial number of the last overwriting
        self.call_site: CallSite | None = None  # the line of the user's program that did it
        # A version before, and the array with a copy of the numbers that it held from then until another version.
        self.previous = 0
        self.before: tuple[Data, Data, int] | None = None


def copied(raw: Data) -> Data | None:
    """The numbers that are about to be overwritten, for `note_overwritten`; None if they are many."""
    return raw.copy() if raw.size <= MAX_KEPT_NUMBERS else None


def note_overwritten(
    variables: Iterable[Any], call_site: CallSite | None = None, before: Iterable[Data | None] = repeat(None)
) -> None:
    """Give the arrays of `variables` a new version. Searching for the line costs the most: pass it if it is known.

    `before`: their numbers until now, where they were `copied`. Pictures and derivations of what was computed from
    these then show the numbers of that moment.
    """
    global _newest
    _newest = version = next(serials)
    call_site = call_site or call_site_of(ASSIGN)
    for variable, numbers in zip(variables, before):
        memory = variable.memory
        if memory is None:
            memory = variable.memory = Memory()
        memory.previous, memory.version = memory.version, version
        memory.call_site = call_site
        memory.before = None if numbers is None else (variable.raw, numbers, version)


@contextmanager
def kept_numbers(variables: Iterable[Any]) -> Iterator[None]:
    """Inside `with` the `variables` are overwritten again and again: what was computed before keeps its numbers."""
    start = next(serials)
    known = [(x, 0 if x.memory is None else x.memory.version, copied(x.raw)) for x in variables]
    yield
    for x, version, numbers in known:
        if numbers is not None and x.memory is not None and x.memory.version > start:
            x.memory.previous, x.memory.before = version, (x.raw, numbers, start)


def any_since(serial: int) -> bool:
    """True if anything at all was overwritten after the result with this serial number."""
    return _newest > serial


def overwritten_since(x: Any, serial: int) -> bool:
    """True if the numbers of `x` were overwritten after the result with this serial number."""
    return x.memory is not None and x.memory.version > serial
