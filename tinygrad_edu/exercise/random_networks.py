"""Networks with random numbers that fit on a sheet: sizes all different, no zero, no two weights equal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from reprlib import repr as short
from typing import Any

import numpy as np

from tinygrad_edu.ops.elementwise import log, relu, sigmoid, tanh
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.tensor.tensor import Tensor

SIZES = (3, 5, 6, 7, 9, 10, 11)  # a factor 2 or 4 would look like that of a square
MAX_LAYERS = len(SIZES) - 2

ACTIVATIONS: dict[str, Callable[[Any], Any]] = {"sigmoid": sigmoid, "tanh": tanh, "relu": relu}
LOSSES = ("cross_entropy", "bce", "mse")


class RandomNetwork:
    """The sizes and functions of a network; `numbers` draws new numbers at each call.

    `layers` is the number of layers, or the sizes from inputs to outputs.
    """

    def __init__(
        self, seed: int, layers: int | Sequence[int], activation: str, loss: str, examples: int | None
    ) -> None:
        _check("activation", activation, ACTIVATIONS)
        _check("loss", loss, LOSSES)
        self.rng = np.random.default_rng(seed)
        self.loss = loss
        self.count, self.widths = _sizes(self.rng, layers, loss, examples)
        self.function = _function(len(self.widths) - 1, ACTIVATIONS[activation], loss)
        self.parameters = [f"{letter}{i}" for i in range(1, len(self.widths)) for letter in "Wb"]
        self.text = _text(self.widths, activation, loss, self.count)

    def numbers(self) -> dict[str, Array]:
        """The arrays by name, with other numbers at each call."""
        return _numbers(self.rng, self.count, self.widths, self.loss)


def _check(name: str, value: Any, known: Any) -> None:
    if value not in tuple(known):
        raise ValueError(f"random needs {name} out of {', '.join(known)}, got {short(value)}")


def _sizes(rng: np.random.Generator, layers: Any, loss: str, examples: Any) -> tuple[int, list[int]]:
    """The number of examples, and the widths from inputs to outputs."""
    if not isinstance(layers, list | tuple | str):
        if isinstance(layers, bool) or not isinstance(layers, int) or not 1 <= layers <= MAX_LAYERS:
            raise ValueError(
                f"random needs layers from 1 to {MAX_LAYERS}, or a list of sizes: got {short(layers)}"
            )
        count, *widths = (int(n) for n in rng.permutation(SIZES[: layers + 2]))
    else:
        widths, count = _whole("layers", list(layers)), 5
    if len(widths) < 2:
        raise ValueError(
            f"random needs layers with a size for inputs and one for outputs, got {short(layers)}"
        )
    if loss == "cross_entropy" and widths[-1] < 2:
        raise ValueError("random needs two outputs or more for cross_entropy, got 1; take loss='bce'")
    return (count if examples is None else _whole("examples", [examples])[0]), widths


def _whole(name: str, sizes: list[Any]) -> list[int]:
    if not all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in sizes):
        raise ValueError(f"random needs {name} as whole numbers above 0, got {short(sizes)}")
    return sizes


def _function(depth: int, activation: Callable[[Any], Any], loss: str) -> Callable[..., Any]:
    def network(X: Tensor, Y: Tensor, **parameters: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        a, inner = X, {}
        for i in range(1, depth + 1):
            z = inner[f"z{i}"] = a @ parameters[f"W{i}"] + parameters[f"b{i}"]
            if i < depth:
                a = inner[f"a{i}"] = activation(z)
        if loss == "mse":
            return _loss(loss, z, Y), inner
        p = inner["p"] = sigmoid(z) if loss == "bce" else z.softmax(1)
        return _loss(loss, p, Y), inner

    return network


def _loss(loss: str, p: Any, Y: Any) -> Any:
    """The loss of each example summed over outputs, and its mean over the examples."""
    if loss == "mse":
        return ((p - Y) ** 2).sum(1).mean()
    if loss == "bce":
        return -(Y * log(p) + (1 - Y) * log(1 - p)).sum(1).mean()
    return -(Y * log(p)).sum(1).mean()


def _numbers(rng: np.random.Generator, count: int, widths: list[int], loss: str) -> dict[str, Array]:
    """Inputs with one decimal, weights with two, all different."""
    data = {
        "X": _distinct(rng, (count, widths[0]), 0.1, 0.2, 2.0),
        "Y": _targets(rng, count, widths[-1], loss),
    }
    for i, (m, n) in enumerate(pairwise(widths), 1):
        data[f"W{i}"] = _distinct(rng, (m, n), 0.01, 0.1, 1.2)
        data[f"b{i}"] = _distinct(rng, (n,), 0.01, 0.05, 0.6)
    return data


def _distinct(
    rng: np.random.Generator, shape: tuple[int, ...], step: float, low: float, high: float
) -> Array:
    """Numbers of both signs, between `low` and `high` in size; different if there are enough such numbers."""
    positive = np.arange(round(low / step), round(high / step) + 1)
    known = np.concatenate([-positive, positive])
    size = int(np.prod(shape))
    chosen = rng.choice(known, size, replace=size > len(known))
    return np.round(chosen.reshape(shape) * step, 2)


def _targets(rng: np.random.Generator, count: int, outputs: int, loss: str) -> Array:
    if loss == "mse":
        return _distinct(rng, (count, outputs), 0.1, 0.1, 2.0)
    if loss == "bce":
        return np.array([rng.permutation(np.arange(count) % 2) for _ in range(outputs)]).T.astype(float)
    return np.eye(outputs)[rng.permutation(np.arange(count) % outputs)]


def _text(widths: list[int], activation: str, loss: str, count: int) -> str:
    names = {"cross_entropy": "cross-entropy", "bce": "binary cross-entropy", "mse": "squared error"}
    summed = ", summed over outputs" if loss != "cross_entropy" and widths[-1] > 1 else ""
    hidden = f" Hidden layers have the activation {activation}." if len(widths) > 2 else ""
    return (
        f"A network of sizes {' → '.join(map(str, widths))} and {count} examples, one in each row of X.{hidden} "
        f"The loss L is the mean over examples of the {names[loss]}{summed}{', in nats' * (loss != 'mse')}."
    )
