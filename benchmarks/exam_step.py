"""One training step of the exam's Problem 3 network: forward, softmax cross-entropy, backward, SGD.

The classes come as one-hot rows, as on the paper, and as class numbers, as in nearly every program.

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
ONE_HOT, NUMBERS = "one-hot targets", "class numbers"
TARGETS = {ONE_HOT: Y, NUMBERS: Y.argmax(axis=1)}
LR = 0.1
BEFORE = 5  # steps, after which the losses must be the same

Step = Callable[[], float]  # returns the loss


def weights() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape) for shape in ((2, 3), (2,), (3, 2), (3,))]


def contestant(build: Callable[[np.ndarray], Step], quick: bool) -> Contestant:
    steps = {name: build(target) for name, target in TARGETS.items()}
    answer = sum(float([step() for _ in range(BEFORE)][-1]) for step in steps.values())
    runs = {name: timed(step, quick) for name, step in steps.items()}
    return Contestant(answer, lambda: {name: run() for name, run in runs.items()})


def ours() -> Callable[[Any, Any], Any]:
    import tinygrad_edu
    from tinygrad_edu import nn

    network = nn.Sequential(nn.Linear(3, 2), nn.Sigmoid(), nn.Linear(2, 3)).double()
    return training_step(tinygrad_edu, network, weights(), LR)


def eager(target: np.ndarray = Y) -> Step:
    from tinygrad_edu import tensor

    step, x, y = ours(), tensor(X), tensor(target)
    return lambda: step(x, y)


def plan(target: np.ndarray = Y) -> Step:
    from tinygrad_edu import capture

    step = capture(ours(), pure=True)
    return lambda: step(X, target)  # copies the batch into its place, as every step of a training does


def followed(target: np.ndarray = Y) -> Step:
    from tinygrad_edu import capture

    step = capture(ours())
    return lambda: step(X, target)


def plan_in_c(target: np.ndarray = Y) -> Step:
    from tinygrad_edu import capture

    step = capture(ours(), engine="c")
    return lambda: step(X, target)


def pytorch(target: np.ndarray = Y) -> Step:
    import torch
    from torch import nn

    network = nn.Sequential(nn.Linear(3, 2), nn.Sigmoid(), nn.Linear(2, 3)).double()
    step, x, y = training_step(torch, network, weights(), LR), torch.tensor(X), torch.tensor(target)
    return lambda: step(x, y).detach()


def by_hand(target: np.ndarray = Y) -> Step:
    w1, b1, w2, b2 = weights()
    rows = target if target.ndim == 2 else np.eye(3)[target]

    def step() -> float:
        h = 1 / (1 + np.exp(-(X @ w1.T + b1)))
        z = h @ w2.T + b2
        shifted = z - z.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        loss = (log_p * rows).sum() / -len(Y)
        dz = (np.exp(log_p) - rows) / len(Y)
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
CLAIMS = [
    ("tinygrad_edu", "NumPy by hand", None),
    ("tinygrad_edu plan", "PyTorch", 0.15),
    ("tinygrad_edu plan", "NumPy by hand", 1.2),
    ("tinygrad_edu followed", "tinygrad_edu", 0.8),
    ("tinygrad_edu in C", "PyTorch", 0.10),
    ("tinygrad_edu in C", "tinygrad_edu plan", 0.30),
]
QUESTION = Question(
    title="Training step of the exam's 3-2-3 network",
    measures=dict.fromkeys(TARGETS, "µs"),
    contestants={name: partial(contestant, build) for name, build in STEPS.items()},
    claims=[
        ratio("tinygrad_edu", "PyTorch", ONE_HOT, bar=0.32),
        ratio("tinygrad_edu", "PyTorch", NUMBERS, bar=0.40),
        *(ratio(one, other, target, bar) for one, other, bar in CLAIMS for target in TARGETS),
    ],
    rounds=60,
)

if __name__ == "__main__":
    main(QUESTION)
