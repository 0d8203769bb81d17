"""One training step of micrograd's demo, number by number: two moons, 100 points, a 2-16-16-1 network.

Loss: max(0, 1 - y * score), averaged, plus 1e-4 times the sum of squares of all parameters. Both engines run the same
lines below, which are written as micrograd's own `nn` and demo are; only the class of the numbers differs.

    python benchmarks/moons_step.py
"""
# ruff: noqa: PLC0415 - each library is loaded in its own process only

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from harness import Contestant, Question, main, ratio, timed

POINTS, QUICK_POINTS = 100, 10
SIZES = (2, 16, 16, 1)
LR = 0.01

Step = Callable[[], float]  # returns the loss
Layer = list[tuple[list[Any], Any]]  # for each neuron its weights and its bias


def moons(points: int) -> tuple[np.ndarray, np.ndarray]:
    """Two half circles with a little noise, and -1 or 1 for each point."""
    rng = np.random.default_rng(0)
    angle = np.pi * rng.random(points)
    below = np.arange(points) % 2
    x = np.stack(
        [np.cos(angle) * (1 - 2 * below) + below, np.sin(angle) * (1 - 2 * below) + below / 2], axis=1
    )
    return x + 0.1 * rng.standard_normal(x.shape), 2 * below - 1


def network(number: Callable[[float], Any]) -> list[Layer]:
    rng = np.random.default_rng(1)
    return [
        [([number(float(w)) for w in rng.uniform(-1, 1, n)], number(0.0)) for _ in range(m)]
        for n, m in pairwise(SIZES)
    ]


def score(layers: list[Layer], x: list[Any]) -> Any:
    for i, layer in enumerate(layers):
        sums = [sum((wi * xi for wi, xi in zip(w, x, strict=True)), b) for w, b in layer]
        x = sums if i == len(layers) - 1 else [s.relu() for s in sums]
    return x[0]


def contestant(build: Callable[[int], Step], quick: bool) -> Contestant:
    step = build(QUICK_POINTS if quick else POINTS)
    step()
    answer = step()
    run = timed(step, quick)
    return Contestant(answer, lambda: {"step": run() / 1000})


def eager(number: Callable[[float], Any], points: int) -> Step:
    xs, ys = moons(points)
    layers = network(number)
    parameters = [p for layer in layers for w, b in layer for p in (*w, b)]

    def step() -> float:
        inputs = [[number(float(x)) for x in row] for row in xs]
        scores = [score(layers, x) for x in inputs]
        losses = [(1 + -float(y) * s).relu() for y, s in zip(ys, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in parameters)
        for p in parameters:
            p.grad = 0.0
        loss.backward()
        for p in parameters:
            p.data -= LR * p.grad
        return loss.data

    return step


def ours(points: int) -> Step:
    from tinygrad_edu import Value

    return eager(Value, points)


def micrograd(points: int) -> Step:
    from micrograd.engine import Value

    return eager(Value, points)


STEPS = {"tinygrad_edu": ours, "micrograd": micrograd}
QUESTION = Question(
    title="Training step of micrograd's moons demo, 100 points, 2-16-16-1",
    measures={"step": "ms"},
    contestants={name: partial(contestant, build) for name, build in STEPS.items()},
    claims=[ratio("tinygrad_edu", "micrograd", "step", bar=1.0)],
)

if __name__ == "__main__":
    main(QUESTION)
