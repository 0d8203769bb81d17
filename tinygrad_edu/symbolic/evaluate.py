"""Formulas computed on arrays, to show that a written formula gives the numbers of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinygrad_edu.symbolic.expression import Expression, rebuilt


def evaluate(root: Any, values: Mapping[Expression, Any]) -> np.ndarray:
    """The array of `root`, with `values` (arrays or numbers) for its symbols.

    Raises `KeyError` with the name of a symbol that has no value.
    """

    def chosen(node: Expression, x: Any, array: Any) -> np.ndarray:
        """The numbers of an input of `node`; a mask that chooses places is no factor."""
        mask = values.get(x) if "index" in node.settings and isinstance(x, Expression) else None
        return mask if isinstance(mask, np.ndarray) and mask.dtype == np.bool_ else np.asarray(array)

    def computed(node: Expression, inputs: tuple[Any, ...]) -> np.ndarray:
        if node.operation is None:
            if node not in values:
                raise KeyError(node.name)
            result = np.asarray(values[node])
        else:
            arrays = [chosen(node, x, array) for x, array in zip(node.inputs, inputs)]
            result = np.asarray(node.operation(*arrays, **node.settings))
        return result * 1.0 if result.dtype == np.bool_ else result  # a mask is a factor, 0 or 1

    with np.errstate(all="ignore"):
        return np.asarray(rebuilt(root, computed))
