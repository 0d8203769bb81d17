"""Training steps on JAX: captured from the program of a learner, and written for JAX by hand.

The exam's network (3-2-3, float64), a perceptron 64-64-64-10 with batches of 32, a convolutional network for digits
and a tiny GPT (see `digits_cnn_step.py` and `gpt_step.py`; float32). By hand: a function of a dict of parameters, its
gradient by `jax.value_and_grad`, compiled with the parameters donated, on inputs that are on the device. Ours is
`capture(step, engine="jax")` on two Tensors. SGD; the loss is read after each twentieth step. One thread each.

The first result is what the first call returns; compiled is everything until a compiled step has returned.

    python benchmarks/jax_step.py
"""
# ruff: noqa: PLC0415 - each library is loaded in its own process only

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import digits_cnn_step
import exam_step
import gpt_step
import numpy as np
from harness import Contestant, Question, main, ratio, timed
from harness.models import step_of

PER = 20  # steps between two losses that are read
BEFORE = 5  # steps, after which the losses must be the same
LR = 0.01
CNN, GPT = digits_cnn_step.SIZES["16, 32 channels, batch 64"], gpt_step.SIZES["4 layers of 64, context 32"]

Parameters = dict[str, Any]


class Case(NamedTuple):
    """A model of ours, its loss, a batch, and the loss for JAX."""

    model: Callable[[Any], Any]
    loss: Callable[..., Any]
    batch: tuple[np.ndarray, ...]
    by_hand: Callable[..., Any]


def perceptron(library: Any) -> Any:
    nn = library.nn
    layers = nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 10)
    return nn.Sequential(*layers).float()


def exam(library: Any) -> Any:
    nn = library.nn
    return nn.Sequential(nn.Linear(3, 2), nn.Sigmoid(), nn.Linear(2, 3)).double()


def cross_entropy(library: Any, net: Any, x: Any, y: Any) -> Any:
    return library.nn.functional.cross_entropy(net(x), y)


def characters_loss(library: Any, net: Any, x: Any, y: Any) -> Any:
    return library.nn.functional.cross_entropy(net(x).reshape(-1, gpt_step.KINDS), y)


def characters() -> tuple[np.ndarray, ...]:
    x, y = gpt_step.batch(GPT)
    return x, y.reshape(-1)


# By hand.


def chosen(logits: Any, classes: Any) -> Any:
    import jax
    import jax.numpy as jnp

    return -jnp.take_along_axis(jax.nn.log_softmax(logits), classes[:, None], 1).mean()


def linear(p: Parameters, name: str, x: Any) -> Any:
    return x @ p[f"{name}.weight"].T + p[f"{name}.bias"]


def exam_by_hand(p: Parameters, x: Any, y: Any) -> Any:
    import jax

    logits = linear(p, "2", jax.nn.sigmoid(linear(p, "0", x)))
    return -(jax.nn.log_softmax(logits) * y).sum() / len(y)


def perceptron_by_hand(p: Parameters, x: Any, y: Any) -> Any:
    import jax.numpy as jnp

    return chosen(linear(p, "4", jnp.tanh(linear(p, "2", jnp.tanh(linear(p, "0", x))))), y)


def cnn_by_hand(p: Parameters, x: Any, y: Any) -> Any:
    import jax
    import jax.numpy as jnp

    for name in ("0", "2"):
        x = jax.lax.conv_general_dilated(x, p[f"{name}.weight"], (1, 1), "SAME")
        x = jax.nn.relu(x + p[f"{name}.bias"][:, None, None])
    x = jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")
    return chosen(linear(p, "8", jax.nn.relu(linear(p, "6", x.reshape(len(x), -1)))), y)


def norm(p: Parameters, name: str, x: Any) -> Any:
    x = x - x.mean(-1, keepdims=True)
    x = x / ((x * x).mean(-1, keepdims=True) + 1e-5) ** 0.5
    return x * p[f"{name}.weight"] + p[f"{name}.bias"]


