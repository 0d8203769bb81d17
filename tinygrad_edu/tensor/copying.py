"""Leaves copied by `copy` and `pickle`, with what belongs to them and without hooks into other graphs."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Self, cast

import numpy as np

from tinygrad_edu.engine.graph import Variable


class Copying(Variable):
    """A leaf is copied with its numbers, name, gradient and a user's attributes; a result is refused."""

    def __reduce__(self) -> tuple[Any, ...]:
        self._check_leaf()
        return _rebuilt, (type(self), self.raw, self.requires_grad, self.name), self._attributes()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        self._check_leaf()
        result = _rebuilt(type(self), self.raw, self.requires_grad, self.name)
        if self._grad is not None:
            result._grad = _rebuilt(
                self.result_kind, np.asarray(getattr(self._grad, "raw", self._grad)), False, None
            )
        memo[id(self)] = result
        vars(result).update(deepcopy(self._attributes(), memo))
        return cast("Self", result)

    def _attributes(self) -> dict[str, Any]:
        """The attributes that a user's program has set: those that no tensor has of itself."""
        return {key: x for key, x in vars(self).items() if key != "raw" and not hasattr(type(self), key)}

    def _check_leaf(self) -> None:
        if self.operation is not None:
            raise RuntimeError(
                "copying and pickling need a leaf, but this tensor was computed; use x.detach()"
            )


def _rebuilt(kind: Any, array: np.ndarray, requires_grad: bool, name: str | None) -> Any:
    tensor = kind.__new__(kind)
    tensor.raw = np.array(array)
    tensor.requires_grad = requires_grad
    tensor.name = name
    return tensor
