"""What was overwritten, and when: a walk never takes new numbers for those that it needs.

Everything that is computed or overwritten gets the next serial number. An array that was overwritten after the
result that needs it was computed is stale.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from tinygrad_edu.engine.call_site import Place, place_of_call
from tinygrad_edu.engine.operation import Operation

Change = tuple[int, Place | None]  # of an array: its serial number, and the line that made it

serials = itertools.count(1)  # of whatever is computed or overwritten
_newest = 0  # of all changes: most walks need look no further

ASSIGN = Operation(lambda target, _value: target, name="assign")  # numbers overwritten: only watchers meet it


def note_changes(variables: Iterable[Any], place: Place | None = None) -> None:
    """Note that these were just overwritten, by the line at `place` if that is known: looking for it costs the most."""
    global _newest
    _newest = next(serials)
    change = (_newest, place or place_of_call(ASSIGN))
    for variable in variables:
        if variable.memory is None:
            variable.memory = [change]
        else:
            variable.memory[0] = change


def any_since(serial: int) -> bool:
    """Whether anything at all was overwritten after the result with this serial number."""
    return _newest > serial


def overwritten_at(x: Any, serial: int) -> Change | None:
    """What overwrote `x` after the result with this serial number, if anything did."""
    return x.memory[0] if x.memory is not None and x.memory[0][0] > serial else None
