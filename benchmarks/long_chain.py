"""Whether a graph stays cheap when it is long: chains of 1,000 to 1,000,000 additions of single numbers.

The time is that of one addition forward, backward and freed again, with the garbage collector on as it is for everyone.
Bytes a node: by how much the peak of the process's memory rises over the longest chain, forward and backward.
A library that cannot do a length (recursion) leaves it out.

    python benchmarks/long_chain.py
"""
# ruff: noqa: PLC0415 - each library is loaded in its own process only

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from harness import Contestant, Numbers, Question, alone, growth, main, peak_memory, ratio

LENGTHS = (1_000, 10_000, 100_000, 1_000_000)
QUICK_LENGTHS = (1_000, 10_000)
MEMORY = "memory of a node"
ENOUGH = 20_000  # additions in a round, at least


def name(length: int) -> str:
    return f"{length:,} additions"


def contestant(work: Callable[[int], float], quick: bool) -> Contestant:
    """`work` does a chain of some length and returns the gradient of what is added: the length."""
    lengths = QUICK_LENGTHS if quick else LENGTHS
    work(10)
    before = peak_memory()
    possible = [length for length in reversed(lengths) if can(work, length)]
    memory = (peak_memory() - before) / max(possible, default=1)

    def run() -> Numbers:
        found = {name(length): seconds(work, length) * 1e6 for length in sorted(possible)}
        return {**found, MEMORY: memory} if lengths[-1] in possible else found

    return Contestant(work(100), run)


def can(work: Callable[[int], float], length: int) -> bool:
    try:
        return work(length) == length
    except RecursionError:
        return False


def seconds(work: Callable[[int], float], length: int) -> float:
    """The time of one addition."""
    repeats = max(1, ENOUGH // length)
    start = time.perf_counter()
    for _ in range(repeats):
        work(length)
    return (time.perf_counter() - start) / repeats / length


def added(x: Any, step: Any, length: int) -> Any:
    for _ in range(length):
        x = x + step
    return x


def tensors(quick: bool) -> Contestant:
    from tinygrad_edu import tensor

    def work(length: int) -> float:
        start, step = tensor(0.0), tensor(1.0, requires_grad=True)
        added(start, step, length).backward()
        return float(step.grad)

    return contestant(work, quick)


def values(quick: bool) -> Contestant:
    from tinygrad_edu import Value

    def work(length: int) -> float:
        step = Value(1.0)
        added(Value(0.0), step, length).backward()
        return step.grad

    return contestant(work, quick)


def pytorch(quick: bool) -> Contestant:
    import torch

    def work(length: int) -> float:
        start = torch.tensor(0.0, dtype=torch.float64)
        step = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
        added(start, step, length).backward()
        return float(step.grad)

    return contestant(work, quick)


def hips(quick: bool) -> Contestant:
    from autograd import grad

    def work(length: int) -> float:
        return float(grad(lambda step: added(0.0, step, length))(1.0))

    return contestant(work, quick)


def mygrad(quick: bool) -> Contestant:
    import mygrad as mg

    def work(length: int) -> float:
        step = mg.tensor(1.0)
        added(mg.tensor(0.0), step, length).backward()
        return float(step.grad)

    return contestant(work, quick)


def micrograd(quick: bool) -> Contestant:
    from micrograd.engine import Value

    def work(length: int) -> float:
        step = Value(1.0)
        added(Value(0.0), step, length).backward()
        return step.grad

    return contestant(work, quick)


def by_numpy(quick: bool) -> Contestant:
    def work(length: int) -> float:
        return float(added(np.array(0.0), np.array(1.0), length))

    return contestant(work, quick)


SHORTEST, LONGEST = name(LENGTHS[0]), name(LENGTHS[-1])
QUESTION = Question(
    title="Long chains of additions of single numbers",
    measures={**{name(length): "µs an addition" for length in LENGTHS}, MEMORY: "bytes"},
    contestants={
        "tinygrad_edu Tensor": tensors,
        "tinygrad_edu Value": values,
        "NumPy, no gradients": by_numpy,
        "PyTorch": pytorch,
        "HIPS autograd": hips,
        "MyGrad": mygrad,
        "micrograd": micrograd,
    },
    claims=[
        growth("tinygrad_edu Tensor", LONGEST, SHORTEST, bar=1.3),
        growth("tinygrad_edu Value", LONGEST, SHORTEST, bar=1.3),
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
)

if __name__ == "__main__":
    main(QUESTION)
