"""An example of every operation of the tables, made from its row: a new one is benchmarked without a word said here."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from tinygrad_edu import OPERATIONS
from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops.elementwise import Elementwise

SIDE = 32
SHAPES: list[tuple[int, ...]] = [(), (SIDE, SIDE)]

# What settings of these names are usually set to, and for whom that has no meaning.
USUAL: dict[str, Any] = {
    "classes": SIDE,
    "decimals": 1,
    "dim": 1,
    "dims": (1,),
    "dtype": np.dtype(np.float32),
    "index": slice(None, None, 2),
    "keepdim": False,
    "shape": (SIDE * SIDE,),
}
UNUSUAL: dict[str, dict[str, Any]] = {
    "cast_whole": {"dtype": np.dtype(np.int64)},
    "expand": {"shape": (2, SIDE, SIDE)},
    "permute": {"dims": (1, 0)},
    "scatter": {"shape": (2 * SIDE, SIDE)},
}

CASES = [
    (name, shape)
    for name, op in OPERATIONS.items()
    for shape in SHAPES
    if shape or isinstance(op, Elementwise)
]
SLOPED = [(name, shape) for name, shape in CASES if OPERATIONS[name].differentiable]


def inputs(name: str, shape: tuple[int, ...]) -> list[np.ndarray]:
    """Numbers between 0.5 and 1.5, at which every operation is defined; whole ones for those that count classes."""
    rng = np.random.default_rng(0)
    arrays = [np.array(rng.uniform(0.5, 1.5, shape)) for _ in range(arity(OPERATIONS[name]))]
    if name == "one_hot":
        return [rng.integers(0, SIDE, SIDE)]
    if name == "where":
        return [arrays[0] > 1, *arrays[1:]]
    return [*arrays[:2], np.array(SIDE, np.float64)] if name == "cross_entropy" else arrays


def arity(op: Operation) -> int:
    """How many inputs it must have."""
    if isinstance(op, Elementwise):
        return len(op.rules)
    parameters = inspect.signature(op.forward).parameters.values()
    must = [x for x in parameters if x.kind is x.POSITIONAL_OR_KEYWORD and x.default is x.empty]
    return len(must) - (op.common is not None) or 2


def settings(name: str) -> dict[str, Any]:
    """What it is told beside its inputs."""
    op = OPERATIONS[name]
    if isinstance(op, Elementwise):
        return {}
    parameters = inspect.signature(op.forward).parameters.values()
    return {
        x.name: USUAL[x.name] for x in parameters if x.kind is x.KEYWORD_ONLY and x.name in USUAL
    } | UNUSUAL.get(name, {})
