"""A question about one training step of a model: one text for tinygrad_edu, eager and as a plan, and for PyTorch."""
# ruff: noqa: PLC0415 - each library is loaded in its own process only

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from harness.question import Contestant, Question, ratio
from harness.timers import timed

Step = Callable[[], Any]  # returns the loss
Model = Callable[[Any, Any], Any]  # (library, size) -> the module
Batch = Callable[[Any], tuple[np.ndarray, ...]]  # size -> the inputs of the loss
Loss = Callable[[Any, Any], Any]  # (library, module, *inputs) -> the loss
BEFORE = 3  # steps, after which the losses must be the same


def step_of(library: Any, net: Any, loss_of: Loss, lr: float) -> Callable[..., Any]:
    """A step of SGD, with weights that are the same in every library."""
    rng = np.random.default_rng(0)
    for parameter in net.parameters():
        size = parameter.shape
        scale = 1 / np.sqrt(np.prod(size[1:])) if len(size) > 1 else 0.1
        parameter.data = library.tensor((rng.normal(size=tuple(size)) * scale).astype(np.float32))
    optimizer = library.optim.SGD(net.parameters(), lr=lr)

    def step(*inputs: Any) -> Any:
        optimizer.zero_grad()
        loss = loss_of(library, net, *inputs)
        loss.backward()
        optimizer.step()
        return loss

    return step


def steps(way: str, model: Model, batch: Batch, loss_of: Loss, lr: float, size: Any) -> Step:
    """The step of one contestant on one batch."""
    if way == "PyTorch":
        import torch as library

        library.set_num_threads(1)
    else:
        import tinygrad_edu as library
    step = step_of(library, model(library, size).to(library.float32), loss_of, lr)
    inputs = batch(size)
    if way == "plan":
        planned = library.capture(step, pure=True)
        return lambda: planned(*inputs)  # copies the batch into its place, as every step of a training does
    tensors = [library.tensor(x) for x in inputs]
    return lambda: step(*tensors)


def contestant(way: str, sizes: Mapping[str, Any], parts: tuple[Any, ...], quick: bool) -> Contestant:
    """One way to compute the step, at every size."""
    found = {name: steps(way, *parts, size) for name, size in sizes.items()}
    answer = sum([step() for _ in range(BEFORE)][-1].item() for step in found.values())
    runs = {name: timed(step, quick) for name, step in found.items()}
    return Contestant(answer, lambda: {name: run() for name, run in runs.items()})


def model_question(
    title: str,
    sizes: Mapping[str, Any],
    model: Model,
    batch: Batch,
    loss_of: Loss,
    *,
    bars: Mapping[str, tuple[float, float]],
    lr: float = 0.01,
) -> Question:
    """The question; `bars` has for each size what eager and plan should not exceed, as ratios to PyTorch."""
    ways = {"tinygrad_edu": "eager", "tinygrad_edu plan": "plan", "PyTorch": "PyTorch"}
    parts = (model, batch, loss_of, lr)
    return Question(
        title=title,
        measures=dict.fromkeys(sizes, "µs"),
        contestants={name: partial(contestant, way, sizes, parts) for name, way in ways.items()},
        claims=[
            ratio(way, "PyTorch", name, bar=bar)
            for name in sizes
            for way, bar in zip(("tinygrad_edu", "tinygrad_edu plan"), bars[name])
        ],
        tolerance=1e-4,
    )
