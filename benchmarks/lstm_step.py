"""One training step of an LSTM that classifies sequences, at two sizes, in float32 and float64.

28 steps of 28 numbers, one layer, the state after the last step through a linear layer to 10 classes: cross-entropy,
backward, SGD. A batch of 32 with 64 hidden numbers, and of 8 with 16, where each operation has little to compute.
"step by step" is the same network as a composition: one `LSTMCell` after the other, with the inputs' share of the gates
computed anew in each. "NumPy by hand" is what NumPy itself allows: one function without a graph, most arrays kept from
step to step, one tanh for all gates. One thread each.

    python benchmarks/lstm_step.py
"""
# ruff: noqa: PLC0415 - each library is loaded in its own process only

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from harness import Contestant, Question, main, ratio, timed

STEPS, NUMBERS, CLASSES, LR = 28, 28, 10, 0.01
SIZES = {"hidden 64, batch 32": (64, 32), "hidden 16, batch 8": (16, 8)}
DTYPES = ("float32", "float64")
MEASURES = [(size, dtype) for size in SIZES for dtype in DTYPES]
BEFORE = 3  # steps, after which the losses must be the same

Step = Callable[[], Any]  # returns the loss


def arrays(size: str, dtype: str) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """The parameters, and a batch of sequences with their classes."""
    hidden, batch = SIZES[size]
    rng = np.random.default_rng(0)
    shapes = [
        (4 * hidden, NUMBERS),
        (4 * hidden, hidden),
        (4 * hidden,),
        (4 * hidden,),
        (CLASSES, hidden),
        (CLASSES,),
    ]
    k = 1 / np.sqrt(hidden)
    weights = [rng.uniform(-k, k, shape).astype(dtype) for shape in shapes]
    return weights, rng.normal(size=(STEPS, batch, NUMBERS)).astype(dtype), rng.integers(0, CLASSES, batch)


def training(library: Any, hidden: int, stepwise: bool) -> tuple[Any, Callable[[Any, Any], Any]]:
    """The parameters, and the step; the same text for tinygrad_edu and for PyTorch."""
    nn = library.nn
    layer = (nn.LSTMCell if stepwise else nn.LSTM)(NUMBERS, hidden)
    head = nn.Linear(hidden, CLASSES)
    parameters = [*layer.parameters(), *head.parameters()]
    optimizer = library.optim.SGD(parameters, lr=LR)

    def last_state(x: Any) -> Any:
        if not stepwise:
            return layer(x)[0][-1]
        state = None
        for each in x:
            state = layer(each, state)
        return state[0]

    def step(x: Any, y: Any) -> Any:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(head(last_state(x)), y)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return (layer, head, parameters), step


def started(library: Any, size: str, dtype: str, stepwise: bool = False) -> tuple[Any, Any, Any]:
    """The step of a network that has its weights, and the batch."""
    weights, x, y = arrays(size, dtype)
    (layer, head, parameters), step = training(library, SIZES[size][0], stepwise)
    for module in (layer, head):
        module.to(getattr(library, dtype))
    for parameter, values in zip(parameters, weights, strict=True):
        parameter.data = library.tensor(values)
    return step, library.tensor(x), library.tensor(y)


def ours(size: str, dtype: str, stepwise: bool = False) -> Step:
    import tinygrad_edu

    step, x, y = started(tinygrad_edu, size, dtype, stepwise)
    return lambda: step(x, y)


def plan(size: str, dtype: str) -> Step:
    import tinygrad_edu

    step, x, y = started(tinygrad_edu, size, dtype)
    captured = tinygrad_edu.capture(step, pure=True)
    return lambda: captured(x, y)


def pytorch(size: str, dtype: str) -> Step:
    import torch

    torch.set_num_threads(QUESTION.threads)
    step, x, y = started(torch, size, dtype)
    return lambda: step(x, y)


