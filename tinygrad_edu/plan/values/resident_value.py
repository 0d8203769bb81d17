"""Values whose data and gradient stand in the memory of a plan, where its program works on them.

A step has hundreds of parameters or thousands, and to copy each in and out would take longer than its arithmetic. So
while a plan replays, the class of its parameters is another: reading or writing `data` and `grad` goes to the memory.
Whoever asks such a Value for its `__class__` is told Value: the scalar engine works with it as with any other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.scalar import Value

set_class = vars(object)["__class__"].__set__


class Memory:
    """Numbers side by side: data and gradient of each Value that resides here, one after the other.

    `version` grows when a Value leaves.
    """

    def __init__(self) -> None:
        self.array = np.zeros(0)
        self.numbers: Any = self.array.data
        self.version = 0
        self._free: list[int] = []

    def admit(self, values: Sequence[Value]) -> None:
        """Let Values reside here. Raises `TypeError` if one holds no number."""
        strangers = [x for x in values if memory_of(x) is not self]
        found = [(float(x.data), float(x.grad)) for x in strangers]
        self._grow(2 * (len(found) - len(self._free)))
        leave(strangers)
        for x, numbers in zip(strangers, found):
            x._x, x._z = self._free.pop(), self  # slots that a leaf does not use
            self.numbers[x._x], self.numbers[x._x + 1] = numbers
            set_class(x, ResidentValue)

    def places(self, values: Sequence[Value]) -> np.ndarray:
        """Where the data of each stands; the gradient stands behind it."""
        return np.array([x._x for x in values], np.intp)

    def release(self, x: Value) -> None:
        """Forget a Value."""
        self._free.append(int(x._x))
        self.version += 1

    def _grow(self, count: int) -> None:
        if count > 0:
            size = len(self.array)
            self.array = np.concatenate([self.array, np.zeros(count)])
            self.numbers = self.array.data
            self._free = [*range(size + count - 2, size - 2, -2), *self._free]


class ResidentValue(Value):
    """A leaf that resides in a `Memory`, at the place kept in `_x`."""

    __slots__ = ()

    __class__: Any = property(lambda _self: Value)

    @property
    def data(self) -> Any:
        """The number."""
        return self._z.numbers[self._x]

    @data.setter
    def data(self, x: Any) -> None:
        try:
            self._z.numbers[self._x] = x
        except TypeError:  # no number; it is kept as in any other Value
            leave([self])
            self.data = x

    @property
    def grad(self) -> Any:
        """The gradient."""
        return self._z.numbers[self._x + 1]

    @grad.setter
    def grad(self, x: Any) -> None:
        try:
            self._z.numbers[self._x + 1] = x
        except TypeError:
            leave([self])
            self.grad = x


def memory_of(x: Value) -> Memory | None:
    """Where a Value resides."""
    return x._z if type(x) is ResidentValue else None


def leave(values: Iterable[Value]) -> None:
    """Make ordinary Values of those that reside in a memory."""
    for x in values:
        memory = memory_of(x)
        if memory is not None:
            data, grad = x.data, x.grad
            memory.release(x)
            set_class(x, Value)
            x.data, x.grad = data, grad
