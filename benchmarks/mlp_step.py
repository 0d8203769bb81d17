"""One training step of a classifier of 28x28 pictures, in float32, at two sizes: here the numbers cost, not the engine.

784-256-128-10 with batches of 128, and 784-1024-1024-10 with batches of 256: linear layers with ReLU, cross-entropy
against class numbers, SGD. One thread each; the bars are about the same threads, not about how many.

    python benchmarks/mlp_step.py
"""
# ruff: noqa: PLC0415 - each library is loaded in its own process only

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from harness import Contestant, Question, main, ratio, timed, training_step

SMALL, LARGE = "784-256-128-10, batch 128", "784-1024-1024-10, batch 256"
SIZES = {SMALL: ((784, 256, 128, 10), 128), LARGE: ((784, 1024, 1024, 10), 256)}
LR = 0.01
BEFORE = 3  # steps, after which the losses must be the same

Step = Callable[[], float]  # returns the loss


def weights(sizes: tuple[int, ...]) -> list[np.ndarray]:
    """W and b of each layer, W of shape (out, in)."""
    rng = np.random.default_rng(0)
    found: list[np.ndarray] = []
    for n, m in pairwise(sizes):
        found += [rng.uniform(-1, 1, (m, n)) / np.sqrt(n), np.zeros(m)]
    return [w.astype(np.float32) for w in found]


def batch(sizes: tuple[int, ...], rows: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    return rng.random((rows, sizes[0]), dtype=np.float32), rng.integers(0, sizes[-1], rows)


def contestant(build: Callable[[tuple[int, ...], int], Step], quick: bool) -> Contestant:
    steps = {name: build(*size) for name, size in SIZES.items()}
    answer = sum(float([step() for _ in range(BEFORE)][-1]) for step in steps.values())
    runs = {name: timed(step, quick) for name, step in steps.items()}
    return Contestant(answer, lambda: {name: run() for name, run in runs.items()})


def ours(sizes: tuple[int, ...]) -> Callable[[Any, Any], Any]:
    import tinygrad_edu

    return training_step(tinygrad_edu, network(tinygrad_edu.nn, sizes).float(), weights(sizes), LR)


def network(nn: Any, sizes: tuple[int, ...]) -> Any:
    n, h, k, m = sizes
    return nn.Sequential(nn.Linear(n, h), nn.ReLU(), nn.Linear(h, k), nn.ReLU(), nn.Linear(k, m))


def eager(sizes: tuple[int, ...], rows: int) -> Step:
    from tinygrad_edu import tensor

    step = ours(sizes)
    x, y = map(tensor, batch(sizes, rows))
    return lambda: step(x, y)


def plan(sizes: tuple[int, ...], rows: int) -> Step:
    from tinygrad_edu import capture

    step = capture(ours(sizes), pure=True)
    x, y = batch(sizes, rows)
    return lambda: step(x, y)  # copies the batch into its place, as every step of a training does


def followed(sizes: tuple[int, ...], rows: int) -> Step:
    from tinygrad_edu import capture

    step = capture(ours(sizes))
    x, y = batch(sizes, rows)
    return lambda: step(x, y)


def pytorch(sizes: tuple[int, ...], rows: int) -> Step:
    import torch

    torch.set_num_threads(QUESTION.threads)
    step = training_step(torch, network(torch.nn, sizes), weights(sizes), LR)
    x, y = map(torch.tensor, batch(sizes, rows))
    return lambda: step(x, y).detach()


def by_hand(sizes: tuple[int, ...], rows: int) -> Step:
    x, y = batch(sizes, rows)
    parameters = weights(sizes)
    each = np.arange(rows)

    def step() -> float:
        w1, b1, w2, b2, w3, b3 = parameters
        h1 = np.maximum(x @ w1.T + b1, 0)
        h2 = np.maximum(h1 @ w2.T + b2, 0)
        z = h2 @ w3.T + b3
        shifted = z - z.max(axis=1, keepdims=True)
        e = np.exp(shifted)
        total = e.sum(axis=1, keepdims=True)
        loss = np.mean(np.log(total[:, 0]) - shifted[each, y])
        d3 = e / total
        d3[each, y] -= 1
        d3 /= rows
        d2 = d3 @ w3 * (h2 > 0)
        d1 = d2 @ w2 * (h1 > 0)
        gradients = (d1.T @ x, d1.sum(0), d2.T @ h1, d2.sum(0), d3.T @ h2, d3.sum(0))
        for w, g in zip(parameters, gradients, strict=True):
            w -= LR * g  # noqa: PLW2901 - in place
        return loss

    return step


STEPS = {
    "tinygrad_edu": eager,
    "tinygrad_edu plan": plan,
    "tinygrad_edu followed": followed,
    "PyTorch": pytorch,
    "NumPy by hand": by_hand,
}
QUESTION = Question(
    title="Training step of a multilayer perceptron, float32",
    measures={SMALL: "µs", LARGE: "µs"},
    contestants={name: partial(contestant, build) for name, build in STEPS.items()},
    claims=[
        ratio("tinygrad_edu", "PyTorch", SMALL, bar=1.15),
        ratio("tinygrad_edu", "PyTorch", LARGE, bar=1.05),
        ratio("tinygrad_edu plan", "PyTorch", SMALL, bar=1.0),
        ratio("tinygrad_edu plan", "PyTorch", LARGE, bar=1.05),
        ratio("tinygrad_edu plan", "NumPy by hand", SMALL),
        ratio("tinygrad_edu plan", "NumPy by hand", LARGE),
        ratio("tinygrad_edu", "NumPy by hand", SMALL),
        ratio("tinygrad_edu", "NumPy by hand", LARGE),
    ],
    tolerance=1e-5,
)

if __name__ == "__main__":
    main(QUESTION)
