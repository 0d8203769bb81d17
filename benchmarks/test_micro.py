"""Single operations under pytest-benchmark: each forward and backward, on one number and on 32x32, beside bare NumPy.

    pytest benchmarks/test_micro.py

Not part of the tests: a time is never asserted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinygrad_edu import OPERATIONS, Tensor, tensor

pytest.importorskip("pytest_benchmark")

NAMES = ("add", "multiply", "divide", "exp", "tanh", "relu", "matmul", "linear", "log_softmax")
SHAPES = [(), (32, 32)]
MATRICES = {"matmul", "linear", "log_softmax"}  # have no meaning for single numbers
SETTINGS = {"log_softmax": {"dim": 1}}
BARE: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "multiply": np.multiply,
    "divide": np.divide,
    "exp": np.exp,
    "tanh": np.tanh,
    "matmul": np.matmul,
}
CASES = [(name, shape) for name in NAMES for shape in SHAPES if shape or name not in MATRICES]


def called(x: str | tuple[int, ...]) -> str:
    """`multiply`, `32x32` or `0-d`."""
    return x if isinstance(x, str) else "x".join(map(str, x)) or "0-d"


cases = pytest.mark.parametrize(("name", "shape"), CASES, ids=called)
bare_cases = pytest.mark.parametrize(
    ("name", "shape"), [case for case in CASES if case[0] in BARE], ids=called
)


def arrays(name: str, shape: tuple[int, ...]) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    count = 1 if name in {"exp", "tanh", "relu", "log_softmax"} else 2
    return [np.array(rng.uniform(0.5, 1.5, shape)) for _ in range(count)]


def leaves(name: str, shape: tuple[int, ...]) -> list[Tensor]:
    return [tensor(array, requires_grad=True) for array in arrays(name, shape)]


@cases
def test_forward(benchmark: Any, name: str, shape: tuple[int, ...]) -> None:
    benchmark.group = f"{name} {called(shape)} forward"
    inputs, settings = leaves(name, shape), SETTINGS.get(name, {})

    benchmark(lambda: OPERATIONS[name](*inputs, **settings))


@bare_cases
def test_bare_numpy(benchmark: Any, name: str, shape: tuple[int, ...]) -> None:
    benchmark.group = f"{name} {called(shape)} forward"
    inputs = arrays(name, shape)

    benchmark(lambda: BARE[name](*inputs))


@cases
def test_backward(benchmark: Any, name: str, shape: tuple[int, ...]) -> None:
    benchmark.group = f"{name} {called(shape)} backward"
    result = OPERATIONS[name](*leaves(name, shape), **SETTINGS.get(name, {}))
    ones = np.ones(result.shape)

    benchmark(lambda: result.backward(ones))
