"""One training step of the exam's Problem 3 network: forward, softmax cross-entropy, backward, SGD.

6x3 input, a 3-2-3 network with a sigmoid, float64: the numbers are few, so this is the cost of the engine itself.
"NumPy by hand" is the backpropagation one would write without an engine, allocating every array.

    python benchmarks/exam_step.py
"""
# ruff: noqa: PLC0415 - each library is loaded in its own process only

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from harness import Contestant, Question, main, ratio, timed, training_step

X = np.array([[1, 0, 0], [0.9, 0, 0], [0, 1, 0], [0, 0.95, 0], [0, 0, 1], [0, 0, 0.85]])
Y = np.repeat(np.eye(3), 2, axis=0)
LR = 0.1
BEFORE = 5  # steps, after which the losses must be the same

Step = Callable[[], float]  # returns the loss


def weights() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape) for shape in ((2, 3), (2,), (3, 2), (3,))]


def contestant(build: Callable[[], Step], quick: bool) -> Contestant:
    step = build()
    for _ in range(BEFORE):
        step()
    answer = float(step())
    run = timed(step, quick)
    return Contestant(answer, lambda: {"step": run()})


def ours() -> Callable[[Any, Any], Any]:
    import tinygrad_edu
    from tinygrad_edu import nn

    network = nn.Sequential(nn.Linear(3, 2), nn.Sigmoid(), nn.Linear(2, 3)).double()
    return training_step(tinygrad_edu, network, weights(), LR)


def eager() -> Step:
    from tinygrad_edu import tensor

    step, x, y = ours(), tensor(X), tensor(Y)
    return lambda: step(x, y)


def plan() -> Step:
    from tinygrad_edu import capture

    step = capture(ours(), pure=True)
    return lambda: step(X, Y)  # copies the batch into its place, as every step of a training does


def followed() -> Step:
    from tinygrad_edu import capture

    step = capture(ours())
    return lambda: step(X, Y)


def plan_in_c() -> Step:
    from tinygrad_edu import capture

    step = capture(ours(), engine="c")
    return lambda: step(X, Y)


def pytorch() -> Step:
    import torch
    from torch import nn

    network = nn.Sequential(nn.Linear(3, 2), nn.Sigmoid(), nn.Linear(2, 3)).double()
    step, x, y = training_step(torch, network, weights(), LR), torch.tensor(X), torch.tensor(Y)
    return lambda: step(x, y).detach()


def by_hand() -> Step:
    w1, b1, w2, b2 = weights()

    def step() -> float:
        h = 1 / (1 + np.exp(-(X @ w1.T + b1)))
        z = h @ w2.T + b2
        shifted = z - z.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        loss = (log_p * Y).sum() / -len(Y)
        dz = (np.exp(log_p) - Y) / len(Y)
        da = dz @ w2 * h * (1 - h)
        for w, g in ((w2, dz.T @ h), (b2, dz.sum(axis=0)), (w1, da.T @ X), (b1, da.sum(axis=0))):
            w -= LR * g  # noqa: PLW2901 - in place
        return loss

    return step


STEPS = {
    "tinygrad_edu": eager,
    "tinygrad_edu plan": plan,
    "tinygrad_edu followed": followed,
    "tinygrad_edu in C": plan_in_c,
    "PyTorch": pytorch,
    "NumPy by hand": by_hand,
}
QUESTION = Question(
    title="Training step of the exam's 3-2-3 network",
    measures={"step": "µs"},
    contestants={name: partial(contestant, build) for name, build in STEPS.items()},
    claims=[
        ratio("tinygrad_edu", "PyTorch", "step", bar=0.30),
        ratio("tinygrad_edu", "NumPy by hand", "step"),
        ratio("tinygrad_edu plan", "PyTorch", "step", bar=0.15),
        ratio("tinygrad_edu plan", "NumPy by hand", "step", bar=1.2),
        ratio("tinygrad_edu followed", "tinygrad_edu", "step", bar=0.8),
        ratio("tinygrad_edu in C", "PyTorch", "step", bar=0.10),
        ratio("tinygrad_edu in C", "tinygrad_edu plan", "step", bar=0.30),
    ],
    rounds=60,
)

if __name__ == "__main__":
    main(QUESTION)
