"""Every operation of the tables under pytest-benchmark: on one number where that has a meaning, and on 32x32.

Forward, beside its bare NumPy and a plan of it, and backward. Not part of the tests: a time is never asserted.

    pytest benchmarks/test_micro.py
    pytest benchmarks/test_micro.py -k softmax
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from examples import CASES, SLOPED, inputs, settings

from tinygrad_edu import OPERATIONS, Tensor, capture, tensor

pytest.importorskip("pytest_benchmark")
pytestmark = pytest.mark.benchmark(max_time=0.2, min_time=1e-4)


def called(x: str | tuple[int, ...]) -> str:
    """`multiply`, `32x32` or `0-d`."""
    return x if isinstance(x, str) else "x".join(map(str, x)) or "0-d"


cases = pytest.mark.parametrize(("name", "shape"), CASES, ids=called)


def leaves(name: str, shape: tuple[int, ...]) -> list[Tensor]:
    return [tensor(array, requires_grad=array.dtype.kind == "f") for array in inputs(name, shape)]


@cases
def test_forward(benchmark: Any, name: str, shape: tuple[int, ...]) -> None:
    benchmark.group = f"{name} {called(shape)} forward"
    xs, options = leaves(name, shape), settings(name)

    benchmark(lambda: OPERATIONS[name](*xs, **options))


@cases
def test_bare_numpy(benchmark: Any, name: str, shape: tuple[int, ...]) -> None:
    benchmark.group = f"{name} {called(shape)} forward"
    op, xs, options = OPERATIONS[name], inputs(name, shape), settings(name)
    if op.common is not None:
        xs.append(op.common(*xs, **options))

    benchmark(lambda: op.forward(*xs, **options))


@cases
def test_plan(benchmark: Any, name: str, shape: tuple[int, ...]) -> None:
    benchmark.group = f"{name} {called(shape)} forward"
    xs, options = inputs(name, shape), settings(name)
    plan = capture(lambda *ys: OPERATIONS[name](*ys, **options), pure=True)
    while not plan.ready:
        plan(*xs)

    benchmark(lambda: plan(*xs))


@pytest.mark.parametrize(("name", "shape"), SLOPED, ids=called)
def test_backward(benchmark: Any, name: str, shape: tuple[int, ...]) -> None:
    benchmark.group = f"{name} {called(shape)} backward"
    result = OPERATIONS[name](*leaves(name, shape), **settings(name))
    ones = np.ones(result.shape, result.dtype)

    benchmark(lambda: result.backward(ones))
