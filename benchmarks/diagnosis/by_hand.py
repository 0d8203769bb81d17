"""Backpropagation as a student writes it: one NumPy line for each step, and each step can be exchanged.

    ByHand(network).gradients()                                                   # right
    ByHand(network, {("through_activation", 1): lambda s, k, da: da}).gradients()  # sigma' forgotten in layer 1

The names are those of the blackboard: z[k] = a[k-1] W + b, a[k] = f(z[k]), delta[k] = dL/dz[k], da[k] = dL/da[k].
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from diagnosis.formulas import ACTIVATIONS, SLOPES
from diagnosis.networks import Network

Array = np.ndarray
Gradients = dict[str, Array]
Wrong = Mapping[tuple[str, int], Callable[..., Any]]  # (step, layer or 0) -> what is done instead


class ByHand:
    """One forward and one backward pass. A step done wrong is handed the student, the layer, and what the step gets."""

    def __init__(self, network: Network, wrong: Wrong | None = None) -> None:
        self.net, self.wrong = network, wrong or {}
        self.N, self.L = len(network.X), network.depth
        self.z: dict[int, Array] = {}
        self.f: dict[int, Array] = {}  # f(z[k]); differs from a[k] where something is added
        self.a: dict[int, Array] = {0: network.X}
        self.da: dict[int, Array] = {}
        self.delta: dict[int, Array] = {}
        self.found: Gradients = {}

    def do(self, step: str, k: int, *given: Any) -> Any:
        """A step: as it should be, or as this student does it; noted down."""
        wrong = self.wrong.get((step, k))
        found = getattr(self, step)(k, *given) if wrong is None else wrong(self, k, *given)
        note = self.wrong.get(("note", 0))
        return note(self, step, found) if note else found

    def gradients(self) -> Gradients:
        """The gradient that the student hands in for each parameter, in the student's form: weights (in, out)."""
        self.forward()
        self.backward()
        return self.do("hand_in", 0, self.found)

    def forward(self) -> None:
        """z[k] and a[k] of every layer."""
        for k in self.net.layers:
            self.z[k] = self.do("weigh", k, self.a[k - 1])
            self.f[k] = self.do("activate", k, self.z[k])
            self.a[k] = self.do("add_skip", k, self.f[k])

    def backward(self) -> None:
        """The gradients, from the last layer to the first."""
        targets = self.do("targets", 0)
        delta = self.do("output_delta", 0, self.a[self.L], targets)
        self.delta[self.L] = delta if self.net.late else self.do("average", 0, delta)
        for k in reversed(self.net.layers):
            self.parameters_of(k)
            if k > 1:
                da = self.do("through_weights", k, self.delta[k])
                self.da[k - 1] = self.do("join", k - 1, da)
                self.delta[k - 1] = self.do("through_activation", k - 1, self.da[k - 1])

    def parameters_of(self, k: int) -> None:
        """The gradients of the weights and the bias of layer k."""
        self.collect(self.net.weight(k), k, self.do("weight_gradient", k, self.a[k - 1], self.delta[k]))
        self.collect(self.net.bias(k), k, self.do("bias_gradient", k, self.delta[k]))

    def collect(self, name: str, k: int, new: Array) -> None:
        """Keep a gradient; a weight used twice gets both."""
        new = self.do("average", 0, new) if self.net.late else new
        again = name in self.found
        self.found[name] = (
            self.do("add_up", k, self.found[name], new) if again else self.do("penalty", 0, name, new)
        )

    # The way forward.

    def weights(self, k: int) -> Array:
        return self.net.parameters[self.net.weight(k)]

    def biases(self, k: int) -> Array:
        return self.net.parameters[self.net.bias(k)]

    def weigh(self, k: int, a: Array) -> Array:
        return a @ self.weights(k) + self.biases(k)

    def activate(self, k: int, z: Array) -> Array:
        return ACTIVATIONS[self.net.activations[k - 1]](z)

    def add_skip(self, k: int, f: Array) -> Array:
        return f + self.a[1] if self.net.kind == "skip" and k == 2 else f

    def targets(self, k: int) -> Array:
        return self.net.Y

    # The loss and the output, not yet averaged.

    def output_delta(self, k: int, p: Array, y: Array) -> Array:
        return self.do("through_output", 0, self.do("loss_slope", 0, p, y))

    def loss_slope(self, k: int, p: Array, y: Array) -> Array:
        """dL/dp."""
        if self.net.loss == "MSE":
            return 2 * self.net.half * (p - y)
        return -y / p + ((1 - y) / (1 - p) if self.net.loss == "BCE" else 0)

    def through_output(self, k: int, dp: Array) -> Array:
        p = self.a[self.L]
        if self.net.loss == "CE":
            return p * (dp - (dp * p).sum(axis=1, keepdims=True))
        return dp * SLOPES[self.net.activations[-1]](p)

    def average(self, k: int, dz: Array) -> Array:
        return dz / self.net.count

    # The way back.

    def weight_gradient(self, k: int, a: Array, delta: Array) -> Array:
        return a.T @ delta

    def bias_gradient(self, k: int, delta: Array) -> Array:
        return delta.sum(axis=0)

    def add_up(self, k: int, old: Array, new: Array) -> Array:
        return old + new

    def through_weights(self, k: int, delta: Array) -> Array:
        return delta @ self.weights(k).T

    def join(self, k: int, da: Array) -> Array:
        return da + self.da[2] if self.net.kind == "skip" and k == 1 else da

    def through_activation(self, k: int, da: Array) -> Array:
        return da * SLOPES[self.net.activations[k - 1]](self.f[k])

    def penalty(self, k: int, name: str, dw: Array) -> Array:
        counts = self.net.l2 and name.startswith("W")
        return dw + 2 * self.net.l2 * self.net.parameters[name] if counts else dw

    def hand_in(self, k: int, found: Gradients) -> Gradients:
        return found


