"""The inputs of a captured step: numbers, lists and arrays of them, also in dicts, namedtuples and dataclasses."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Tracer
from tinygrad_edu.plan.pytree import mapped


class Inputs:
    """All `numbers` of the inputs in one array, and the `kind`: all else, which the calls of one route share."""

    def __init__(self, inputs: tuple[Any, ...]) -> None:
        self._inputs = inputs
        self._arrays: list[np.ndarray] = []
        self.kind = [mapped(functools.partial(self._admit, i), x, inner=()) for i, x in enumerate(inputs)]

    @property
    def numbers(self) -> np.ndarray:
        """The numbers, one after the other."""
        if len(self._arrays) == 1:
            return self._arrays[0].ravel()
        return np.concatenate([np.zeros(0), *self._arrays], axis=None)

    @property
    def whole(self) -> list[bool]:
        """For each number whether it is whole, as an index is."""
        return [x.dtype.kind in "iu" for x in self._arrays for _ in range(x.size)]

    def made_of(self, numbers: Iterable[Any]) -> list[Any]:
        """The inputs with these in place of their numbers: lists, tuples and arrays as they were."""
        left = iter(numbers)

        def rebuilt(x: Any) -> Any:
            if isinstance(x, list | tuple):
                return type(x)([rebuilt(y) for y in x])
            if not isinstance(x, np.ndarray):
                return next(left)
            array = np.empty(x.shape, object)
            array.ravel()[:] = list(itertools.islice(left, array.size))
            return array

        return [mapped(rebuilt, x, inner=()) for x in self._inputs]

    def _admit(self, i: int, x: Any) -> Any:
        array = as_numbers(i, x)
        self._arrays.append(array)
        return array.shape, array.dtype.kind in "iu", type(x)


def shown(inputs: list[Any]) -> str:
    """All inputs as a text."""
    return repr(mapped(lambda x: x.tolist() if isinstance(x, np.ndarray) else x, inputs))


def as_numbers(i: int, x: Any) -> np.ndarray:
    """Input `i` as an array of real numbers."""
    try:
        array = np.asarray(x) if not isinstance(x, Tracer) else np.empty(0, object)
    except ValueError:
        raise ValueError(f"a plan needs rows of equal length in input {i}, got {short(x)}") from None
    if array.dtype.kind not in "fiub":
        raise TypeError(
            f"a plan on Values needs numbers, lists or arrays of them, but input {i} is {type(x).__name__} {short(x)}; "
            "let the step take Values and models from the code around it, and hand Tensors over as arrays"
        )
    return array
