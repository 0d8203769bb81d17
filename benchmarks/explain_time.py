"""The time of a derivation, from the computed graph to each page: networks of two and of three layers.

python benchmarks/explain_time.py
"""
# ruff: noqa: PLC0415 - each library is loaded in its own process only

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from harness import Contestant, Question, alone, main, timed

EXAM, THREE, PAGES = "the exam's network, text", "three layers, text", "three layers, HTML and LaTeX"
ROWS, WIDTHS = 32, (8, 16, 16, 4)


def exam_loss() -> Any:
    from tinygrad_edu.exam import problem3
    from tinygrad_edu.exam.paper import Problem3

    return problem3.network(problem3.initial().centre).objective(Problem3.X, Problem3.Y)


def three_layers() -> Any:
    from tinygrad_edu import nn, tensor

    rng = np.random.default_rng(0)
    layers: list[Any] = []
    for i, (n, m) in enumerate(pairwise(WIDTHS)):
        layers += [nn.Linear(n, m, generator=rng)] + [nn.Tanh()] * (i + 2 < len(WIDTHS))
    x, y = tensor(rng.normal(size=(ROWS, WIDTHS[0]))), tensor(rng.integers(0, WIDTHS[-1], ROWS))
    return nn.CrossEntropyLoss()(nn.Sequential(*layers)(x), y)


def ours(quick: bool) -> Contestant:
    from tinygrad_edu import explain

    exam, deep = exam_loss(), three_layers()

    def pages() -> tuple[str, str]:
        derivation = explain(deep)
        return derivation.html, derivation.latex

    runs = {
        EXAM: timed(lambda: explain(exam).text, quick),
        THREE: timed(lambda: explain(deep).text, quick),
        PAGES: timed(pages, quick),
    }
    return Contestant(0.0, lambda: {name: run() / 1000 for name, run in runs.items()})


QUESTION = Question(
    title="Writing out a derivation",
    measures=dict.fromkeys((EXAM, THREE, PAGES), "ms"),
    contestants={"tinygrad_edu": ours},
    claims=[alone("tinygrad_edu", name, "ms") for name in (EXAM, THREE, PAGES)],
    rounds=10,
)

if __name__ == "__main__":
    main(QUESTION)
