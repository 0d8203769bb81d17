"""What one operation costs, forward and backward: a chain of multiplications on 32x32 float64, and a long chain.

The first number is compared with the same NumPy calls without an engine, run interleaved. The second is a chain of
additions of single numbers, whose cost per operation must not grow with its length.

    OMP_NUM_THREADS=1 python benchmarks/op_chain.py
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import numpy as np

from tinygrad_edu import Tensor, Value, tensor

X = np.random.default_rng(0).uniform(0.999, 1.001, (32, 32))


def timed(action: Callable[[], object]) -> tuple[float, object]:
    start = time.perf_counter()
    result = action()
    return time.perf_counter() - start, result


def chain(x: Tensor, w: Tensor, length: int) -> Tensor:
    for _ in range(length):
        x = x * w
    return x


def bare_forward(length: int) -> list[np.ndarray]:
    arrays = [X]
    for _ in range(length):
        arrays.append(arrays[-1] * X)
    return arrays


def bare_backward(arrays: list[np.ndarray]) -> np.ndarray:
    g, dw = np.ones_like(X), np.zeros_like(X)
    for x in arrays[-2::-1]:
        dw = dw + g * x
        g = g * X
    return dw


def multiplications(length: int = 400, rounds: int = 60) -> None:
    x, w = tensor(X, requires_grad=True), tensor(X, requires_grad=True)
    ones = np.ones_like(X)
    times: dict[str, list[float]] = {"forward": [], "bare forward": [], "backward": [], "bare backward": []}
    for _ in range(rounds):
        seconds, result = timed(lambda: chain(x, w, length))
        times["forward"].append(seconds)
        seconds, arrays = timed(lambda: bare_forward(length))
        times["bare forward"].append(seconds)
        times["backward"].append(timed(lambda: result.backward(ones))[0])  # noqa: B023
        times["bare backward"].append(timed(lambda: bare_backward(arrays))[0])  # noqa: B023
    print(f"chain of {length} multiplications, 32x32 float64, medians")
    micro = {name: float(np.median(found)) / length * 1e6 for name, found in times.items()}
    for way in ("forward", "backward"):
        bare = micro[f"bare {way}"]
        print(
            f"  {way:9} {micro[way]:5.2f} µs an operation, {micro[way] - bare:5.2f} above NumPy's own {bare:.2f}"
        )


def additions(kind: str, start: Tensor | Value, step: Tensor | Value) -> None:
    print(f"chain of additions of single numbers ({kind})")
    for length in (1_000, 10_000, 100_000, 1_000_000):

        def forward(length: int = length) -> Tensor | Value:
            x = start
            for _ in range(length):
                x = x + step
            return x

        seconds, result = timed(forward)
        back, _ = timed(result.backward)
        print(
            f"  {length:9,}: forward {seconds / length * 1e6:5.2f}, backward {back / length * 1e6:5.2f} µs an operation"
        )
        del result
    tracemalloc.start()
    result = forward(10_000)
    result.backward()
    print(f"  memory after backward: {tracemalloc.get_traced_memory()[0] / 10_000:.0f} bytes a node")
    tracemalloc.stop()


def main() -> None:
    multiplications()
    additions("Tensor", tensor(0.0), tensor(1.0, requires_grad=True))
    additions("Value", Value(0.0), Value(1.0))


if __name__ == "__main__":
    main()
