"""Formulas computed on arrays, to show that a written formula gives the numbers of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinygrad_edu.ops.index import ARRAY, parts_of
from tinygrad_edu.symbolic.expression import Expression, rebuilt


def evaluate(root: Any, values: Mapping[Expression, Any]) -> np.ndarray:
    """The array of `root`, with `values` (arrays or numbers) for its symbols.

    Raises `KeyError` with the name of a symbol that has no value.
    """

    def computed(node: Expression, inputs: tuple[Any, ...]) -> np.ndarray:
        if node.operation is None:
            if node not in values:
                raise KeyError(node.name)
            result = np.asarray(values[node])
        else:
            result = np.asarray(node.operation(*_places(inputs, node.settings), **node.settings))
        return result * 1.0 if result.dtype == np.bool_ else result  # a mask is a factor, 0 or 1

    with np.errstate(all="ignore"):
        return np.asarray(rebuilt(root, computed))


def _places(inputs: tuple[Any, ...], settings: Mapping[str, Any]) -> list[Any]:
    """The inputs of an operation; a mask among the arrays of an index chooses places, and is no factor."""
    count = len(inputs) - sum(part is ARRAY for part in parts_of(settings.get("index")))
    return [*inputs[:count], *(_as_mask(np.asarray(x)) for x in inputs[count:])]


def _as_mask(array: np.ndarray) -> np.ndarray:
    return array.astype(bool) if array.dtype.kind == "f" else array
