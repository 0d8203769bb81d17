"""Which arrays share a buffer on the device: each buffer costs a call as much as a layer of a small network."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import prod
from typing import Any

import numpy as np

SMALL = 2**16  # bytes of an array that shares a buffer


class Packing:
    """Arrays in buffers: those of one dtype that are small one after the other, each other one alone."""

    def __init__(self, examples: Sequence[np.ndarray], together: bool = True) -> None:
        self.groups: list[list[int]] = []  # the numbers of the arrays in each buffer
        self.shapes = [x.shape for x in examples]
        shared: dict[Any, list[int]] = {}
        for number, x in enumerate(examples):
            if together and x.nbytes <= SMALL:
                shared.setdefault(x.dtype, []).append(number)
            else:
                self.groups.append([number])
        self.groups += shared.values()
        self.places: dict[int, tuple[int, slice]] = {}  # of each array: its buffer, and where in it
        for buffer, group in enumerate(self.groups):
            ends = [0, *accumulate(prod(self.shapes[number]) for number in group)]
            self.places |= {n: (buffer, slice(*ends[i : i + 2])) for i, n in enumerate(group)}

    def alone(self, buffer: int) -> bool:
        """True if there is one array in the buffer, in its own shape."""
        return len(self.groups[buffer]) == 1

    def packed(self, arrays: Sequence[Any], xp: Any) -> list[Any]:
        """The buffers, made with `xp`, NumPy or that of JAX."""
        return [
            self.joined(buffer, [arrays[n] for n in group], xp) for buffer, group in enumerate(self.groups)
        ]

    def joined(self, buffer: int, arrays: Sequence[Any], xp: Any) -> Any:
        """One buffer, of its arrays."""
        return arrays[0] if self.alone(buffer) else xp.concatenate([xp.ravel(x) for x in arrays])

    def unpacked(self, buffers: Sequence[Any]) -> list[Any]:
        """The arrays in the buffers."""
        return [self.part(buffers, number) for number in range(len(self.shapes))]

    def part(self, buffers: Sequence[Any], number: int) -> Any:
        """The array with this number."""
        buffer, where = self.places[number]
        if self.alone(buffer):
            return buffers[buffer]
        return buffers[buffer][where].reshape(self.shapes[number])
