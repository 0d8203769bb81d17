"""Formulas as a list of instructions, for a machine that knows the operations by name: the JavaScript of a page.

    ["multiply", [0, [2.0]]]      the numbers in slot 0 times 2; the result goes into the next free slot

What is computed comes from the operations and their rules, run on symbols; the machine adds nothing but arithmetic.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.ops import OPERATIONS
from tinygrad_edu.ops.index import filled
from tinygrad_edu.symbolic.expression import Expression, inside_out

MOST_PLACES = 5_000  # elements that an index picks

Instruction = list[Any]


class Instructions:
    """`lines`, and the slot of each symbol (`slots`, by id): first those that are `given`, then whatever is computed.

    `values` are the arrays of symbols that stay as they are, for indices that were computed.
    """

    def __init__(self, given: Sequence[Expression], values: Mapping[Expression, Any] | None = None) -> None:
        self.lines: list[Instruction] = []
        self.slots = {id(x): i for i, x in enumerate(given)}
        self._given = len(given)
        self._values = values or {}

    def compute(self, formula: Expression, name: Expression | None = None) -> int:
        """Append what computes `formula`, whose symbols have slots. Its slot, that of `name` from now on.

        Raises `NotImplementedError` for an operation that the machine does not know.
        """
        done: dict[int, Any] = {}
        for node in inside_out(formula):
            done[id(node)] = self.slots[id(node)] if node.operation is None else self._append(node, done)
        if name is not None:
            self.slots[id(name)] = done[id(formula)]
        return int(done[id(formula)])

    def _append(self, node: Expression, done: dict[int, Any]) -> int:
        assert node.operation is not None
        if OPERATIONS.get(node.operation.name) is not node.operation:
            raise NotImplementedError(node.operation.name)
        inputs = [done[id(x)] if isinstance(x, Expression) else [_number(x)] for x in node.inputs]
        settings = self._settings(node)
        line = [node.operation.name, inputs[:1] if "places" in settings else inputs]
        self.lines.append([*line, settings] if settings else line)
        return self._given + len(self.lines) - 1

    def _settings(self, node: Expression) -> dict[str, Any]:
        assert node.operation is not None
        name, settings = node.operation.name, dict(node.settings)
        if name in ("reshape", "expand"):
            return {"shape": node.shape}
        if name in ("take", "scatter"):
            return {"shape": node.shape, "places": self._places(node)}
        if name in ("cast", "cast_whole"):
            raise NotImplementedError(name)
        return settings

    def _places(self, node: Expression) -> list[int]:
        """Where in the larger array, row by row, the elements are that an index picks."""
        shape = node.inputs[0].shape if "shape" not in node.settings else node.settings["shape"]
        arrays = tuple(np.asarray(self._values[x]) for x in node.inputs[1:])
        all_places = np.arange(math.prod(shape)).reshape(shape)
        places = np.asarray(all_places[filled(node.settings["index"], arrays)])
        if places.size > MOST_PLACES:
            raise NotImplementedError("an index of so many elements")
        return [int(place) for place in places.ravel()]


def _number(x: Any) -> Any:
    """JSON knows no NaN and no infinity."""
    return x if math.isfinite(x) else str(float(x))
