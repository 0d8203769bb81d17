"""A Hessian times a vector, without the Hessian: the Rosenbrock function of 100 and of 100,000 numbers, float64.

f(x) = sum over i of 100 (x[i+1] - x[i]²)² + (1 - x[i])². Each library as it recommends: reverse over reverse for ours,
HIPS autograd and PyTorch; for JAX forward over reverse, compiled before it is timed. "NumPy by hand" is the formula of
the product.

    python benchmarks/hessian_vector.py
"""
# ruff: noqa: PLC0415 - each library is loaded in its own process only
# ruff: noqa: PLW0108 - the lambdas are what is timed

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from harness import Contestant, Question, main, ratio, timed

SIZES = (100, 100_000)

Step = Callable[[], Any]  # returns the product


def name(size: int) -> str:
    return f"{size:,} numbers"


def point(size: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.standard_normal(size), rng.standard_normal(size)


def rosenbrock(x: Any) -> Any:
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def contestant(build: Callable[[np.ndarray, np.ndarray], Step], quick: bool) -> Contestant:
    steps = {name(size): build(*point(size)) for size in SIZES}
    answer = sum(float(np.abs(np.asarray(step())).sum()) for step in steps.values())
    runs = {size: timed(step, quick) for size, step in steps.items()}
    return Contestant(answer, lambda: {size: run() for size, run in runs.items()})


def ours(x: np.ndarray, v: np.ndarray) -> Step:
    from tinygrad_edu import tensor
    from tinygrad_edu.autograd import hvp

    at, direction = tensor(x), tensor(v)
    return lambda: hvp(rosenbrock, at, direction)[1].numpy()


def by_hand(x: np.ndarray, v: np.ndarray) -> Step:
    def step() -> np.ndarray:
        hv = np.zeros_like(x)
        hv[:-1] = (1200 * x[:-1] ** 2 - 400 * x[1:] + 2) * v[:-1] - 400 * x[:-1] * v[1:]
        hv[1:] += 200 * v[1:] - 400 * x[:-1] * v[:-1]
        return hv

    return step


def pytorch(x: np.ndarray, v: np.ndarray) -> Step:
    import torch

    at, direction = torch.tensor(x), torch.tensor(v)
    return lambda: torch.autograd.functional.hvp(rosenbrock, at, direction)[1].numpy()


def hips(x: np.ndarray, v: np.ndarray) -> Step:
    from autograd import hessian_vector_product

    times = hessian_vector_product(rosenbrock)
    return lambda: times(x, v)


def jax(x: np.ndarray, v: np.ndarray) -> Step:
    import jax

    jax.config.update("jax_enable_x64", True)

    at, direction = jax.numpy.asarray(x), jax.numpy.asarray(v)
    times = jax.jit(lambda a, d: jax.jvp(jax.grad(rosenbrock), (a,), (d,))[1])
    return lambda: times(at, direction).block_until_ready()


PRODUCTS = {
    "tinygrad_edu": ours,
    "NumPy by hand": by_hand,
    "PyTorch": pytorch,
    "HIPS autograd": hips,
    "JAX, compiled": jax,
}
QUESTION = Question(
    title="Hessian-vector product of the Rosenbrock function",
    measures={name(size): "µs" for size in SIZES},
    contestants={name: partial(contestant, build) for name, build in PRODUCTS.items()},
    claims=[
        ratio("tinygrad_edu", other, name(size))
        for other in ("HIPS autograd", "JAX, compiled", "NumPy by hand")
        for size in SIZES
    ]
    + [ratio("tinygrad_edu", "PyTorch", name(size), bar=1.2) for size in SIZES],
)

if __name__ == "__main__":
    main(QUESTION)
