"""The shape of a result from the shapes of its inputs: by the shape rule of the operation, without computing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.engine.readings import Shape
from tinygrad_edu.ops.elementwise import Elementwise

MAX_NUMBERS_TRIED = 100_000  # on which an operation without a shape rule is tried out


def shape_of(operation: Operation, shapes: Sequence[Shape], settings: dict[str, Any]) -> Shape:
    """The shape of `operation` on arrays of these `shapes`: by its rule, else by a trial on arrays of ones.

    Raises `NotImplementedError` for large arrays without a rule, `ValueError` if the shapes do not fit.
    """
    rule = operation.readings.shape
    if rule is not None:
        return rule(*shapes, **settings)
    if isinstance(operation, Elementwise):
        return np.broadcast_shapes(*shapes)
    if sum(map(math.prod, shapes)) > MAX_NUMBERS_TRIED:
        raise NotImplementedError(operation.name)
    return np.shape(operation(*map(np.ones, shapes), **settings))
