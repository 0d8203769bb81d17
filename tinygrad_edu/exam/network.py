"""The network class that the paper imports, on the engine: every gradient comes from `backward()`.

With `from tinygrad_edu.exam import network as nn` the cells of the paper run unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.grad_mode import no_grad
from tinygrad_edu.exam import network_arguments
from tinygrad_edu.exam.paper_functions import Loss, loss_BCE, loss_CCE, sigmoid, softmax
from tinygrad_edu.exam.progress import Progress
from tinygrad_edu.optim import SGD
from tinygrad_edu.tensor import creation
from tinygrad_edu.tensor.tensor import Tensor

__all__ = ["Loss", "NeuralNetwork", "loss_BCE", "loss_CCE", "sigmoid", "softmax"]

Activation = Callable[[Tensor], Tensor]
BIAS_NAMES = "BCDEFG"  # the paper calls its biases B and C


class NeuralNetwork:
    """Layers `Z = A @ W + b`, `A = activation(Z)`, from (N, input_size) to (N, output_size).

    `hidden_layer_sizes`: the widths between, [] for none. `activ_funcs`: one function of a Tensor per layer,
    the output's last. `loss_func(Y, Yhat)`: one loss per example, as `loss_CCE` (bits) or `loss_BCE` (nats).
    `random_initialize`: weights and biases from U(0, 1), drawn from `rng` or else from the generator behind
    `manual_seed`; if False, weights are 1 and biases 0 as in Problem 2 (units of a layer then stay alike).

    `weights` (in, out) and `biases` (1, out) are the parameters; `activ_fns` and `loss_fn` are the functions passed;
    `layers` the Z of every layer in the last `feed_forward`; `dLdw` and `dLdb` the mean gradients of the last
    step, in nats.
    """

    def __init__(
        self,
        input_size: int,
        output_size: int,
        hidden_layer_sizes: Sequence[int],
        activ_funcs: Sequence[Activation],
        loss_func: Callable[[Any, Any], Tensor],
        random_initialize: bool = True,
        *,
        rng: np.random.Generator | None = None,
    ) -> None:
        call = "NeuralNetwork"
        hidden = network_arguments.listed(
            call, "hidden_layer_sizes", hidden_layer_sizes, "hidden_layer_sizes=[2]"
        )
        sizes = [network_arguments.whole(call, "input_size", input_size)]
        sizes += [network_arguments.whole(call, f"hidden_layer_sizes[{i}]", n) for i, n in enumerate(hidden)]
        sizes += [network_arguments.whole(call, "output_size", output_size)]
        self.sizes = sizes
        self.activ_fns = network_arguments.functions(call, "activ_funcs", activ_funcs, len(sizes) - 1)
        if not callable(loss_func):
            raise TypeError(f"{call} needs loss_func as a function of (Y, Yhat), got {loss_func!r}")
        if not isinstance(random_initialize, bool):
            raise TypeError(f"{call} needs random_initialize True or False, got {random_initialize!r}")
        self.loss_fn = loss_func
        self.rng = network_arguments.random_generator(call, rng)
        self.layers: list[Tensor] = []
        self._create(self._generator().random if random_initialize else None)

    def _generator(self) -> np.random.Generator:
        return self.rng or creation.generator()

    def _create(self, draw: Callable[[tuple[int, int]], Any] | None) -> None:
        shapes = list(zip(self.sizes[:-1], self.sizes[1:], strict=True))
        weights = [draw(shape) if draw else np.ones(shape) for shape in shapes]
        biases = [draw((1, n)) if draw else np.zeros((1, n)) for _, n in shapes]
        names = [f"W{i + 1}" for i in range(len(shapes))]
        letters = BIAS_NAMES if len(shapes) <= len(BIAS_NAMES) else [f"B{i + 1}" for i in range(len(shapes))]
        self.weights = [
            Tensor(w, requires_grad=True, name=name) for w, name in zip(weights, names, strict=True)
        ]
        self.biases = [
            Tensor(b, requires_grad=True, name=name) for b, name in zip(biases, letters, strict=False)
        ]

    def set_parameters(self, weights: Sequence[Any], biases: Sequence[Any]) -> None:
        """Overwrite the weights and biases with copies of these arrays; without effect unless all arrays fit."""
        new = []
        for name, own, arrays in (("weights", self.weights, weights), ("biases", self.biases, biases)):
            values = network_arguments.listed("set_parameters", name, arrays, f"{name}=[...]")
            if len(values) != len(own):
                raise ValueError(f"set_parameters needs {len(own)} {name}, one a layer: got {len(values)}")
            for i, (p, value) in enumerate(zip(own, values, strict=True)):
                rows, columns = p.shape
                new.append(network_arguments.matrix("set_parameters", f"{name}[{i}]", value, columns, rows))
        for p, value in zip((*self.weights, *self.biases), new, strict=True):
            p.assign(value)

    @property
    def dLdw(self) -> list[Tensor | None]:  # noqa: N802 - the paper's name
        """The mean gradient of the loss (nats) by each of `weights`; None before the first step."""
        return [w.grad for w in self.weights]

    @property
    def dLdb(self) -> list[Tensor | None]:  # noqa: N802 - the paper's name
        """The mean gradient of the loss (nats) by each of `biases`; None before the first step."""
        return [b.grad for b in self.biases]

    def feed_forward(self, X: Any) -> Tensor:
        """The prediction Yhat (N, output_size) for X (N, input_size); keeps every Z in `layers`."""
        A = network_arguments.matrix("feed_forward", "X", X, self.sizes[0])
        self.layers = []
        for i, (W, b, activation) in enumerate(zip(self.weights, self.biases, self.activ_fns, strict=True)):
            Z = A @ W + b
            Z.name = f"Z{i + 1}"
            self.layers.append(Z)
            A = activation(Z)
            if not isinstance(A, Tensor) or A.shape != Z.shape:
                got = f"shape {A.shape}" if isinstance(A, Tensor) else type(A).__name__
                raise TypeError(f"activ_funcs[{i}] needs to return a Tensor of shape {Z.shape}, got {got}")
            if A is not Z:
                A.name = f"H{i + 1}" if i + 2 < len(self.sizes) else "Yhat"
        return A

    def mean_loss(self, X: Any, Y: Any) -> float:
        """The loss averaged over examples, in the unit of `loss_fn`."""
        with no_grad():
            return float(self._mean("mean_loss", self.loss_fn, X, Y).item())

    def objective(self, X: Any, Y: Any) -> Tensor:
        """The mean loss that training makes smaller, with its graph; in nats if the loss has a unit."""
        loss = self._mean("objective", getattr(self.loss_fn, "nats", self.loss_fn), X, Y)
        loss.name = "L"
        return loss

    def _mean(self, call: str, loss_fn: Callable[[Any, Any], Tensor], X: Any, Y: Any) -> Tensor:
        X, Y = self._examples(call, X, Y)
        losses = loss_fn(Y, self.feed_forward(X))
        if not isinstance(losses, Tensor) or losses.numel() not in (1, len(X)):
            got = f"shape {losses.shape}" if isinstance(losses, Tensor) else type(losses).__name__
            raise TypeError(
                f"loss_func needs to return a Tensor with one loss for each of {len(X)} examples, got {got}"
            )
        return losses.mean()

    def _examples(self, call: str, X: Any, Y: Any, suffix: str = "") -> tuple[Tensor, Tensor]:
        X = network_arguments.matrix(call, f"X{suffix}", X, self.sizes[0])
        return X, network_arguments.matrix(call, f"Y{suffix}", Y, self.sizes[-1], len(X))

    def train(
        self,
        X: Any,
        Y: Any,
        X_test: Any = None,
        Y_test: Any = None,
        epochs: int = 1,
        batch_size: int = 1,
        lr: float = 0.1,
        *,
        rng: np.random.Generator | None = None,
        verbose: bool = True,
    ) -> list[float]:
        """Gradient descent; returns the mean test loss after every epoch, in the unit of `loss_fn`.

        Each epoch goes once through the examples, shuffled by `rng` (or the network's own) unless one batch
        holds them all. Without a test set, the loss is that of X and Y. Prints the loss after each epoch, or
        ten times in a longer run, which also shows a progress bar if the extra `progress` is installed.
        """
        X, Y = self._examples("train", X, Y)
        if (X_test is None) != (Y_test is None):
            raise ValueError("train needs X_test and Y_test together, got only one of them")
        test = (X, Y) if X_test is None else self._examples("train", X_test, Y_test, "_test")
        epochs = network_arguments.whole("train", "epochs", epochs)
        batch_size = network_arguments.whole("train", "batch_size", batch_size)
        rng = network_arguments.random_generator("train", rng) or self._generator()
        optimizer = SGD([*self.weights, *self.biases], lr=network_arguments.rate("train", "lr", lr))
        losses = []
        progress = Progress(epochs, verbose)
        for epoch in progress:
            for rows in _batches(len(X), batch_size, rng):
                optimizer.zero_grad()
                self.objective(X[rows], Y[rows]).backward()
                optimizer.step()
            losses.append(self.mean_loss(*test))
            progress.report(epoch, losses[-1])
        return losses


def _batches(count: int, batch_size: int, rng: np.random.Generator) -> Iterator[Any]:
    """The row numbers of each batch of an epoch."""
    order = rng.permutation(count) if batch_size < count else np.arange(count)
    return (order[start : start + batch_size] for start in range(0, count, batch_size))
