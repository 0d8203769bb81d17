"""A Hessian times a vector, without the Hessian: the Rosenbrock function of 100 and of 100,000 numbers, float64.

f(x) = sum over i of 100 (x[i+1] - x[i]²)² + (1 - x[i])². Each library in the way it recommends: reverse over reverse for
ours, HIPS autograd and PyTorch, compiled forward over reverse for JAX (compiling is not timed). "NumPy by hand" is the
formula of the product.

    python benchmarks/hessian_vector.py
"""
# ruff: noqa: PLC0415 - each library is loaded in its own process only

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from harness import Contestant, Question, main, ratio, timed

SIZES = (100, 100_000)


def name(size: int) -> str:
    return f"{size:,} numbers"


def point(size: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.standard_normal(size), rng.standard_normal(size)


def rosenbrock(x: Any) -> Any:
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def contestant(product: Callable[[np.ndarray, np.ndarray], Callable[[], Any]], quick: bool) -> Contestant:
    steps = {name(size): product(*point(size)) for size in SIZES}
    answer = sum(float(np.abs(np.asarray(step())).sum()) for step in steps.values())
    runs = {size: timed(step, quick) for size, step in steps.items()}
    return Contestant(answer, lambda: {size: run() for size, run in runs.items()})


def ours(quick: bool) -> Contestant:
    from tinygrad_edu import tensor
    from tinygrad_edu.autograd import hvp

    def product(x: np.ndarray, v: np.ndarray) -> Callable[[], Any]:
        at, direction = tensor(x), tensor(v)
        return lambda: hvp(rosenbrock, at, direction)[1].numpy()

    return contestant(product, quick)


def by_hand(quick: bool) -> Contestant:
    def product(x: np.ndarray, v: np.ndarray) -> Callable[[], Any]:
        def step() -> np.ndarray:
            hv = np.zeros_like(x)
            hv[:-1] = (1200 * x[:-1] ** 2 - 400 * x[1:] + 2) * v[:-1] - 400 * x[:-1] * v[1:]
            hv[1:] += 200 * v[1:] - 400 * x[:-1] * v[:-1]
            return hv

        return step

    return contestant(product, quick)


def pytorch(quick: bool) -> Contestant:
    import torch

    def product(x: np.ndarray, v: np.ndarray) -> Callable[[], Any]:
        at, direction = torch.tensor(x), torch.tensor(v)
        return lambda: torch.autograd.functional.hvp(rosenbrock, at, direction)[1].numpy()

    return contestant(product, quick)


def hips(quick: bool) -> Contestant:
    from autograd import hessian_vector_product

    def product(x: np.ndarray, v: np.ndarray) -> Callable[[], Any]:
        times = hessian_vector_product(rosenbrock)
        return lambda: times(x, v)

    return contestant(product, quick)


def jax(quick: bool) -> Contestant:
    import jax

    jax.config.update("jax_enable_x64", True)

    def product(x: np.ndarray, v: np.ndarray) -> Callable[[], Any]:
        at, direction = jax.numpy.asarray(x), jax.numpy.asarray(v)
        times = jax.jit(lambda a, d: jax.jvp(jax.grad(rosenbrock), (a,), (d,))[1])
        return lambda: times(at, direction).block_until_ready()

    return contestant(product, quick)


QUESTION = Question(
    title="Hessian-vector product of the Rosenbrock function",
    measures={name(size): "µs" for size in SIZES},
    contestants={
        "tinygrad_edu": ours,
        "NumPy by hand": by_hand,
        "PyTorch": pytorch,
        "HIPS autograd": hips,
        "JAX, compiled": jax,
    },
    claims=[
        ratio("tinygrad_edu", other, name(size))
        for other in ("PyTorch", "HIPS autograd", "JAX, compiled")
        for size in SIZES
    ],
)

if __name__ == "__main__":
    main(QUESTION)