class Normalised(ByHand):
    """Layer 1 is normalised over the batch: u = X W, h = (u - mean) / std, z = gamma h + beta."""

    eps = 1e-5

    def weigh(self, k: int, a: Array) -> Array:
        if k > 1:
            return super().weigh(k, a)
        u = a @ self.weights(1)
        self.std = np.sqrt(self.do("variance", 1, u) + self.eps)
        self.h = (u - u.mean(axis=0)) / self.std
        return self.net.parameters["gamma1"] * self.h + self.net.parameters["beta1"]

    def variance(self, k: int, u: Array) -> Array:
        return u.var(axis=0)

    def parameters_of(self, k: int) -> None:
        if k > 1:
            return super().parameters_of(k)
        delta = self.delta[1]
        self.collect("gamma1", 1, self.do("gamma_gradient", 1, delta))
        self.collect("beta1", 1, self.do("beta_gradient", 1, delta))
        du = self.do("through_norm", 1, delta * self.net.parameters["gamma1"])
        self.collect("W1", 1, self.do("weight_gradient", 1, self.a[0], du))
        return None

    def gamma_gradient(self, k: int, delta: Array) -> Array:
        return (delta * self.h).sum(axis=0)

    def beta_gradient(self, k: int, delta: Array) -> Array:
        return delta.sum(axis=0)

    def through_norm(self, k: int, dh: Array) -> Array:
        return (dh - dh.mean(axis=0) - self.h * (dh * self.h).mean(axis=0)) / self.std


class Convolved(ByHand):
    """Layer 1 slides over the columns: z[n, t, c] = sum over j of X[n, t + j] W[j, c] + b[c], then laid out flat."""

    def weigh(self, k: int, a: Array) -> Array:
        if k > 1:
            return super().weigh(k, a)
        window, filters = self.weights(1).shape
        self.steps = a.shape[1] - window + 1
        z = sum(a[:, j : j + self.steps, None] * self.weights(1)[j] for j in range(window)) + self.biases(1)
        return z.reshape(self.N, self.steps * filters)

    def apart(self, delta: Array) -> Array:
        """The deltas of layer 1 as (example, step, filter)."""
        return delta.reshape(self.N, self.steps, -1)

    def weight_gradient(self, k: int, a: Array, delta: Array) -> Array:
        if k > 1:
            return super().weight_gradient(k, a, delta)
        return np.array([self.slide(a, delta, j) for j in range(len(self.weights(1)))])

    def slide(self, a: Array, delta: Array, j: int) -> Array:
        """The gradient of W[j]."""
        return np.einsum("nt,ntc->c", a[:, j : j + self.steps], self.apart(delta))

    def bias_gradient(self, k: int, delta: Array) -> Array:
        return super().bias_gradient(k, delta) if k > 1 else self.apart(delta).sum(axis=(0, 1))


def by_hand(network: Network, wrong: Wrong | None = None) -> ByHand:
    """A student at work on this network."""
    kinds: dict[str, type[ByHand]] = {"norm": Normalised, "conv": Convolved}
    return kinds.get(network.kind, ByHand)(network, wrong)


def gradients(network: Network, wrong: Wrong | None = None) -> Gradients:
    """The arrays handed in, each in the form of its parameter."""
    found = by_hand(network, wrong).gradients()
    return {name: network.as_kept(name, np.asarray(values)) for name, values in found.items()}
