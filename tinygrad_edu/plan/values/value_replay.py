"""Running it: one flat array of numbers, and the calls that fill it."""

from __future__ import annotations

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
        self._calls = [_call(group, self.numbers) for group in self.layout.groups]

    def run(self) -> None:
        """Compute everything from the present sources."""
        with np.errstate(all="ignore"):  # inf and nan are answers, as in the scalar engine
            for call in self._calls:
                call()

    def __repr__(self) -> str:
        return f"{self.numbers.size} numbers in {len(self.layout.groups)} calls"


def _call(group: Group, numbers: np.ndarray) -> Callable[[], Any]:
    """One operation on all members of a group."""
    operation: Any = group.operation.forward
    result = numbers[group.start : group.stop]
    if group.operation in TOTALS and len(group.members) > 1:
        (read,) = [_reader(numbers, places) for places in group.reads]
        start = 0.0 if group.operation is TOTAL_FROM_ZERO else None
        return lambda: np.add.reduce(read(), axis=0, out=result, initial=start)
    reads = [_reader(numbers, places) for places in group.reads]
    if isinstance(operation, np.ufunc) and operation.nin == len(reads):

        def into() -> None:
            operation(*[read() for read in reads], out=result, casting="unsafe")

        return into

    def call() -> None:
        result[...] = operation(*[read() for read in reads])

    return call


def _reader(numbers: np.ndarray, places: np.ndarray) -> Callable[[], np.ndarray]:
    """What gives the numbers at these places: a view where they stand side by side."""
    if places.ndim == 1 and (places == places[0]).all():
        places = places[:1]  # one number for all, which NumPy broadcasts
    first = int(places.flat[0])
    consecutive = np.arange(first, first + places.size).reshape(places.shape)
    if np.array_equal(places, consecutive):
        view = numbers[first : first + places.size].reshape(places.shape)
        return lambda: view
    memory = np.empty(places.shape)
    return lambda: numbers.take(places, out=memory, mode="clip")  # quicker than a new array, or another mode
