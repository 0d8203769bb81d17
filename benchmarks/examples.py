"""An example of every operation of the tables: a new one is benchmarked without a word said here."""

from __future__ import annotations

from typing import Any

import numpy as np

from tinygrad_edu import OPERATIONS
from tinygrad_edu.ops.elementwise import Elementwise, flat, flat_of_two
from tinygrad_edu.ops.examples import example
from tinygrad_edu.ops.special_functions import unknown_derivative

SIDE = 32
SHAPES: list[tuple[int, ...]] = [(), (SIDE, SIDE)]
CASES = [
    (name, shape)
    for name, op in OPERATIONS.items()
    for shape in SHAPES
    if shape or isinstance(op, Elementwise)
]
FLAT = {flat, flat_of_two, unknown_derivative}  # rules without a slope to be seen
SLOPED = [
    (name, shape)
    for name, shape in CASES
    if OPERATIONS[name].differentiable and OPERATIONS[name].rules[0] not in FLAT
]


def inputs(name: str, shape: tuple[int, ...]) -> list[np.ndarray]:
    """The inputs of the example, or single numbers; what `where` decides by is a mask."""
    arrays = example(OPERATIONS[name], SIDE)[0]
    arrays = arrays if shape else [np.array(x.flat[0]) for x in arrays]
    return [arrays[0] > 1, *arrays[1:]] if name == "where" else arrays


def settings(name: str) -> dict[str, Any]:
    """The settings of the operation."""
    return example(OPERATIONS[name], SIDE)[1]
