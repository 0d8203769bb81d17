"""One forward and backward pass of a small convolutional network, in float32 and float64, and the memory it needs.

A batch of 64 pictures of 28x28: 8 kernels of 3x3, ReLU, maximum of 2x2, 16 kernels of 3x3, ReLU, maximum of 2x2, and a
linear layer with cross-entropy. One thread each. The memory is the greatest rise above a process that is warm, divided
by what the windows of both convolutions hold.

    python benchmarks/small_cnn.py
"""
# ruff: noqa: PLC0415 - each library is loaded in its own process only

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from harness import Contestant, Question, alone, main, ratio, rise, timed

BATCH, CLASSES = 64, 10
SHAPES = [(8, 1, 3, 3), (8,), (16, 8, 3, 3), (16,), (CLASSES, 16 * 5 * 5), (CLASSES,)]
WINDOWS = BATCH * 9 * (26 * 26 + 8 * 11 * 11)  # numbers in all of them
DTYPES = ("float32", "float64")

Step = Callable[[], Any]  # returns the loss


def numbers(dtype: str) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """The parameters, and a batch of pictures with their classes."""
    rng = np.random.default_rng(0)
    parameters = [rng.normal(size=shape) / np.sqrt(np.prod(shape[1:])) for shape in SHAPES]
    pictures = rng.normal(size=(BATCH, 1, 28, 28)).astype(dtype)
    return [w.astype(dtype) for w in parameters], pictures, rng.integers(0, CLASSES, BATCH)


def passes(library: Any, dtype: str) -> Step:
    """Forward and backward, the same text for tinygrad_edu and for PyTorch."""
    f = library.nn.functional
    arrays, pictures, classes = numbers(dtype)
    parameters = [library.tensor(w, requires_grad=True) for w in arrays]
    x, y = library.tensor(pictures), library.tensor(classes)

    def step() -> Any:
        for p in parameters:
            p.grad = None
        w1, b1, w2, b2, w3, b3 = parameters
        h = f.max_pool2d(f.relu(f.conv2d(x, w1, b1)), 2)
        h = f.max_pool2d(f.relu(f.conv2d(h, w2, b2)), 2)
        loss = f.cross_entropy(f.linear(h.reshape(BATCH, -1), w3, b3), y)
        loss.backward()
        return loss.detach()

    return step


def ours(dtype: str) -> Step:
    import tinygrad_edu

    return passes(tinygrad_edu, dtype)


def pytorch(dtype: str) -> Step:
    import torch

    torch.set_num_threads(QUESTION.threads)
    return passes(torch, dtype)


def contestant(build: Callable[[str], Step], quick: bool) -> Contestant:
    steps = {dtype: build(dtype) for dtype in DTYPES}
    answer = sum(float(step()) for step in steps.values())
    runs = {dtype: timed(step, quick) for dtype, step in steps.items()}
    size = {dtype: WINDOWS * np.dtype(dtype).itemsize for dtype in DTYPES}

    def run() -> dict[str, float]:
        times = {dtype: run() for dtype, run in runs.items()}
        return times | {f"memory, {dtype}": rise(step) / size[dtype] for dtype, step in steps.items()}

    return Contestant(answer, run)


QUESTION = Question(
    title="Forward and backward pass of a small convolutional network",
    measures={
        **dict.fromkeys(DTYPES, "µs"),
        **{f"memory, {dtype}": "times the windows" for dtype in DTYPES},
    },
    contestants={
        name: partial(contestant, build) for name, build in {"tinygrad_edu": ours, "PyTorch": pytorch}.items()
    },
    claims=[
        *(ratio("tinygrad_edu", "PyTorch", dtype, bar=2.0) for dtype in DTYPES),
        *(alone("tinygrad_edu", f"memory, {dtype}", "times the windows", bar=3.0) for dtype in DTYPES),
    ],
    tolerance=1e-6,
)

if __name__ == "__main__":
    main(QUESTION)
