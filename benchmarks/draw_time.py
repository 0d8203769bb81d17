"""How long a picture takes, from the computed graph to SVG: the exam's graph, and one of about 1,000 tensors.

python benchmarks/draw_time.py
"""
# ruff: noqa: PLC0415 - each library is loaded in its own process only

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Contestant, Question, alone, main, timed

EXAM, LARGE = "the exam's network", "1,000 tensors"
WIDE, QUICK_WIDE = 10, 2  # chains side by side in the large graph
LONG = 50  # operations in each, two tensors an operation


def exam_graph() -> Any:
    from tinygrad_edu.exam import problem3
    from tinygrad_edu.exam.paper import Problem3

    return problem3.network(problem3.initial().centre).objective(Problem3.X, Problem3.Y)


def large_graph(quick: bool) -> Any:
    from tinygrad_edu import tensor

    rng = np.random.default_rng(0)
    total = tensor(0.0)
    for _ in range(QUICK_WIDE if quick else WIDE):
        x = tensor(rng.random(3), requires_grad=True)
        for _ in range(LONG):
            x = x * tensor(rng.random(3), requires_grad=True)
        total = total + x.sum()
    return total


def ours(quick: bool) -> Contestant:
    from tinygrad_edu import draw

    graphs = {EXAM: exam_graph(), LARGE: large_graph(quick)}
    for loss in graphs.values():
        loss.backward()
    runs = {name: timed(lambda loss=loss: draw(loss).svg, quick) for name, loss in graphs.items()}  # type: ignore[misc]
    return Contestant(0.0, lambda: {name: run() / 1000 for name, run in runs.items()})


QUESTION = Question(
    title="Drawing a graph as SVG",
    measures={EXAM: "ms", LARGE: "ms"},
    contestants={"tinygrad_edu": ours},
    claims=[alone("tinygrad_edu", EXAM, "ms"), alone("tinygrad_edu", LARGE, "ms")],
    rounds=10,
)

if __name__ == "__main__":
    main(QUESTION)
