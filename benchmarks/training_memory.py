"""The memory of training: its growth over 2,000 steps of the exam's network, and the peak of a larger one.

Growth: by how much the memory of the process rises from step 200 to step 2,000, with the garbage collector off, so that
whatever is left in a reference cycle shows. Peak: by how much 20 steps of the network 784-256-128-10 with batches of
128 in float32 raise it over what the process holds before the first of them, parameters and batch but no gradients.
A new process for each round; needs a system that tells (Linux).

    python benchmarks/training_memory.py
"""

from __future__ import annotations

import gc
from functools import partial

import exam_step
import mlp_step
from harness import Contestant, Numbers, Question, alone, main, memory, rise

GROWTH, PEAK = "growth over 2,000 steps", "peak of 20 larger steps"
EARLY, LATE, QUICK_LATE = 200, 2_000, 250
LARGER = 20  # steps


def contestant(name: str, quick: bool) -> Contestant:
    larger = mlp_step.STEPS[name](*mlp_step.SIZES[mlp_step.SMALL])

    def run() -> Numbers:
        gc.disable()
        grown = growth_of(
            exam_step.STEPS[name](), QUICK_LATE if quick else LATE
        )  # also loads the library's code
        peak = rise(lambda: [larger() for _ in range(LARGER)])
        return {PEAK: peak / 2**20, GROWTH: grown / 2**10}

    return Contestant(0.0, run)


def growth_of(step: exam_step.Step, late: int) -> float:
    for _ in range(EARLY):
        step()
    early = memory()
    for _ in range(late - EARLY):
        step()
    return memory() - early


QUESTION = Question(
    title="Memory of a training loop",
    measures={GROWTH: "KiB", PEAK: "MiB"},
    contestants={name: partial(contestant, name) for name in mlp_step.STEPS},
    claims=[
        *(alone(name, GROWTH, "KiB") for name in mlp_step.STEPS),
        *(alone(name, PEAK, "MiB") for name in mlp_step.STEPS),
    ],
    rounds=5,
    fresh=True,
)

if __name__ == "__main__":
    main(QUESTION)
