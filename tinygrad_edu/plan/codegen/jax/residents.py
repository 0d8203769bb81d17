"""Tensors whose numbers are on a device of JAX: they come back when somebody reads them, or may write them.

Such a Tensor has a class of its own, in which `raw`, the array, is a property; everything in the library reads numbers
by it. Reading brings the numbers to the array where they were before, makes the Tensor what it was, and tells the
program that had them, which takes them to the device again before its next run. So no Tensor that is not on a device
pays anything.
"""

from __future__ import annotations

import functools
import gc
from collections.abc import Iterable, Iterator
from sys import getrefcount
from typing import Any
from weakref import ref

import numpy as np

from tinygrad_edu.plan.follow.graphless import GONE, LEAF, Walked
from tinygrad_edu.plan.follow.placeholder import awaiting
from tinygrad_edu.plan.recording import memory_of
from tinygrad_edu.tensor.tensor import Tensor

RESIDENTS: dict[int, Resident] = {}  # of Tensors that are on a device, by id


class Resident:
    """A Tensor on a device, and others in its memory: the holder knows its numbers, and its gradient, by `place`."""

    __slots__ = ("holder", "place", "tensors")

    def __init__(self, tensor: Tensor, holder: Any, place: Any) -> None:
        self.tensors: list[Tensor] = []
        self.holder, self.place = holder, place
        self.also(tensor)

    def also(self, x: Tensor) -> None:
        """Let a Tensor in the same memory come back with this one."""
        self.tensors.append(x)
        RESIDENTS[id(x)] = self
        x.__class__ = _resident(x.__class__)

    def leave(self) -> None:
        """Let all be ordinary Tensors again, with the numbers of now."""
        for x in self.tensors:
            del RESIDENTS[id(x)]
            object.__setattr__(x, "__class__", type(x).__mro__[2])
        self.holder.give_back(self.place)


@functools.cache
def _resident(kind: Any) -> Any:
    """The class of a `kind` whose numbers are on a device."""

    def leave(self: Any) -> None:
        RESIDENTS[id(self)].leave()

    def computed(name: str) -> property:
        def get(self: Any) -> Any:
            leave(self)
            return getattr(self, name)

        return property(get)

    def put(self: Any, name: str, value: Any) -> None:  # `requires_grad`, or a hook: the plan must look again
        leave(self)
        setattr(self, name, value)

    def reduced(self: Any, protocol: Any) -> Any:
        leave(self)
        return self.__reduce_ex__(protocol)

    def copied(self: Any, memo: Any) -> Any:
        leave(self)
        return self.__deepcopy__(memo)

    space = {
        "raw": computed("raw"),
        "_grad": computed("_grad"),
        "__setattr__": put,
        "__reduce_ex__": reduced,
        "__deepcopy__": copied,
        "__module__": kind.__module__,
    }
    return type(kind)(kind.__name__, (awaiting(None, kind),), space)


def all_leave() -> None:
    """Bring the numbers of all Tensors back, as somebody reads arrays who does not ask for them."""
    while RESIDENTS:
        next(iter(RESIDENTS.values())).leave()


class Result(awaiting(None, Tensor)):  # type: ignore[misc]
    """What a step returned, on the device until somebody reads it."""

    form = property(lambda self: vars(self)["example"])

    @property
    def raw(self) -> Any:
        return self._arrived().raw

    @raw.setter
    def raw(self, value: Any) -> None:
        self._arrived().raw = value

    @property
    def _grad(self) -> Any:
        return self._arrived()._grad

    @_grad.setter
    def _grad(self, value: Any) -> None:
        self._arrived()._grad = value

    def __reduce_ex__(self, protocol: Any) -> Any:
        return self._arrived().__reduce_ex__(protocol)

    def __deepcopy__(self, memo: Any) -> Any:
        return self._arrived().__deepcopy__(memo)

    def _arrived(self) -> Any:
        """The same Tensor, with its numbers."""
        own: dict[str, Any] = self.__dict__
        del own["example"]
        array = np.array(own.pop("device"))
        kind: Any = Walked if self.requires_grad else Tensor
        self.__class__ = kind
        self.raw = array
        return self


Result.__name__ = "Tensor"
_new = object.__new__


def result(array: Any, example: np.ndarray, needs_graph: bool) -> Result:
    """A Tensor around an array on a device."""
    x: Result = _new(Result)
    own = x.__dict__
    own["device"], own["example"] = array, example
    if needs_graph:
        own["requires_grad"], own["operation"], own["_first"] = True, GONE, LEAF
    return x


class Sharers:
    """Who else has a Tensor in the memory of these: `w.detach()`, or what `state_dict()` gave."""

    def __init__(self, tensors: Iterable[Tensor]) -> None:
        self._tensors = list(tensors)
        self._arrays = [vars(x)["raw"] for x in self._tensors]
        self._counts: list[int] = []
        self._known: list[tuple[int, ref[Tensor]]] = []

    def at_home(self) -> Iterator[tuple[int, Tensor]]:
        """Tensors in the memory of these, with the number of the one whose memory it is, that are not on a device.

        The collector is asked for them only if the memory has not as many references as when it was asked last.
        """
        counts = [getrefcount(_owner(array)) for array in self._arrays]
        if counts != self._counts:
            self._counts, self._known = counts, [(n, ref(x)) for n, x in self._search()]
        for number, known in self._known:
            x = known()
            if x is not None and id(x) not in RESIDENTS:
                yield number, x

    def _search(self) -> Iterator[tuple[int, Tensor]]:
        owners = {id(_owner(array)): number for number, array in enumerate(self._arrays)}
        own = set(map(id, self._tensors))
        for x in gc.get_objects():
            if issubclass(type(x), Tensor) and id(x) not in own and (array := vars(x).get("raw")) is not None:
                number = owners.get(id(_owner(array)))
                if number is not None:
                    yield number, x


def _owner(array: np.ndarray) -> np.ndarray:
    *_, owner = memory_of(array)
    return owner
