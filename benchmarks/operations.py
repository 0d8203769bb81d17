"""The cost of one operation, forward and backward: a chain of 400 multiplications, of single numbers and of 32x32.

Each chain is x = x * w, float64, with gradients of x and w. "NumPy" does the same arithmetic without an engine.
DeZero 0.0.13 still asks for `np.int`, which NumPy 1.24 removed: its process defines it before it is loaded.

    python benchmarks/operations.py
"""
# ruff: noqa: PLC0415 - each library is loaded in its own process only

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from harness import Claim, Contestant, Numbers, Question, above, alone, main, ratio

LENGTH = 400
SHAPES: dict[str, tuple[int, ...]] = {"0-d": (), "32x32": (32, 32)}
MEASURES = {f"{shape} {way}": "µs" for shape in SHAPES for way in ("forward", "backward")}
REPEATS = 10  # of a chain in a round


def numbers(shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return np.array(rng.uniform(0.999, 1.001, shape)), np.array(rng.uniform(0.999, 1.001, shape))


def chain(x: Any, w: Any) -> Any:
    for _ in range(LENGTH):
        x = x * w
    return x


Pair = tuple[
    Callable[[], Any], Callable[[Any], Any]
]  # forward, and backward, which returns the gradient of w


def contestant(build: Callable[[np.ndarray, np.ndarray], Pair], quick: bool) -> Contestant:
    pairs = {name: build(*numbers(shape)) for name, shape in SHAPES.items()}
    answer = sum(float(np.sum(np.asarray(backward(forward())))) for forward, backward in pairs.values())

    def run() -> Numbers:
        found: Numbers = {}
        for name, pair in pairs.items():
            found[f"{name} forward"], found[f"{name} backward"] = seconds(*pair, 1 if quick else REPEATS)
        return found

    return Contestant(answer, run)


def seconds(forward: Callable[[], Any], backward: Callable[[Any], Any], repeats: int) -> tuple[float, float]:
    """The time of an operation in µs, forward and backward."""
    there = back = 0.0
    for _ in range(repeats):
        start = time.perf_counter()
        result = forward()
        middle = time.perf_counter()
        backward(result)
        back += time.perf_counter() - middle
        there += middle - start
    return there / repeats / LENGTH * 1e6, back / repeats / LENGTH * 1e6


def on_tensors(x: Any, w: Any, ones: Any) -> Pair:
    """The chain of tensors with PyTorch's names."""

    def backward(result: Any) -> Any:
        x.grad = w.grad = None
        result.backward(ones)
        return w.grad.numpy()

    return lambda: chain(x, w), backward


def ours(a: np.ndarray, b: np.ndarray) -> Pair:
    from tinygrad_edu import tensor

    return on_tensors(tensor(a, requires_grad=True), tensor(b, requires_grad=True), np.ones_like(a))


def bare(x: np.ndarray, w: np.ndarray) -> Pair:
    def forward() -> list[np.ndarray]:
        arrays = [x]
        for _ in range(LENGTH):
            arrays.append(arrays[-1] * w)
        return arrays

    def backward(arrays: list[np.ndarray]) -> np.ndarray:
        g, dw = np.ones_like(x), np.zeros_like(x)
        for y in arrays[-2::-1]:
            dw = dw + g * y
            g = g * w
        return dw

    return forward, backward


def pytorch(a: np.ndarray, b: np.ndarray) -> Pair:
    import torch

    x, w = torch.tensor(a, requires_grad=True), torch.tensor(b, requires_grad=True)
    return on_tensors(x, w, torch.ones_like(x))


def hips(x: np.ndarray, w: np.ndarray) -> Pair:
    from autograd import make_vjp

    ones = np.ones_like(x)
    return lambda: make_vjp(chain, (0, 1))(x, w)[0], lambda pull: pull(ones)[1]


def mygrad(a: np.ndarray, b: np.ndarray) -> Pair:
    import mygrad as mg

    x, w, ones = mg.tensor(a), mg.tensor(b), np.ones_like(a)

    def backward(result: Any) -> Any:
        x.null_grad()
        w.null_grad()
        result.backward(ones)
        return w.grad

    return lambda: chain(x, w), backward


def dezero(a: np.ndarray, b: np.ndarray) -> Pair:
    np.int = int  # type: ignore[attr-defined]
    from dezero import Variable

    x, w = Variable(a), Variable(b)

    def backward(result: Any) -> Any:
        x.cleargrad()
        w.cleargrad()
        result.backward()
        return w.grad.data

    return lambda: chain(x, w), backward


PAIRS = {
    "tinygrad_edu": ours,
    "NumPy": bare,
    "PyTorch": pytorch,
    "HIPS autograd": hips,
    "MyGrad": mygrad,
    "DeZero": dezero,
}


def claims() -> list[Claim]:
    found = [
        alone("tinygrad_edu", "32x32 forward", "µs", bar=3.0),
        above("tinygrad_edu", "NumPy", "32x32 backward", "µs", bar=3.0),
    ]
    for other in list(PAIRS)[2:]:
        bar = None if other == "PyTorch" else 1.0
        found += [ratio("tinygrad_edu", other, measure, bar) for measure in MEASURES]
    return found


QUESTION = Question(
    title="One multiplication in a chain of 400",
    measures=MEASURES,
    contestants={name: partial(contestant, build) for name, build in PAIRS.items()},
    claims=claims(),
)

if __name__ == "__main__":
    main(QUESTION)
