"""What a step on Tensors is given: of which kind it is, and the fixed places for it."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from numbers import Number
from typing import Any

import numpy as np

from tinygrad_edu.engine.grad_mode import current
from tinygrad_edu.plan.guards.compiled_guards import Tests
from tinygrad_edu.tensor.tensor import Tensor, around


class Inputs:
    """One kind of inputs: the shape, dtype and strides of arrays, and numbers and texts as they are.

    `arguments`: what the step is called with, Tensors around the fixed places. `fixed`: what is not an array.
    """

    def __init__(self, inputs: tuple[Any, ...]) -> None:
        for x in inputs:
            _check(x)
        arrays = list(map(_entered, inputs))
        self.arguments = [
            around(_alike(x.raw)) if isinstance(x, Tensor) else Tensor(y) if isinstance(y, np.ndarray) else y
            for x, y in zip(inputs, arrays)
        ]
        self.fixed = [None if isinstance(x, np.ndarray) else x for x in arrays]
        self._kinds = [(x.shape, x.dtype, x.strides) if isinstance(x, np.ndarray) else None for x in arrays]
        self._recording = current().recording

    def tensors(self) -> list[Tensor]:
        """The fixed places."""
        return [x for x in self.arguments if isinstance(x, Tensor)]

    def arrays(self, inputs: tuple[Any, ...]) -> list[Any] | None:
        """Other inputs as arrays, if they are of this kind and nobody watches."""
        modes = current()
        if len(inputs) != len(self._kinds) or modes.recording is not self._recording or modes.watchers:
            return None
        arrays = []
        for one, kind, fixed in zip(inputs, self._kinds, self.fixed):
            x = one.raw if isinstance(one, Tensor) else _plain(one)
            if x.__class__ is not np.ndarray:
                if kind is not None or not _is_same(x, fixed):
                    return None
            elif kind is None or x.shape != kind[0] or x.dtype != kind[1]:
                return None
            elif x.strides != kind[2] and _entered(one).strides != kind[2]:
                return None  # in another order of memory, sums would differ in the last bits
            arrays.append(x)
        return arrays

    def names(self) -> list[str]:
        """What `tests` calls them."""
        return [f"x{i}" for i in range(len(self._kinds))]

    def add_to(self, tests: Tests) -> None:
        """The same in the form that most inputs have: what fails may still be of this kind."""
        tests.that(f"(modes := {{0}}()).recording is {self._recording} and not modes.watchers", current)
        for x, kind, fixed in zip(self.names(), self._kinds, self.fixed):
            if kind is None and _by_text(fixed):
                tests.that(f"{x}.__class__ is {{0}} and repr({x}) == {{1}}", fixed.__class__, repr(fixed))
            elif kind is None:
                tests.that(f"{x}.__class__ is {{0}} and {x} == {{1}}", fixed.__class__, fixed)
            else:
                array = f"({x} := {x} if {x}.__class__ is {{3}} else {x}.raw)"
                tests.that(
                    f"{array}.shape == {{0}} and {x}.dtype is {{1}} and {x}.strides == {{2}}",
                    *kind,
                    np.ndarray,
                )

    def enter(self, arrays: Sequence[Any]) -> None:
        """Put arrays into the fixed places."""
        for place, array in zip(self.arguments, arrays):
            if isinstance(place, Tensor):
                place.raw[...] = array


def _entered(x: Any) -> Any:
    """An input as an array in the order of memory in which the step would find it: arrays are copied by Tensors."""
    if isinstance(x, Tensor):
        return x.raw
    x = _plain(x)
    return np.array(x) if isinstance(x, np.ndarray) and not x.flags.forc else x


def _plain(x: Any) -> Any:
    """An array of a class of its own, such as a memmap, as a plain one; one with a mask is not for Tensors."""
    wrapped = isinstance(x, np.ndarray) and x.__class__ is not np.ndarray
    return np.asarray(x) if wrapped and not isinstance(x, np.ma.MaskedArray) else x


def _is_same(x: Any, fixed: Any) -> bool:
    """Whether the step does the same with an input that is not an array."""
    if x.__class__ is not fixed.__class__:
        return False
    return x is fixed or (repr(x) == repr(fixed) if _by_text(fixed) else bool(x == fixed))


def _by_text(fixed: Any) -> bool:
    """Whether only its text tells a number from others: 0.0 equals -0.0, and nan not even itself."""
    if isinstance(fixed, float | np.floating):
        return bool(fixed == 0 or np.isnan(fixed))
    return isinstance(fixed, Number) and not isinstance(fixed, int | np.integer)


def _alike(array: np.ndarray) -> np.ndarray:
    """A copy with the same strides, as matrix products of slices may differ in the last bits from those of copies."""
    low, high = np.lib.array_utils.byte_bounds(array)
    start = array.__array_interface__["data"][0] - low
    copy = np.ndarray(array.shape, array.dtype, np.empty(high - low, np.uint8), start, array.strides)
    copy[...] = array
    return copy


def _check(x: Any) -> None:
    if not isinstance(x, Tensor | np.ndarray | Hashable):
        raise TypeError(
            f"a plan needs Tensors, arrays and numbers, got {type(x).__name__} {x!r}; use np.array"
        )
    if isinstance(x, Tensor) and x.requires_grad:
        raise ValueError(f"a plan needs inputs without a gradient, got {x.described()}; use a parameter")
