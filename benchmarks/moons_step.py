"""One training step of micrograd's demo, number by number: two moons, 100 points, a 2-16-16-1 network.

Loss: max(0, 1 - y * score), averaged, plus 1e-4 times the sum of squares of all parameters. Both engines run the same
lines below, which are written as micrograd's own `nn` and demo are; only the class of the numbers differs.

    python benchmarks/moons_step.py
"""
# ruff: noqa: PLC0415 - each library is loaded in its own process only

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from harness import Contestant, Question, main, ratio, timed

POINTS, QUICK_POINTS = 100, 10
SIZES = (2, 16, 16, 1)
LR = 0.01

Layer = list[tuple[list[Any], Any]]  # for each neuron its weights and its bias


def moons(points: int) -> tuple[np.ndarray, np.ndarray]:
    """Two half circles with a little noise, and -1 or 1 for each point."""
    rng = np.random.default_rng(0)
    angle = np.pi * rng.random(points)
    below = np.arange(points) % 2
    x = np.stack([np.cos(angle) * (1 - 2 * below) + below, np.sin(angle) * (1 - 2 * below) + below / 2], axis=1)
    return x + 0.1 * rng.standard_normal(x.shape), 2 * below - 1


def network(number: Callable[[float], Any]) -> list[Layer]:
    rng = np.random.default_rng(1)
    return [
        [([number(float(w)) for w in rng.uniform(-1, 1, n)], number(0.0)) for _ in range(m)]
        for n, m in zip(SIZES, SIZES[1:], strict=False)
    ]


def score(layers: list[Layer], x: list[Any]) -> Any:
    for i, layer in enumerate(layers):
        sums = [sum((wi * xi for wi, xi in zip(w, x, strict=True)), b) for w, b in layer]
        x = sums if i == len(layers) - 1 else [s.relu() for s in sums]
    return x[0]


def contestant(number: Callable[[float], Any], quick: bool) -> Contestant:
    xs, ys = moons(QUICK_POINTS if quick else POINTS)
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

    step()
    answer = step()
    run = timed(step, quick)
    return Contestant(answer, lambda: {"step": run() / 1000})


def ours(quick: bool) -> Contestant:
    from tinygrad_edu import Value

    return contestant(Value, quick)


def micrograd(quick: bool) -> Contestant:
    from micrograd.engine import Value

    return contestant(Value, quick)


QUESTION = Question(
    title="Training step of micrograd's moons demo, 100 points, 2-16-16-1",
    measures={"step": "ms"},
    contestants={"tinygrad_edu": ours, "micrograd": micrograd},
    claims=[ratio("tinygrad_edu", "micrograd", "step", bar=1.0)],
)

if __name__ == "__main__":
    main(QUESTION)
