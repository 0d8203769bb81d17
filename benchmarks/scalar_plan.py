"""The moons step of micrograd's demo on single numbers: a plan, the scalar engine and micrograd, run interleaved.

100 samples, a 2-16-16-1 network, max-margin loss with L2, zeroing, gradients and update: the same numbers in all
three. micrograd has no tanh, so there the plan is compared with the scalar engine only.

    python benchmarks/scalar_plan.py
"""

from __future__ import annotations

import gc
import itertools
import random
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from micrograd import engine

from tinygrad_edu import Value
from tinygrad_edu.plan.values import capture_values

SIZES = (2, 16, 16, 1)


def two_moons(count: int) -> tuple[list[list[float]], list[int]]:
    rng = np.random.default_rng(0)
    angle, label = rng.uniform(0, np.pi, count), rng.choice([-1, 1], count)
    below = label < 0
    X = np.stack([np.cos(angle) + below, label * np.sin(angle) + 0.5 * below], axis=1)
    return (X + rng.normal(scale=0.1, size=X.shape)).tolist(), label.tolist()


X, Y = two_moons(100)


class MLP:
    """micrograd's network, made of Values of either engine."""

    def __init__(self, value: Callable[[float], Any], activation: str) -> None:
        rng = random.Random(0)
        self.value = value
        self.activation = activation
        self.layers = [
            [([value(rng.uniform(-1, 1)) for _ in range(n)], value(0.0)) for _ in range(m)]
            for n, m in itertools.pairwise(SIZES)
        ]
        self.parameters = [p for layer in self.layers for w, b in layer for p in (*w, b)]

    def __call__(self, x: list[Any]) -> Any:
        for layer in self.layers:
            x = [sum((wi * xi for wi, xi in zip(w, x, strict=True)), b) for w, b in layer]
            if layer is not self.layers[-1]:
                x = [getattr(z, self.activation)() for z in x]
        return x[0]

    def loss(self, X: list[list[float]], Y: list[int]) -> Any:
        scores = [self([self.value(x) for x in row]) for row in X]
        losses = [(1 + -y * score).relu() for y, score in zip(Y, scores, strict=True)]
        return sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in self.parameters)


def step(model: MLP, run: Callable[..., Any], planned: bool = False) -> float:
    for p in model.parameters:
        p.grad = 0.0
    loss = run(X, Y)
    if not planned:
        loss.backward()
    for p in model.parameters:
        p.data -= 0.1 * p.grad
    return loss.data


def seconds(action: Callable[[], Any]) -> float:
    gc.collect()  # micrograd's graphs are circular: let nobody pay for what another has left behind
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def compare(activation: str, rounds: int) -> None:
    models = {name: MLP(Value, activation) for name in ("plan", "scalar engine")}
    runs = {"plan": capture_values(models["plan"].loss, X, Y), "scalar engine": models["scalar engine"].loss}
    if activation == "relu":
        models["micrograd"] = MLP(engine.Value, activation)
        runs["micrograd"] = models["micrograd"].loss
    times: dict[str, list[float]] = {name: [] for name in (*runs, "capture")}
    losses: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():

            def one(name: str = name, run: Callable[..., Any] = run) -> None:
                losses[name].append(step(models[name], run, name == "plan"))

            times[name].append(seconds(one))
        times["capture"].append(seconds(lambda: capture_values(models["plan"].loss, X, Y)))
    for name in runs:
        np.testing.assert_allclose(losses[name], losses["plan"], rtol=1e-9)
    report(activation, times, runs["plan"])


def report(activation: str, times: dict[str, list[float]], plan: Any) -> None:
    print(f"moons step, 2-16-16-1 {activation}: {plan}")
    median = {name: float(np.median(found)) for name, found in times.items()}
    for name, found in times.items():
        low, high = np.percentile(found, [25, 75]) * 1e3
        print(f"  {name:14} {median[name] * 1e3:8.2f} ms (middle half {low:.2f} to {high:.2f})")
    pairs = [("plan", "scalar engine"), ("plan", "micrograd"), ("scalar engine", "micrograd")]
    for this, other in [*pairs, ("capture", "scalar engine")]:
        if other in median:
            print(f"  {this} / {other}: {median[this] / median[other]:.4f}")


def main(rounds: int = 15) -> None:
    compare("relu", rounds)
    compare("tanh", rounds)


if __name__ == "__main__":
    main()
