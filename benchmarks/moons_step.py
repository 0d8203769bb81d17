"""One training step of micrograd's demo, number by number: two moons, 100 points, a 2-16-16-1 network.

Loss: max(0, 1 - y * score), averaged, plus 1e-4 times the sum of squares of all parameters. Both engines run the same
lines below, which are written as micrograd's own `nn` and demo are; only the class of the numbers differs. The plan is
of the whole step, updates included, without the checks by its Python, which become ever rarer.

Each runs twice, as the answers differ. A node of micrograd is part of a reference cycle, which only the garbage
collector frees: with the collector on, as people run it, most of micrograd's step is collecting, and how much depends
on what else the process holds. With it off (it runs between the rounds) the engines themselves are compared.

    python benchmarks/moons_step.py
"""
# ruff: noqa: PLC0415 - each library is loaded in its own process only

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from harness import Contestant, Numbers, Question, alone, main, ratio, timed

POINTS, QUICK_POINTS = 100, 10
SIZES = (2, 16, 16, 1)
LR = 0.01

Step = Callable[[], float]  # returns the loss
Layer = list[tuple[list[Any], Any]]  # for each neuron its weights and its bias


def moons(points: int) -> tuple[np.ndarray, list[float]]:
    """Two half circles with a little noise, and -1 or 1 for each point."""
    rng = np.random.default_rng(0)
    angle = np.pi * rng.random(points)
    below = np.arange(points) % 2
    x = np.stack(
        [np.cos(angle) * (1 - 2 * below) + below, np.sin(angle) * (1 - 2 * below) + below / 2], axis=1
    )
    return x + 0.1 * rng.standard_normal(x.shape), [float(2 * b - 1) for b in below]


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


def contestant(build: Callable[[int], Step], collector: bool, quick: bool) -> Contestant:
    if not collector:
        gc.disable()
    step = build(QUICK_POINTS if quick else POINTS)
    step()
    answer = step()
    run = timed(step, quick)

    def round_() -> Numbers:
        if not collector:
            gc.collect()  # between rounds, not timed
        return {"step": run() / 1000}

    return Contestant(answer, round_)


def objective(layers: list[Layer], inputs: list[list[Any]], ys: list[float]) -> Any:
    scores = [score(layers, x) for x in inputs]
    losses = [(1 + -y * s).relu() for y, s in zip(ys, scores, strict=True)]
    squares = [p * p for p in parameters_of(layers)]
    return sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(squares)


def parameters_of(layers: list[Layer]) -> list[Any]:
    return [p for layer in layers for w, b in layer for p in (*w, b)]


def descent(
    layers: list[Layer], number: Callable[[float], Any], points: int, wrap: Callable[[Any], Any]
) -> Step:
    """One step of gradient descent, whose Python `wrap` may replace; returns the loss."""
    xs, ys = moons(points)
    parameters = parameters_of(layers)

    def step(inputs: Any, signs: list[float]) -> Any:
        loss = objective(layers, [[number(float(x)) for x in row] for row in inputs], signs)
        for p in parameters:
            p.grad = 0.0
        loss.backward()
        for p in parameters:
            p.data -= LR * p.grad
        return loss

    run = wrap(step)
    return lambda: float(run(xs, ys).data)


def ours(points: int) -> Step:
    from tinygrad_edu import Value

    return descent(network(Value), Value, points, lambda step: step)


def plan(points: int, engine: str = "numpy") -> Step:
    from tinygrad_edu import Value, capture

    return descent(network(Value), Value, points, partial(capture, engine=engine, check="never"))


def plan_in_c(points: int) -> Step:
    return plan(points, "c")


def micrograd(points: int) -> Step:
    from micrograd.engine import Value

    return descent(network(Value), Value, points, lambda step: step)


STEPS = {
    "tinygrad_edu": ours,
    "tinygrad_edu plan": plan,
    "tinygrad_edu in C": plan_in_c,
    "micrograd": micrograd,
}
OFF = ", collector off"
QUESTION = Question(
    title="Training step of micrograd's moons demo, 100 points, 2-16-16-1",
    measures={"step": "ms"},
    contestants={
        **{name: partial(contestant, build, True) for name, build in STEPS.items()},
        **{name + OFF: partial(contestant, build, False) for name, build in STEPS.items()},
    },
    claims=[
        ratio("tinygrad_edu", "micrograd", "step", bar=0.15),
        ratio("tinygrad_edu plan", "micrograd", "step", bar=0.02),
        ratio("tinygrad_edu in C", "tinygrad_edu plan", "step", bar=0.3),
        alone("tinygrad_edu in C", "step", "ms", bar=0.06),
        ratio("tinygrad_edu plan" + OFF, "micrograd" + OFF, "step", bar=0.02),
        ratio("tinygrad_edu" + OFF, "micrograd" + OFF, "step", bar=0.9),
    ],
)

if __name__ == "__main__":
    main(QUESTION)
