"""A record of what the layers of a net do in training: activations, their gradients, and updates of the weights."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from reprlib import repr as short
from types import TracebackType
from typing import Any, NamedTuple, Self

import numpy as np

from tinygrad_edu.nn.module import Module
from tinygrad_edu.tensor.tensor import Tensor

BINS = 50
SATURATED: dict[
    str, Callable[[np.ndarray], np.ndarray]
] = {  # where the slope is below 6 % or 3 % of the steepest
    "Tanh": lambda y: np.abs(y) > 0.97,
    "Sigmoid": lambda y: np.abs(y - 0.5) > 0.49,
}
MAX_SATURATED = 0.5  # of the numbers of a layer
FAR_SMALLER = 1e-3  # of the gradient that arrives at another layer
TOO_FAST, TOO_SLOW = 1e-1, 1e-6  # updates in relation to their weights; some 1e-3 is usual


class Spread(NamedTuple):
    """The numbers of one layer at one step: a histogram over `edges`, and what it says."""

    density: np.ndarray
    edges: np.ndarray  # of activations, or of log₁₀ |g|
    mean: float
    std: float
    strange: int = 0  # numbers that are NaN or infinite
    zero: float = 0.0  # share of the numbers that are 0
    dead: int = 0  # units that are 0 for every example
    units: int = 0
    saturated: float = 0.0  # share of the numbers where the function is flat


class LayerHistory:
    """A record of the layers of `net`, which are the modules without modules inside: `history = LayerHistory(net)`.

    `history.step()` after `optimizer.step()` records every `every`-th step of training: `activations` and `gradients`
    of each layer's result, by its path, and `updates`, the standard deviation of the change of each weight divided by
    that of the weight. `steps` are the numbers of the steps. Of a layer called several times in a step, the last call
    counts. `findings()` says in words what is wrong; `plot_layers(history)` draws all.
    `close()`, or the end of `with`, takes the hooks off the net.
    """

    def __init__(self, net: Any, *, every: int = 1) -> None:
        if not isinstance(net, Module):
            raise TypeError(f"LayerHistory needs a Module, got {type(net).__name__} {short(net)}")
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise ValueError(f"LayerHistory needs every as a whole number of 1 or more, got {short(every)}")
        self.activations: dict[str, list[Spread]] = {}
        self.gradients: dict[str, list[Spread]] = {}
        self.updates: dict[str, list[float]] = {}
        self.steps: list[int] = []
        layers = {path: x for path, x in type(net).named_modules(net) if not list(type(x).children(x))}
        self.kinds = {path: type(layer).__name__ for path, layer in layers.items()}
        self._net, self._every, self._count = net, every, 0
        self._results: dict[str, Tensor] = {}
        self._hooks = [layer.register_forward_hook(self._hook(path)) for path, layer in layers.items()]
        self._before = dict(self._weights())

    def _hook(self, path: str) -> Callable[..., None]:
        def note(_module: Any, _inputs: Any, result: Any) -> None:
            if isinstance(result, Tensor) and result.requires_grad:  # an evaluation is no step
                self._results[path] = result

        return note

    def _weights(self) -> Iterator[tuple[str, np.ndarray]]:
        """A copy of each parameter of two or more dimensions: biases start at 0, of which nothing is a share."""
        for path, parameter in type(self._net).named_parameters(self._net):
            if parameter.raw.ndim > 1:
                yield path, np.array(parameter.raw, dtype=np.float64)

    def step(self) -> None:
        """Record this step. Raises `RuntimeError` if no layer was called with gradients since the last."""
        if not self._results:
            raise RuntimeError(
                "history.step() needs a step before it: call net(x), loss.backward() and optimizer.step()"
            )
        if self._count % self._every == 0:
            self._record()
        self._results = {}
        self._count += 1
        if self._count % self._every == 0:
            self._before = dict(self._weights())

    def _record(self) -> None:
        self.steps.append(self._count)
        for path, result in self._results.items():
            self.activations.setdefault(path, []).append(spread(result.raw, self.kinds[path]))
            gradient = result.raw_grad()
            if gradient is not None:
                self.gradients.setdefault(path, []).append(magnitudes(gradient))
        for path, now in self._weights():
            size = self._before[path].std()
            ratio = (now - self._before[path]).std() / size if size else np.inf
            self.updates.setdefault(path, []).append(float(ratio))

    def findings(self, of: str | None = None) -> dict[str, list[str]]:
        """What is wrong with each layer or weight at the last recorded step, in words; empty if nothing is.

        `of`: "activations", "gradients" or "updates" alone; all without it.
        """
        found: dict[str, list[str]] = {}
        for kind, words_of in FINDINGS.items():
            last = {path: record[-1] for path, record in getattr(self, kind).items()}
            for path, words in words_of(last, self.kinds) if of in (None, kind) else ():
                found.setdefault(path, []).append(words)
        return found

    def close(self) -> None:
        """Take the hooks off the net. The record stays."""
        for hook in self._hooks:
            hook.remove()
        self._results = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def spread(numbers: np.ndarray, kind: str = "") -> Spread:
    """The histogram of `numbers`, the results of a layer of this kind, and what it says."""
    finite = numbers[np.isfinite(numbers)].astype(np.float64)
    zero = np.zeros(0, bool)
    if kind.endswith("ReLU") and numbers.ndim > 1:  # (N, units) or (N, channels, ...)
        unit = 1 if numbers.ndim == 4 else numbers.ndim - 1
        zero = (numbers == 0).all(axis=tuple(i for i in range(numbers.ndim) if i != unit))
    saturated = float(SATURATED[kind](finite).mean()) if kind in SATURATED and finite.size else 0.0
    return _spread(numbers, finite, finite)._replace(
        dead=int(zero.sum()), units=zero.size, saturated=saturated
    )


def magnitudes(gradients: np.ndarray) -> Spread:
    """The histogram of log₁₀ |g|, in which gradients of every size can be seen, of those that are not 0."""
    finite = gradients[np.isfinite(gradients)].astype(np.float64)
    return _spread(gradients, finite, np.log10(np.abs(finite[finite != 0])))


def _spread(numbers: np.ndarray, finite: np.ndarray, shown: np.ndarray) -> Spread:
    density, edges = np.histogram(shown, bins=BINS)
    mean, std = (finite.mean(), finite.std()) if finite.size else (np.nan, np.nan)
    strange, zero = numbers.size - finite.size, float(np.mean(numbers == 0)) if numbers.size else 0.0
    return Spread(density / max(shown.size, 1), edges, float(mean), float(std), strange, zero)


Found = Iterator[tuple[str, str]]


def _of_activations(last: dict[str, Spread], kinds: dict[str, str]) -> Found:
    for path, x in last.items():
        if x.strange:
            yield path, f"{x.strange:,} numbers are NaN or ∞"
        if x.dead:
            yield path, f"{x.dead} of {x.units} units are dead: 0 for every example"
        if x.saturated > MAX_SATURATED:
            yield (
                path,
                f"{x.saturated:.0%} saturated: {kinds[path]} is flat there and passes hardly any gradient",
            )


def _of_gradients(last: dict[str, Spread], _kinds: dict[str, str]) -> Found:
    """Layers at which far smaller or far greater gradients arrive than at the layer nearest to the loss."""
    nearest = list(last)[-1] if last else ""
    for path, x in last.items():
        size, there = x.std, last[nearest].std
        if x.strange:
            yield path, f"{x.strange:,} gradients are NaN or ∞"
        elif size < FAR_SMALLER * there:
            yield path, f"the gradient vanishes: {_times(there, size)} smaller than at {nearest}"
        elif there < FAR_SMALLER * size:
            yield path, f"the gradient explodes: {_times(size, there)} greater than at {nearest}"


def _times(large: float, small: float) -> str:
    return f"{float(f'{large / small:.1g}'):,.0f} times" if small else "infinitely"


def _of_updates(last: dict[str, float], _kinds: dict[str, str]) -> Found:
    for path, ratio in last.items():
        if not ratio < np.inf:
            yield path, "an update is NaN or ∞"
        elif ratio > TOO_FAST:
            yield path, f"an update changes it by {ratio:.0%} of itself: lr is too large"
        elif ratio < TOO_SLOW:
            yield path, f"an update changes it by {ratio:.0e} of itself: it hardly learns"


FINDINGS: dict[str, Callable[..., Found]] = {
    "activations": _of_activations,
    "gradients": _of_gradients,
    "updates": _of_updates,
}
