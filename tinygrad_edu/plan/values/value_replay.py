"""Running it: one flat array of numbers, and the calls that fill it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from tinygrad_edu.plan.values.levels import TOTAL_FROM_ZERO, TOTALS
from tinygrad_edu.plan.values.memory_layout import Group, Layout


class Replay:
    """What a step computes, of all its numbers: `sources` come first in the array."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.numbers = np.zeros(layout.size)
        self.sources = self.numbers[: len(layout.sources)]
        self.numbers[len(layout.sources) :][: len(layout.constants)] = layout.constants
        self._prepare()

    def _prepare(self) -> None:
        self._calls = [call for group in self.layout.groups for call in _calls(group, self.numbers)]

    def run(self) -> None:
        """Compute everything from the present sources."""
        with np.errstate(all="ignore"):  # inf and nan are answers, as in the scalar engine
            for call in self._calls:
                call()

    def __repr__(self) -> str:
        return f"{self.numbers.size} numbers in {len(self.layout.groups)} calls"


def _calls(group: Group, numbers: np.ndarray) -> list[Callable[[], Any]]:
    """One operation on all members of a group, after what gathers its inputs: functions of NumPy wherever possible."""
    operation: Any = group.operation.forward
    result = numbers[group.start : group.stop]
    calls: list[Callable[[], Any]] = []
    inputs = [_read(numbers, places, calls) for places in group.reads]
    if group.operation in TOTALS and len(group.members) > 1:
        start = 0.0 if group.operation is TOTAL_FROM_ZERO else None
        calls.append(functools.partial(np.add.reduce, *inputs, axis=0, out=result, initial=start))
    elif isinstance(operation, np.ufunc):
        calls.append(functools.partial(operation, *inputs, out=result, casting="unsafe"))
    else:
        calls.append(lambda: np.copyto(result, operation(*inputs), casting="unsafe"))
    return calls


def _read(numbers: np.ndarray, places: np.ndarray, calls: list[Callable[[], Any]]) -> np.ndarray:
    """The numbers at these places: a view where they stand side by side, else what a further call gathers."""
    if places.ndim == 1 and (places == places[0]).all():
        places = places[:1]  # one number for all, which NumPy broadcasts
    first = int(places.flat[0])
    consecutive = np.arange(first, first + places.size).reshape(places.shape)
    if np.array_equal(places, consecutive):
        return numbers[first : first + places.size].reshape(places.shape)
    gathered = np.empty(places.shape)
    # Quicker than into a new array, or in another mode, which would copy twice.
    calls.append(functools.partial(numbers.take, places, out=gathered, mode="clip"))
    return gathered
