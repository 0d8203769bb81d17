"""Objects that a step may change inside, such as sets, arrays and random generators: what they held, to put it back."""

from __future__ import annotations

import array
import collections
import copy
import pickle
import random
import sys
from collections.abc import Iterable
from typing import Any

import numpy as np

from tinygrad_edu.tensor import draws

CONTAINERS = (set, collections.deque, np.ndarray, array.array, bytearray)


class Contents:
    """What a container holds."""

    def __init__(self, x: Any) -> None:
        self.x, self._then = x, copy.copy(x)

    def changed(self) -> bool:
        """True if it holds something else now."""
        if isinstance(self.x, np.ndarray):  # compared bit by bit: nan is nan, and a Value itself
            return self.x.shape != self._then.shape or self.x.tobytes() != self._then.tobytes()
        return bool(self.x != self._then)

    def restore(self) -> None:
        """Let it hold the same again."""
        if isinstance(self.x, np.ndarray):
            np.copyto(self.x, self._then)
        elif isinstance(self.x, set | collections.deque):
            self.x.clear()
            (self.x.update if isinstance(self.x, set) else self.x.extend)(self._then)
        else:
            self.x[:] = self._then


class RandomStates:
    """The states of the random generators of Python, NumPy and this library, and of those among `others`."""

    def __init__(self, others: Iterable[Any]) -> None:
        known: list[Any] = [random, draws.generator()]
        if "numpy.random" in sys.modules:
            known += [
                np.random,
                *[x for x in others if isinstance(x, np.random.Generator | np.random.RandomState)],
            ]
        known += [x for x in others if isinstance(x, random.Random)]
        self._states = [(x, _state(x)) for x in known]

    def restore(self) -> bool:
        """Put them back; True if one was another."""
        changed = [(x, then) for x, then in self._states if pickle.dumps(_state(x)) != pickle.dumps(then)]
        for x, then in changed:
            _set_state(x, then)
        return bool(changed)


def _state(x: Any) -> Any:
    if isinstance(x, random.Random) or x is random:
        return x.getstate()
    return x.get_state() if hasattr(x, "get_state") else x.bit_generator.state


def _set_state(x: Any, state: Any) -> None:
    if isinstance(x, random.Random) or x is random:
        x.setstate(state)
    elif hasattr(x, "set_state"):
        x.set_state(state)
    else:
        x.bit_generator.state = state
