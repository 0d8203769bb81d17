"""One step of Adam over 100 parameters in float32, of two sizes: a vector of 64 numbers, and a matrix of 64x64.

The gradients stay. PyTorch's Adam with its default, which on a CPU is one parameter after the other. One thread each.

    python benchmarks/adam_step.py
"""
# ruff: noqa: PLC0415 - each library is loaded in its own process only

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from harness import Contestant, Question, main, ratio, timed

PARAMETERS = 100
SHAPES = {"64": (64,), "64x64": (64, 64)}
BEFORE = 3  # steps, after which the parameters must be the same

Step = Callable[[], Any]


def parameters(library: Any, shape: tuple[int, ...]) -> list[Any]:
    """Drawn parameters, with drawn gradients."""
    rng = np.random.default_rng(0)
    found = []
    for _ in range(PARAMETERS):
        p = library.tensor(rng.normal(size=shape).astype(np.float32), requires_grad=True)
        p.grad = library.tensor(rng.normal(size=shape).astype(np.float32))
        found.append(p)
    return found


def ours(shape: tuple[int, ...]) -> tuple[list[Any], Step]:
    import tinygrad_edu

    found = parameters(tinygrad_edu, shape)
    return found, tinygrad_edu.optim.Adam(found).step


def plan(shape: tuple[int, ...]) -> tuple[list[Any], Step]:
    from tinygrad_edu import capture

    found, step = ours(shape)

    @capture
    def followed() -> None:
        step()

    return found, followed


def pytorch(shape: tuple[int, ...]) -> tuple[list[Any], Step]:
    import torch

    torch.set_num_threads(QUESTION.threads)
    found = parameters(torch, shape)
    return found, torch.optim.Adam(found).step


def contestant(build: Callable[[tuple[int, ...]], tuple[list[Any], Step]], quick: bool) -> Contestant:
    built = {name: build(shape) for name, shape in SHAPES.items()}
    answer = 0.0
    for found, step in built.values():
        for _ in range(BEFORE):
            step()
        answer += sum(float((p.detach() ** 2).sum()) for p in found)
    runs = {name: timed(step, quick) for name, (_, step) in built.items()}
    return Contestant(answer, lambda: {name: run() for name, run in runs.items()})


QUESTION = Question(
    title=f"One step of Adam over {PARAMETERS} parameters",
    measures=dict.fromkeys(SHAPES, "µs"),
    contestants={
        name: partial(contestant, build)
        for name, build in {"tinygrad_edu": ours, "tinygrad_edu plan": plan, "PyTorch": pytorch}.items()
    },
    claims=[
        *(ratio("tinygrad_edu", "PyTorch", name, bar=2.0) for name in SHAPES),
        *(ratio("tinygrad_edu plan", "PyTorch", name, bar=1.2) for name in SHAPES),
    ],
    tolerance=1e-6,
)

if __name__ == "__main__":
    main(QUESTION)