def by_hand(size: str, dtype: str) -> Step:
    (w_x, w_h, b_x, b_h, w, b), x, y = arrays(size, dtype)
    hidden, batch = SIZES[size]
    one, half = x.dtype.type(1), x.dtype.type(0.5)
    inputs, rows = x.reshape(-1, NUMBERS), np.arange(batch)
    # (i, f, o, g) beside each other, so that σ(z) = ½ + ½ tanh(½ z) takes one tanh for all four
    order = np.r_[0 : 2 * hidden, 3 * hidden : 4 * hidden, 2 * hidden : 3 * hidden]
    w_x, w_h, b_x, b_h = w_x[order], w_h[order], b_x[order], b_h[order]
    scale = np.where(np.arange(4 * hidden) < 3 * hidden, half, one).astype(dtype)
    gates = np.empty((STEPS, batch, 4 * hidden), dtype)
    slopes, d_gates = np.empty_like(gates), np.empty_like(gates)
    cells, sizes, states = (np.zeros((STEPS + 1, batch, hidden), dtype) for _ in range(3))
    room = np.empty((batch, hidden), dtype)
    i, f, o, g = (gates[..., k * hidden : (k + 1) * hidden] for k in range(4))
    d_i, d_f, d_o, d_g = (d_gates[..., k * hidden : (k + 1) * hidden] for k in range(4))

    def step() -> Any:
        nonlocal w_x, w_h, b_x, b_h, w, b
        np.dot(inputs, (w_x * scale[:, None]).T, out=gates.reshape(-1, 4 * hidden))
        np.add(gates, (b_x + b_h) * scale, out=gates)
        recurrent = np.ascontiguousarray((w_h * scale[:, None]).T)
        for t in range(STEPS):
            now = gates[t]
            now += states[t] @ recurrent
            np.tanh(now, out=now)
            opened = now[:, : 3 * hidden]
            opened *= half
            opened += half
            np.multiply(f[t], cells[t], out=cells[t + 1])
            cells[t + 1] += np.multiply(i[t], g[t], out=room)
            np.tanh(cells[t + 1], out=sizes[t])
            np.multiply(o[t], sizes[t], out=states[t + 1])
        logits = states[-1] @ w.T + b
        logits -= logits.max(1, keepdims=True)
        p = np.exp(logits)
        total = p.sum(1, keepdims=True)
        loss = (np.log(total[:, 0]) - logits[rows, y]).mean()
        p /= total
        p[rows, y] -= one
        p /= batch
        d_w, d_b = p.T @ states[-1], p.sum(0)
        d_h, d_c = p @ w, np.zeros_like(room)
        # what does not depend on later steps, for all steps at once
        np.subtract(one, gates, out=slopes)
        np.multiply(slopes, gates, out=slopes)
        np.subtract(one, g * g, out=slopes[..., 3 * hidden :])
        by_i, by_f, by_o, by_g = (slopes[..., k * hidden : (k + 1) * hidden] for k in range(4))
        by_i *= g
        by_f *= cells[:-1]
        by_o *= sizes[:-1]
        by_g *= i
        through = o * (one - sizes[:-1] * sizes[:-1])
        for t in reversed(range(STEPS)):
            d_c += np.multiply(d_h, through[t], out=room)
            np.multiply(d_c, by_i[t], out=d_i[t])
            np.multiply(d_c, by_f[t], out=d_f[t])
            np.multiply(d_h, by_o[t], out=d_o[t])
            np.multiply(d_c, by_g[t], out=d_g[t])
            d_c *= f[t]
            d_h = d_gates[t] @ w_h
        flat = d_gates.reshape(-1, 4 * hidden)
        lr = x.dtype.type(LR)
        d_bias = flat.sum(0)
        w_x = w_x - lr * (flat.T @ inputs)
        w_h = w_h - lr * (flat.T @ states[:-1].reshape(-1, hidden))
        b_x, b_h, w, b = b_x - lr * d_bias, b_h - lr * d_bias, w - lr * d_w, b - lr * d_b
        return loss

    return step


def contestant(build: Callable[[str, str], Step], quick: bool) -> Contestant:
    steps = {f"{size}, {dtype}": build(size, dtype) for size, dtype in MEASURES}
    answer = sum(float([step() for _ in range(BEFORE)][-1]) for step in steps.values())
    runs = {name: timed(step, quick) for name, step in steps.items()}
    return Contestant(answer, lambda: {name: run() for name, run in runs.items()})


STEPS_OF = {
    "tinygrad_edu": ours,
    "tinygrad_edu plan": plan,
    "tinygrad_edu step by step": partial(ours, stepwise=True),
    "NumPy by hand": by_hand,
    "PyTorch": pytorch,
}
QUESTION = Question(
    title="Training step of an LSTM over 28 steps",
    measures={f"{size}, {dtype}": "µs" for size, dtype in MEASURES},
    contestants={name: partial(contestant, build) for name, build in STEPS_OF.items()},
    claims=[
        *(
            ratio(who, "PyTorch", f"{size}, {dtype}", bar=1.0 if size == "hidden 16, batch 8" else bar)
            for who, bar in (("tinygrad_edu", 2.0), ("tinygrad_edu plan", 1.2))
            for size, dtype in MEASURES
        ),
        *(ratio("NumPy by hand", "PyTorch", measure) for measure in (f"{s}, {d}" for s, d in MEASURES)),
        *(ratio("tinygrad_edu step by step", "tinygrad_edu", f"{size}, {dtype}") for size, dtype in MEASURES),
    ],
    tolerance=1e-5,
)

if __name__ == "__main__":
    main(QUESTION)
