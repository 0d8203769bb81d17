"""One training step of microgpt, number by number: a GPT of 4,192 parameters, a name of 6 letters, Adam included.

All engines run the same lines below, which are written as Karpathy's program of 2026 is: characters as tokens, lists of
lists of numbers, a loop of Adam over plain lists of floats. Only the class of the numbers differs; micrograd's gets exp
and log. The plan is of the whole step, and the same Python: it is recorded once, and from then on its arithmetic is
repeated by NumPy, or by C, here without checks by the Python, which become ever rarer. The answer is the loss after a
few steps.

    python benchmarks/microgpt_step.py
"""
# ruff: noqa: PLC0415 - each library is loaded in its own process only

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from harness import Contestant, Question, main, ratio, timed

TOKENS = (26, 17, 14, 1, 4, 17, 19, 26)  # "robert" between two ends
CHARACTERS, WIDTH, HEADS, CONTEXT = 27, 16, 4, 16
STEPS = 100_000  # over which the learning rate falls

Step = Callable[[Sequence[int]], float]  # the loss on a name
Number = Callable[[float], Any]


def matrix(number: Number, rows: int, columns: int) -> list[list[Any]]:
    return [[number(random.gauss(0, 0.08)) for _ in range(columns)] for _ in range(rows)]


def linear(x: list[Any], weight: list[list[Any]]) -> list[Any]:
    return [sum(w * xi for w, xi in zip(row, x, strict=True)) for row in weight]


def softmax(logits: list[Any]) -> list[Any]:
    largest = max(x.data for x in logits)
    exps = [(x - largest).exp() for x in logits]
    total = sum(exps)
    return [e / total for e in exps]


def norm(x: list[Any]) -> list[Any]:
    scale = (sum(xi * xi for xi in x) / len(x) + 1e-5) ** -0.5
    return [xi * scale for xi in x]


def added(x: list[Any], y: list[Any]) -> list[Any]:
    return [a + b for a, b in zip(x, y, strict=True)]


def network(number: Number) -> dict[str, list[list[Any]]]:
    random.seed(0)
    shapes = {"tokens": (CHARACTERS, WIDTH), "places": (CONTEXT, WIDTH), "head": (CHARACTERS, WIDTH)}
    shapes |= dict.fromkeys(("query", "key", "value", "out"), (WIDTH, WIDTH))
    shapes |= {"up": (4 * WIDTH, WIDTH), "down": (WIDTH, 4 * WIDTH)}
    return {name: matrix(number, *shape) for name, shape in shapes.items()}


def logits_of(net: dict[str, Any], token: int, place: int, keys: list[Any], values: list[Any]) -> list[Any]:
    x = norm(added(net["tokens"][token], net["places"][place]))
    y = norm(x)
    query = linear(y, net["query"])
    keys.append(linear(y, net["key"]))
    values.append(linear(y, net["value"]))
    found = []
    size = WIDTH // HEADS
    for start in range(0, WIDTH, size):
        part = slice(start, start + size)
        fits = [sum(q * k for q, k in zip(query[part], key[part], strict=True)) / size**0.5 for key in keys]
        weights = softmax(fits)
        rows = [value[part] for value in values]
        found += [sum(w * row[j] for w, row in zip(weights, rows, strict=True)) for j in range(size)]
    x = added(x, linear(found, net["out"]))
    hidden = [h.relu() for h in linear(norm(x), net["up"])]
    return linear(added(x, linear(hidden, net["down"])), net["head"])


def training(number: Number, wrap: Callable[[Any], Any]) -> Step:
    """A step of training on one name, whose Python `wrap` may replace."""
    net = network(number)
    parameters = [p for rows in net.values() for row in rows for p in row]
    m, v = [0.0] * len(parameters), [0.0] * len(parameters)
    steps = 0

    def step(tokens: list[int]) -> Any:
        nonlocal steps
        keys: list[Any] = []
        values: list[Any] = []
        losses = []
        for place in range(len(tokens) - 1):
            p = softmax(logits_of(net, tokens[place], place, keys, values))
            losses.append(-p[tokens[place + 1]].log())
        loss = (1 / len(losses)) * sum(losses)
        loss.backward()
        rate = 0.01 * (1 - steps / STEPS)
        steps += 1
        for i, p in enumerate(parameters):
            m[i] = 0.85 * m[i] + 0.15 * p.grad
            v[i] = 0.99 * v[i] + 0.01 * p.grad**2
            p.data -= rate * (m[i] / (1 - 0.85**steps)) / ((v[i] / (1 - 0.99**steps)) ** 0.5 + 1e-8)
            p.grad = 0.0
        return loss

    run = wrap(step)
    return lambda tokens: run(list(tokens)).data


def ours() -> Step:
    from tinygrad_edu import Value

    return training(Value, lambda step: step)


def plan(engine: str) -> Step:
    from tinygrad_edu import Value, capture

    return training(Value, partial(capture, engine=engine, check="never"))


def micrograd() -> Step:
    from micrograd.engine import Value

    def exp(self: Any) -> Any:
        out = Value(math.exp(self.data), (self,), "exp")

        def backward() -> None:
            self.grad += out.data * out.grad

        out._backward = backward
        return out

    def log(self: Any) -> Any:
        out = Value(math.log(self.data), (self,), "log")

        def backward() -> None:
            self.grad += out.grad / self.data

        out._backward = backward
        return out

    Value.exp, Value.log = exp, log
    sys.setrecursionlimit(100_000)  # its backward calls itself
    return training(Value, lambda step: step)


def contestant(build: Callable[[], Step], quick: bool) -> Contestant:
    step = partial(build(), TOKENS[-3:] if quick else TOKENS)
    for _ in range(4):
        answer = step()
    run = timed(step, quick)
    return Contestant(answer, lambda: {"step": run() / 1000})


QUESTION = Question(
    title="Training step of microgpt, 4,192 parameters on single numbers, 7 tokens, Adam in Python",
    measures={"step": "ms"},
    contestants={
        "tinygrad_edu": partial(contestant, ours),
        "tinygrad_edu plan": partial(contestant, partial(plan, "numpy")),
        "tinygrad_edu in C": partial(contestant, partial(plan, "c")),
        "micrograd": partial(contestant, micrograd),
    },
    claims=[
        ratio("tinygrad_edu", "micrograd", "step", bar=0.6),
        ratio("tinygrad_edu", "tinygrad_edu plan", "step"),
        ratio("tinygrad_edu", "tinygrad_edu in C", "step"),
        ratio("tinygrad_edu plan", "tinygrad_edu", "step", bar=1 / 60),
        ratio("tinygrad_edu in C", "tinygrad_edu", "step", bar=1 / 800),
    ],
    rounds=10,
)

if __name__ == "__main__":
    main(QUESTION)
