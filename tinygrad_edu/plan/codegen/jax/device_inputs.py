"""The arguments of calls as arrays for the device: a Tensor that comes twice in a row stays there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.plan.codegen.jax.jax_engine import JaxEngine, needed_jax
from tinygrad_edu.plan.codegen.jax.residents import RESIDENTS, Resident, Sharers

_NONE = object()


class DeviceInputs:
    """What the calls of one kind are given.

    `kinds`: class, shape, dtype, strides and `requires_grad` of each argument (see `Route`); `positions`: those of the
    arguments that the program takes, and `shapes` theirs, with the rows of all processes.
    """

    def __init__(
        self, kinds: list[Any], positions: list[int], shapes: list[tuple[int, ...]], engine: JaxEngine
    ) -> None:
        self.engine, self._kinds, self._shapes = engine, kinds, dict(zip(positions, shapes))
        self.positions = positions
        self._all = self.positions == list(range(len(kinds)))
        self._array_kind = type(needed_jax().numpy.zeros(0))
        self._last: list[Any] = [_NONE] * len(kinds)  # what came in the last call
        self.kept: list[Any] = [_NONE] * len(kinds)  # Tensors that stay on the device
        self.arrays: list[Any] = [None] * len(kinds)  # those of what is kept
        self._sharers: list[Any] = [(None, None)] * len(kinds)

    def entered(self, inputs: Sequence[Any]) -> list[Any] | None:
        """The arrays for the program; None if the arguments are not of this kind."""
        if len(inputs) != len(self._kinds):
            return None
        found = []
        for i, x in enumerate(inputs):
            if x is self.kept[i]:
                found.append(self.arrays[i])
                continue
            kind, shape, dtype, _, required = self._kinds[i]
            if x.__class__ is kind and dtype is not None:
                array = x if required is None else x.raw
            elif x.__class__ is self._array_kind and self.engine.mesh is None:
                array = x
            else:
                return None
            if array.shape != shape or array.dtype != dtype:
                return None
            if required is not None and array is not x:
                if x.requires_grad is not required:
                    return None
                found.append(self._entered(i, x, array))
            else:
                found.append(self._divided(i, array))
        return found if self._all else [found[i] for i in self.positions]

    def divided(self, arrays: Sequence[Any]) -> list[Any]:
        """The same of arrays that are known to be of this kind."""
        return [self._divided(i, arrays[i]) for i in self.positions]

    def _divided(self, i: int, array: Any) -> Any:
        if self.engine.mesh is None or i not in self._shapes:
            return array
        return self.engine.rows(array, self._shapes[i])

    def _entered(self, i: int, x: Any, array: np.ndarray) -> Any:
        if self.kept[i] is not _NONE:
            RESIDENTS[id(self.kept[i])].leave()
        last, self._last[i] = self._last[i], x
        if last is not x or i not in self._shapes:
            return self._divided(i, array)
        with needed_jax().enable_x64(True):
            there = self._divided(i, array) if self.engine.mesh is not None else self.engine.state(array)
        if self._sharers[i][0] is not x:
            self._sharers[i] = x, Sharers([x])
        sharers = [y for _, y in self._sharers[i][1].at_home()]
        resident = Resident(x, self, i)
        for y in sharers:
            resident.also(y)
        self.kept[i], self.arrays[i] = x, there
        return there

    def release(self) -> None:
        """Let Tensors that are kept be ordinary ones for a while."""
        for x in list(self.kept):
            if x is not _NONE:
                RESIDENTS[id(x)].leave()

    def give_back(self, i: int) -> None:
        """Forget a Tensor, as somebody reads or writes its numbers."""
        self.kept[i], self.arrays[i] = _NONE, None

    def hand_over(self, i: int) -> Any:
        """The array of a Tensor, for a program that overwrites it."""
        there = self.arrays[i]
        self.give_back(i)
        return there
