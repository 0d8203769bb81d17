"""Mistakes at the end of the network: the loss, its average, the targets, softmax and sigmoid of the output."""

from __future__ import annotations

import numpy as np

from diagnosis.by_hand import ByHand
from diagnosis.formulas import ACTIVATIONS, SLOPES, sigmoid, softmax
from diagnosis.networks import Network
from diagnosis.slips import slips

Array = np.ndarray


def loss(*names: str):
    """Networks with one of these losses."""
    return lambda network, k: network.loss in names


def averaged_over_outputs(network: Network, k: int) -> bool:
    """Losses divided by the number of outputs too, where there are several."""
    return network.count > len(network.X)


def not_over_outputs(network: Network, k: int) -> bool:
    """Losses divided by N alone, of several outputs."""
    return network.count == len(network.X) and network.Y.shape[1] > 1


def squashed(network: Network, k: int) -> bool:
    """Squared error of a sigmoid or tanh."""
    return network.loss == "MSE" and network.activations[-1] != "linear"


AVERAGE = slips(
    "average",
    (2, "sum for mean", lambda s, k, dz: dz),
    (2, "1/N missing", lambda s, k, dz: dz * s.N / s.net.count, averaged_over_outputs),
    (3, "1/N twice", lambda s, k, dz: dz / s.net.count / s.N),
    (5, "averaged over outputs as well", lambda s, k, dz: dz / s.N / s.net.Y.shape[1], not_over_outputs),
    (5, "not averaged over outputs", lambda s, k, dz: dz / s.N, averaged_over_outputs),
)  # fmt: skip

TARGETS = slips(
    "targets",
    (26, "label off by one", lambda s, k: np.roll(s.net.Y, 1, axis=1), loss("CE")),
    (26, "examples off by one", lambda s, k: np.roll(s.net.Y, 1, axis=0)),
)  # fmt: skip


def twice(s: ByHand, k: int, p: Array, y: Array) -> Array:
    """Softmax or sigmoid of p once more, and then q - y as usual."""
    return ACTIVATIONS[s.net.activations[-1]](p) - y


def back_through_both(s: ByHand, k: int, p: Array, y: Array) -> Array:
    """The true derivative of the loss in which p goes through softmax or sigmoid once more."""
    if s.net.loss == "BCE":
        return (sigmoid(p) - y) * p * (1 - p)
    d = softmax(p) - y
    return p * (d - (d * p).sum(axis=1, keepdims=True))


def axis(which: int | None):
    """Softmax along another axis, and then p - y as usual."""
    return lambda s, k, p, y: softmax(s.z[s.L], which) - y


def chosen(s: ByHand, k: int, p: Array, y: Array) -> Array:
    """The most probable class, as a one-hot row, for the probabilities."""
    return np.eye(p.shape[1])[p.argmax(axis=1)] - y


def two_terms(s: ByHand, k: int, dp: Array) -> Array:
    """The sigmoid's derivative, taken at its output."""
    q = sigmoid(s.a[s.L])
    return dp * q * (1 - q)


def output_at_z(s: ByHand, k: int, dp: Array) -> Array:
    """The formula of the derivative, which wants f(z), with z put in."""
    return dp * SLOPES[s.net.activations[-1]](s.z[s.L])


def has_slope(network: Network, k: int) -> bool:
    """Outputs that are a sigmoid or tanh."""
    return network.loss == "BCE" or squashed(network, k)


def sigmoid_output(network: Network, k: int) -> bool:
    return network.activations[-1] == "sigmoid"


def mean_square(network: Network, k: int) -> bool:
    """Squared error without the factor 1/2 that would make its derivative p - y."""
    return squashed(network, k) and network.half == 1


OUTPUT = slips(
    "through_output",
    (21, "diagonal of softmax only", lambda s, k, dp: dp * s.a[s.L] * (1 - s.a[s.L]), loss("CE")),
    (22, "softmax skipped", lambda s, k, dp: dp, loss("CE")),
    (11, "derivative of the output forgotten", lambda s, k, dp: dp, has_slope),
    (12, "derivative of the output at z", output_at_z, squashed),
    (13, "derivative of the output at a", two_terms, sigmoid_output),
)  # fmt: skip

SHORTCUT = slips(
    "output_delta",
    (23, "extra p(1 - p)", lambda s, k, p, y: (p - y) * p * (1 - p), loss("CE", "BCE")),
    (23, "p - y under squared error", lambda s, k, p, y: p - y, mean_square),
    (24, "softmax or sigmoid twice", twice, loss("CE", "BCE")),
    (24, "softmax or sigmoid twice, and back through both", back_through_both, loss("CE", "BCE")),
    (25, "softmax over the batch", axis(0), loss("CE")),
    (25, "softmax over everything", axis(None), loss("CE")),
    (26, "target not subtracted", lambda s, k, p, y: p, loss("CE", "BCE")),
    (26, "1 subtracted everywhere", lambda s, k, p, y: p - 1, loss("CE", "BCE")),
    (26, "argmax for probabilities", chosen, loss("CE")),
    (26, "rounded for probabilities", lambda s, k, p, y: (p > 0.5) - y, loss("BCE")),
)  # fmt: skip


def cross(positive: float, negative: float):
    """dL/dp of BCE with these factors on its two terms."""
    return lambda s, k, p, y: -positive * y / p + negative * (1 - y) / (1 - p)


def times(factor: float):
    """dL/dp with a stray factor."""
    return lambda s, k, p, y: s.loss_slope(k, p, y) * factor


def eps_inside(eps: float):
    """dL/dp with eps inside the logarithms."""
    return lambda s, k, p, y: -y / (p + eps) + (s.net.loss == "BCE") * (1 - y) / (1 - p + eps)


LOSS = slips(
    "loss_slope",
    (27, "second term lost", cross(1, 0), loss("BCE")),
    (27, "first term lost", cross(0, 1), loss("BCE")),
    (27, "sign of the second term lost", cross(1, -1), loss("BCE")),
    (28, "log base 2", times(1 / np.log(2)), loss("CE", "BCE")),
    (28, "log base 10", times(1 / np.log(10)), loss("CE", "BCE")),
    (28, "ln 2 the wrong way round", times(np.log(2)), loss("CE", "BCE")),
    (29, "factor 2 lost", times(0.5)),
    (29, "factor 2 too many", times(2)),
    (36, "eps 0.01 inside the log", eps_inside(0.01), loss("CE", "BCE")),
    (36, "eps 0.001 inside the log", eps_inside(0.001), loss("CE", "BCE")),
)  # fmt: skip

SLIPS = [*AVERAGE, *TARGETS, *OUTPUT, *SHORTCUT, *LOSS]
