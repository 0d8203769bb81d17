"""One training step of the exam's Problem 3 network: forward, softmax cross-entropy, backward, SGD.

6x3 input, a 3-2-3 network with a sigmoid, float64: the numbers are few, so this is the cost of the engine itself.
"NumPy by hand" is the backpropagation one would write without an engine, allocating every array.

    python benchmarks/exam_step.py
"""
# ruff: noqa: PLC0415 - each library is loaded in its own process only

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from harness import Contestant, Question, main, ratio, timed

X = np.array([[1, 0, 0], [0.9, 0, 0], [0, 1, 0], [0, 0.95, 0], [0, 0, 1], [0, 0, 0.85]])
Y = np.repeat(np.eye(3), 2, axis=0)
LR = 0.1
STEPS = 5  # after which the losses must be the same


def weights() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape) for shape in ((2, 3), (2,), (3, 2), (3,))]


def contestant(step: Callable[[], float], quick: bool) -> Contestant:
    for _ in range(STEPS):
        step()
    answer = float(step())
    run = timed(step, quick)
    return Contestant(answer, lambda: {"step": run()})


def eager(quick: bool) -> Contestant:
    from tinygrad_edu import nn, optim, tensor

    x, y = tensor(X), tensor(Y)
    network = nn.Sequential(nn.Linear(3, 2), nn.Sigmoid(), nn.Linear(2, 3)).double()
    for parameter, values in zip(network.parameters(), weights(), strict=True):
        parameter.data = tensor(values)
    loss_function = nn.CrossEntropyLoss()
    optimizer = optim.SGD(network.parameters(), lr=LR)

    def step() -> float:
        optimizer.zero_grad()
        loss = loss_function(network(x), y)
        loss.backward()
        optimizer.step()
        return loss

    return contestant(step, quick)


def pytorch(quick: bool) -> Contestant:
    import torch

    x, y = torch.tensor(X), torch.tensor(Y)
    network = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Sigmoid(), torch.nn.Linear(2, 3)).double()
    for parameter, values in zip(network.parameters(), weights(), strict=True):
        parameter.data = torch.tensor(values)
    loss_function = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(network.parameters(), lr=LR)

    def step() -> float:
        optimizer.zero_grad()
        loss = loss_function(network(x), y)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return contestant(step, quick)


def by_hand(quick: bool) -> Contestant:
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

    return contestant(step, quick)


QUESTION = Question(
    title="Training step of the exam's 3-2-3 network",
    measures={"step": "µs"},
    contestants={"tinygrad_edu": eager, "PyTorch": pytorch, "NumPy by hand": by_hand},
    claims=[
        ratio("tinygrad_edu", "PyTorch", "step", bar=0.30),
        ratio("tinygrad_edu", "NumPy by hand", "step"),
    ],
    rounds=60,
)

if __name__ == "__main__":
    main(QUESTION)
