"""Formulas computed on arrays, to show that what is written is what the engine computes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tinygrad_edu.symbolic.expression import Expression, inside_out


def evaluate(root: Any, values: Mapping[Expression, Any]) -> np.ndarray:
    """What `root` is, with `values` (arrays or numbers) for its symbols.

    Raises `KeyError` with the name of a symbol that has no value.
    """
    done: dict[int, Any] = {}
    with np.errstate(all="ignore"):
        for node in inside_out(root):
            done[id(node)] = _one(node, done, values)
    return np.asarray(done[id(root)] if isinstance(root, Expression) else root)


def _one(node: Expression, done: dict[int, Any], values: Mapping[Expression, Any]) -> np.ndarray:
    if node.operation is None:
        if node not in values:
            raise KeyError(node.name)
        return np.asarray(values[node])
    inputs = [done[id(x)] if isinstance(x, Expression) else np.asarray(x) for x in node.inputs]
    result = np.asarray(node.operation(*inputs, **node.settings))
    return result * 1.0 if result.dtype == np.bool_ else result  # a mask is a factor, 0 or 1
