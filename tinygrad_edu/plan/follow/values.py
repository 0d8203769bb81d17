"""The values that a recorded step works with: what each was, and whether what comes in its place will do."""

from __future__ import annotations

from enum import Enum
from typing import Any

import numpy as np

from tinygrad_edu.engine.promise import Promise
from tinygrad_edu.tensor.tensor import Tensor


class Kind(Enum):
    """Where a value comes from."""

    FIXED = "a Tensor from before the step, always the same"
    LITERAL = "a Python number, always the same"
    TENSOR = "a Tensor that may be another in every call"
    ARRAY = "an array, which may have changed even if it is the same"
    NUMBER = "a Python number that changes from call to call"
    RESULT = "computed in the step"


FREE = (Kind.TENSOR, Kind.ARRAY, Kind.NUMBER)  # inputs of the program


class Info(Promise):
    """A value of a recorded step. `number`: its place in the list of values of a call."""

    __slots__ = (
        "detachment",
        "example",
        "first",
        "inputs",
        "kind",
        "leaf",
        "number",
        "object",
        "operation",
        "owner",
        "place",
        "requires_grad",
        "source",
        "view",
        "whole",
    )

    def __init__(self, kind: Kind, owner: Any, example: Any, given: Any = None) -> None:
        self.kind, self.owner, self.example, self.object = kind, owner, example, given
        self.number = owner.enter(self)
        self.requires_grad = bool(getattr(given, "requires_grad", False))
        self.view = self.leaf = False
        self.detachment = getattr(given, "detachment", None)
        self.operation: Any = None  # that it is the result of, in a graph
        self.inputs: tuple[int, ...] = ()  # the numbers of what it was computed from
        self.whole: Any = None  # what it is a view of: see `Follower._whole`
        self.place: Any = None
        self.source: Any = None  # of a free one: the number of an argument of the step, or how it was drawn
        if kind in FREE:
            self.place = np.empty_like(example, subok=False)
            np.copyto(self.place, example)
            self.first = self.place.copy()

    def kept(self) -> Any:
        """The result itself, of a gradient that somebody reads."""
        return self.owner.placeholder(self)

    def admits(self, x: Any, values: list[Any]) -> bool:  # noqa: ARG002 - of other kinds
        """True if `x`, which is not the very value of the record, may stand in its place; free ones are put there."""
        return False

    def is_as_recorded(self, given: np.ndarray | None) -> bool:
        """True if a free value that is no argument and not drawn is what it was when it was recorded.

        `given`: what it was in this call, if the program has overwritten it since.
        """
        now = self.place if given is None else given
        return self.source is not None or now.tobytes() == self.first.tobytes()

    def _enter(self, array: np.ndarray, x: Any, values: list[Any]) -> bool:
        place = self.place
        if array.shape != place.shape or array.strides != place.strides:
            return False
        if (
            array.dtype is not place.dtype and array.dtype != place.dtype
        ):  # of another order of bytes there are many
            return False
        place[...] = array
        values[self.number] = x
        return True

    def stands_for(self, g: Any, values: list[Any]) -> bool:
        """True if `g`, the gradient of a leaf, is this value, or may be as an earlier step left it; it is put there."""
        return (g is self or g is values[self.number]) or (
            self.kind is Kind.TENSOR
            and not isinstance(g, Promise)
            and not hasattr(g, "info")
            and self._enter(getattr(g, "raw", g), g, values)
        )


class _Literal(Info):
    __slots__ = ()

    def admits(self, x: Any, values: list[Any]) -> bool:  # noqa: ARG002
        known = self.object
        if isinstance(x, np.generic):
            x = x.item()
        if x.__class__ is not known.__class__:
            return False
        return (x == known and x != 0) or repr(x) == repr(known)


class _Number(Info):
    __slots__ = ()

    def admits(self, x: Any, values: list[Any]) -> bool:
        if isinstance(x, np.generic):
            x = x.item()
        if x.__class__ is not float and x.__class__ is not int:
            return False
        self.place[...] = x
        values[self.number] = x
        return True


class _Array(Info):
    __slots__ = ()

    def admits(self, x: Any, values: list[Any]) -> bool:
        return isinstance(x, np.ndarray) and self._enter(x, x, values)


def _is_pending(x: Tensor) -> bool:
    return "info" in x.__dict__ or x.__class__.awaits is not None


class _Tensor(Info):
    __slots__ = ()

    def admits(self, x: Any, values: list[Any]) -> bool:
        if not isinstance(x, Tensor) or values[self.number] is not None or _is_pending(x):
            return False
        if x.requires_grad is not self.requires_grad or x.operation is not None:
            return False
        taken, n = self.owner.taken, self.number
        if taken.get(id(x), n) != n or not self._enter(x.raw, x, values):  # it stands in another place, too
            return False
        taken[id(x)] = n
        return True


_CLASSES = {Kind.LITERAL: _Literal, Kind.NUMBER: _Number, Kind.ARRAY: _Array, Kind.TENSOR: _Tensor}


def info_of(kind: Kind, owner: Any, example: Any, given: Any = None) -> Info:
    """A new value of the record of `owner`, a follower: `given`, of the shape and dtype of the array `example`."""
    return _CLASSES.get(kind, Info)(kind, owner, example, given)
