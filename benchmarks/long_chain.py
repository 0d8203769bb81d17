"""The cost of an addition in short and in long graphs: chains of 1,000 to 1,000,000 additions of single numbers.

The time is that of one addition forward, backward and freed again, with the garbage collector on as it is for everyone,
in a new process each round, the shorter chains first. Memory of a node: by how much the memory of the process rises,
over its longest chain. A library leaves out a length that it cannot do (recursion), or that would take over 15 seconds.

    python benchmarks/long_chain.py
"""
# ruff: noqa: PLC0415 - each library is loaded in its own process only

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from harness import Contestant, Numbers, Question, alone, growth, main, ratio, rise, seconds

LENGTHS = (1_000, 10_000, 100_000, 1_000_000)
QUICK_LENGTHS = (1_000, 10_000)
MEMORY = "memory of a node"
ENOUGH = 20_000  # additions in a round, at least
PATIENCE = 15  # seconds for a chain

Work = Callable[[int], float]  # a chain of some length; returns the gradient of what is added: the length


def name(length: int) -> str:
    return f"{length:,} additions"


def contestant(build: Callable[[], Work], quick: bool) -> Contestant:
    work = build()
    answer = work(100)
    lengths = QUICK_LENGTHS if quick else LENGTHS

    def run() -> Numbers:
        found: Numbers = {}
        memory = rise(lambda: found.update(costs(work, lengths)))
        return {**found, MEMORY: memory / lengths[len(found) - 1]} if found else {}

    return Contestant(answer, run)


def costs(work: Work, lengths: tuple[int, ...]) -> Numbers:
    """The time of an addition at each length, up to the first that is too much."""
    found: Numbers = {}
    cost_before = 0.0
    for length in lengths:
        if cost_before * length > PATIENCE * 1e6:
            break
        try:
            found[name(length)] = cost_before = cost(work, length)
        except RecursionError:
            break
    return found


def cost(work: Work, length: int) -> float:
    """The time of one addition in µs."""
    repeats = max(1, ENOUGH // length)
    return seconds(lambda: work(length), repeats) / (repeats * length) * 1e6


def added(x: Any, step: Any, length: int) -> Any:
    for _ in range(length):
        x = x + step
    return x


def tensors() -> Work:
    from tinygrad_edu import tensor

    def work(length: int) -> float:
        start, step = tensor(0.0), tensor(1.0, requires_grad=True)
        added(start, step, length).backward()
        return float(step.grad)

    return work


def of_values(number: Callable[[float], Any]) -> Work:
    """The chain of numbers with micrograd's names."""

    def work(length: int) -> float:
        step = number(1.0)
        added(number(0.0), step, length).backward()
        return step.grad

    return work


def values() -> Work:
    from tinygrad_edu import Value

    return of_values(Value)


def pytorch() -> Work:
    import torch

    def work(length: int) -> float:
        start = torch.tensor(0.0, dtype=torch.float64)
        step = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
        added(start, step, length).backward()
        return float(step.grad)

    return work


def hips() -> Work:
    from autograd import grad

    def work(length: int) -> float:
        return float(grad(lambda step: added(0.0, step, length))(1.0))

    return work


def mygrad() -> Work:
    import mygrad as mg

    def work(length: int) -> float:
        step = mg.tensor(1.0)
        added(mg.tensor(0.0), step, length).backward()
        return float(step.grad)

    return work


def micrograd() -> Work:
    from micrograd.engine import Value

    return of_values(Value)


def by_numpy() -> Work:
    def work(length: int) -> float:
        return float(added(np.array(0.0), np.array(1.0), length))

    return work


CHAINS = {
    "tinygrad_edu Tensor": tensors,
    "tinygrad_edu Value": values,
    "NumPy, no gradients": by_numpy,
    "PyTorch": pytorch,
    "HIPS autograd": hips,
    "MyGrad": mygrad,
    "micrograd": micrograd,
}
SHORTEST, LONGEST = name(LENGTHS[0]), name(LENGTHS[-1])
QUESTION = Question(
    title="Long chains of additions of single numbers",
    measures={**{name(length): "µs an addition" for length in LENGTHS}, MEMORY: "bytes"},
    contestants={name: partial(contestant, build) for name, build in CHAINS.items()},
    claims=[
        growth("tinygrad_edu Tensor", LONGEST, SHORTEST, bar=1.25),
        growth("tinygrad_edu Value", LONGEST, SHORTEST, bar=1.4),
        growth("PyTorch", LONGEST, SHORTEST),
        growth("HIPS autograd", LONGEST, SHORTEST),
        growth("MyGrad", LONGEST, SHORTEST),
        alone("tinygrad_edu Tensor", MEMORY, "bytes", bar=600),
        alone("tinygrad_edu Value", MEMORY, "bytes", bar=600),
        alone("PyTorch", MEMORY, "bytes"),
        ratio("tinygrad_edu Tensor", "PyTorch", LONGEST),
        ratio("tinygrad_edu Tensor", "HIPS autograd", LONGEST),
        ratio("tinygrad_edu Tensor", "MyGrad", LONGEST),
    ],
    rounds=5,
    fresh=True,
)

if __name__ == "__main__":
    main(QUESTION)
