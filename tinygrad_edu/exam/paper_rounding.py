"""The intervals in which results may lie: weights printed to 2 or 4 decimals stand for many weights.

The box of all weights that round to the printed ones is known. For a result y, the engine's derivatives say
in which corner of it y is greatest to first order: each weight moves by its half unit in the direction of
dy/dw. There y is computed exactly, and the derivatives once more, until no corner so found is better.

Guaranteed: every number between the smallest and the greatest is reached by some weights in the box, as y is
continuous. Not guaranteed, but sampled: that none outside is reached. `sampled` tries random corners.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tinygrad_edu.exam.network import NeuralNetwork
from tinygrad_edu.exam.problem3 import Measures, Parameters, Start, network
from tinygrad_edu.tensor.tensor import Tensor


class Interval(NamedTuple):
    """The smallest and the greatest a result may be, number by number."""

    low: np.ndarray
    high: np.ndarray


def attained(measures: Measures, start: Start) -> dict[str, Interval]:
    """The interval of each result that weights within `start` give for certain: all between two corners of the box."""
    intervals = {}
    for name, result in measures(network(start.centre)).items():
        ends = [[_extreme(measures, name, i, start, side) for side in (-1, 1)] for i in range(result.numel())]
        low, high = np.array(ends).T
        intervals[name] = Interval(low.reshape(result.shape), high.reshape(result.shape))
    return intervals


def _extreme(measures: Measures, name: str, i: int, start: Start, side: int) -> float:
    """The greatest (side 1) or smallest (-1) number i of the result: from corner to better corner."""
    best, point = -np.inf, start.centre
    while True:
        here = network(point)
        result = measures(here)[name]
        value = side * result.raw.flat[i]
        if value <= best:
            return side * best
        best, point = value, _corner(start, _slopes(result, i, here), side)


def _slopes(result: Tensor, i: int, network: NeuralNetwork) -> Parameters:
    """d (number i of the result) / d (every parameter), by the engine."""
    parameters = [*network.weights, *network.biases]
    for p in parameters:
        p.zero_grad()
    result.reshape(-1)[i].backward()
    return Parameters(*(np.zeros(p.shape) if p.grad is None else np.array(p.grad) for p in parameters))


def _corner(start: Start, directions: Parameters, side: int) -> Parameters:
    parts = zip(start.centre, start.radius, directions, strict=True)
    return Parameters(*(centre + side * radius * np.sign(d) for centre, radius, d in parts))


def sampled(measures: Measures, start: Start, count: int, rng: np.random.Generator) -> dict[str, Interval]:
    """The smallest and greatest results in `count` random corners of the box."""
    seen: dict[str, list[np.ndarray]] = {}
    for _ in range(count):
        directions = Parameters(*(rng.choice([-1.0, 1.0], centre.shape) for centre in start.centre))
        for name, result in measures(network(_corner(start, directions, 1))).items():
            seen.setdefault(name, []).append(result.raw)
    return {name: Interval(np.min(values, axis=0), np.max(values, axis=0)) for name, values in seen.items()}
