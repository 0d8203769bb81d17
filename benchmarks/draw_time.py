"""The time of a picture, from the computed graph to SVG: the exam's graph, about 1,000 tensors, as many in modules.

python benchmarks/draw_time.py
"""
# ruff: noqa: PLC0415 - each library is loaded in its own process only

from __future__ import annotations

from typing import Any

import numpy as np
from harness import Contestant, Question, alone, main, timed

EXAM, LARGE, NESTED = "the exam's network", "1,000 tensors", "1,000 in modules"
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


def nested_graph(quick: bool) -> Any:
    from tinygrad_edu import nn, tensor

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc2 = nn.Linear(4, 4), nn.Linear(4, 4)

        def forward(self, x: Any) -> Any:
            return x + self.fc2(self.fc1(x).relu())

    net = nn.Sequential(*(Block() for _ in range(25 if quick else 125)))
    return net, net(tensor(np.ones((2, 4)))).sum()


def ours(quick: bool) -> Contestant:
    from tinygrad_edu import draw

    net, loss = nested_graph(quick)
    loss.backward()
    graphs = {EXAM: exam_graph(), LARGE: large_graph(quick)}
    for result in graphs.values():
        result.backward()
    runs = {name: timed(lambda result=result: draw(result).svg, quick) for name, result in graphs.items()}  # type: ignore[misc]
    runs[NESTED] = timed(lambda: draw(loss, model=net, depth=3).svg, quick)
    return Contestant(0.0, lambda: {name: run() / 1000 for name, run in runs.items()})


QUESTION = Question(
    title="Drawing a graph as SVG",
    measures={EXAM: "ms", LARGE: "ms", NESTED: "ms"},
    contestants={"tinygrad_edu": ours},
    claims=[
        alone("tinygrad_edu", EXAM, "ms"),
        alone("tinygrad_edu", LARGE, "ms"),
        alone("tinygrad_edu", NESTED, "ms"),
    ],
    rounds=10,
)

if __name__ == "__main__":
    main(QUESTION)
