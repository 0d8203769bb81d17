"""One training step of the exam's Problem 3 network, beside PyTorch and hand-written NumPy.

The step: forward, softmax cross-entropy, backward, SGD; 6x3 input, 3-2-3 network, float64, one thread each.
All three run interleaved in this one process; the medians and their ratios are printed.

    OMP_NUM_THREADS=1 python benchmarks/exam_step.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import torch

from tinygrad_edu import nn, tensor
from tinygrad_edu.optim import SGD

X = np.array([[1, 0, 0], [0.9, 0, 0], [0, 1, 0], [0, 0.95, 0], [0, 0, 1], [0, 0, 0.85]])
Y = np.repeat(np.eye(3), 2, axis=0)


def ours() -> Callable[[], None]:
    x, y = tensor(X), tensor(Y)
    network = nn.Sequential(nn.Linear(3, 2), nn.Sigmoid(), nn.Linear(2, 3))
    loss_function = nn.CrossEntropyLoss()
    optimizer = SGD(network.parameters(), lr=0.1)

    def step() -> None:
        optimizer.zero_grad()
        loss = loss_function(network(x), y)
        loss.backward()
        optimizer.step()

    return step


def pytorch() -> Callable[[], None]:
    x, y = torch.tensor(X), torch.tensor(Y)
    network = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.Sigmoid(), torch.nn.Linear(2, 3)).double()
    loss_function = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)

    def step() -> None:
        optimizer.zero_grad()
        loss = loss_function(network(x), y)
        loss.backward()
        optimizer.step()

    return step


def by_hand() -> Callable[[], None]:
    rng = np.random.default_rng(0)
    w1, b1, w2, b2 = (rng.random(shape) for shape in ((2, 3), (2,), (3, 2), (3,)))

    def step() -> None:
        h = 1 / (1 + np.exp(-(X @ w1.T + b1)))
        z = h @ w2.T + b2
        shifted = z - z.max(axis=1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        (log_p * Y).sum() / -len(Y)
        dz = (np.exp(log_p) - Y) / len(Y)
        da = dz @ w2 * h * (1 - h)
        for w, g in ((w2, dz.T @ h), (b2, dz.sum(axis=0)), (w1, da.T @ X), (b1, da.sum(axis=0))):
            w -= 0.1 * g  # noqa: PLW2901 - in place

    return step


def main(rounds: int = 60, steps: int = 300) -> None:
    torch.set_num_threads(1)
    contestants = {"tinygrad_edu": ours(), "PyTorch": pytorch(), "NumPy by hand": by_hand()}
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, step in contestants.items():
            start = time.perf_counter()
            for _ in range(steps):
                step()
            times[name].append((time.perf_counter() - start) / steps * 1e6)
    median = {name: float(np.median(found)) for name, found in times.items()}
    for name, found in times.items():
        low, high = np.percentile(found, [25, 75])
        print(f"{name:15} {median[name]:7.1f} µs a step (middle half {low:.1f} to {high:.1f})")
    print(f"tinygrad_edu / PyTorch       {median['tinygrad_edu'] / median['PyTorch']:.3f}")
    print(f"tinygrad_edu / NumPy by hand {median['tinygrad_edu'] / median['NumPy by hand']:.2f}")


if __name__ == "__main__":
    main()