def gpt_by_hand(p: Parameters, x: Any, y: Any) -> Any:
    import jax
    import jax.numpy as jnp

    later = np.tril(np.ones((GPT.context, GPT.context))) == 0
    h = p["tokens.weight"][x] + p["places.weight"]
    for block in range(GPT.layers):
        name = f"blocks.{block}"
        parts = jnp.split(linear(p, f"{name}.qkv", norm(p, f"{name}.norm1", h)), 3, -1)
        q, k, v = (z.reshape(*z.shape[:2], GPT.heads, -1).swapaxes(1, 2) for z in parts)
        scores = jnp.where(later, -jnp.inf, q @ k.swapaxes(-2, -1) / math.sqrt(q.shape[-1]))
        h = h + linear(p, f"{name}.out", (jax.nn.softmax(scores) @ v).swapaxes(1, 2).reshape(h.shape))
        inner = jax.nn.gelu(linear(p, f"{name}.mlp.0", norm(p, f"{name}.norm2", h)), approximate=False)
        h = h + linear(p, f"{name}.mlp.2", inner)
    return chosen(linear(p, "head", norm(p, "norm", h)).reshape(-1, gpt_step.KINDS), y)


def pictures() -> tuple[np.ndarray, ...]:
    rng = np.random.default_rng(1)
    return rng.random((32, 64), dtype=np.float32), rng.integers(0, 10, 32)


CASES = {
    "exam": Case(exam, cross_entropy, (exam_step.X, exam_step.Y), exam_by_hand),
    "64-64-64-10": Case(perceptron, cross_entropy, pictures(), perceptron_by_hand),
    "CNN": Case(
        lambda library: digits_cnn_step.model(library, CNN).float(),
        cross_entropy,
        digits_cnn_step.batch(CNN),
        cnn_by_hand,
    ),
    "GPT": Case(
        lambda library: gpt_step.model(library, GPT).float(), characters_loss, characters(), gpt_by_hand
    ),
}


def started(case: Case) -> tuple[Any, Callable[..., Any]]:
    """Our network and its step, from which both start."""
    import tinygrad_edu

    net = case.model(tinygrad_edu)
    return net, step_of(tinygrad_edu, net, case.loss, LR)


def captured(case: Case) -> Callable[[], Any]:
    from tinygrad_edu import capture, tensor

    _, step = started(case)
    plan, inputs = capture(step, engine="jax"), [tensor(x) for x in case.batch]
    return lambda: plan(*inputs)


def by_hand(case: Case) -> Callable[[], Any]:
    import jax

    net, _ = started(case)
    jax.config.update("jax_enable_x64", True)  # labels are whole numbers of 64 bits

    def step(parameters: Parameters, x: Any, y: Any) -> tuple[Any, Parameters]:
        loss, slopes = jax.value_and_grad(case.by_hand)(parameters, x, y)
        return loss, {name: p - LR * slopes[name] for name, p in parameters.items()}

    compiled = jax.jit(step, donate_argnums=0)
    inputs = [jax.numpy.asarray(x) for x in case.batch]
    state = {name: jax.numpy.asarray(p.detach().numpy()) for name, p in net.named_parameters()}

    def run() -> Any:
        nonlocal state
        loss, state = compiled(state, *inputs)
        return loss

    return run


def contestant(build: Callable[[Case], Callable[[], Any]], needed: int, quick: bool) -> Contestant:
    """`needed`: the calls until a compiled step has returned."""
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    import jax

    jax.devices()
    answer, runs, fixed = 0.0, {}, {}
    for name, case in CASES.items():
        begin = time.perf_counter()
        step = build(case)
        for call in range(needed):
            step().item()
            if call == 0:
                fixed[f"{name}, first result"] = (time.perf_counter() - begin) * 1e3
        fixed[f"{name}, compiled"] = (time.perf_counter() - begin) * 1e3
        answer += [step().item() for _ in range(BEFORE + 5 - needed)][-1]

        def steps(step: Callable[[], Any] = step) -> None:
            for _ in range(PER - 1):
                step()
            step().item()

        runs[name] = timed(steps, quick, PER)
    return Contestant(answer, lambda: {name: run() for name, run in runs.items()} | fixed)


QUESTION = Question(
    title="Training steps on JAX",
    measures=dict.fromkeys(CASES, "µs")
    | {f"{name}, {moment}": "ms" for name in CASES for moment in ("first result", "compiled")},
    contestants={
        "tinygrad_edu on JAX": partial(
            contestant, captured, 4
        ),  # the first two are followed, the third is checked
        "JAX by hand": partial(contestant, by_hand, 1),
    },
    claims=[ratio("tinygrad_edu on JAX", "JAX by hand", name, bar=1.15) for name in CASES],
    tolerance=1e-4,
)

if __name__ == "__main__":
    main(QUESTION)
