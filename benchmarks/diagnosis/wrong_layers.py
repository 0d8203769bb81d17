"""Mistakes inside a layer: its activation's derivative, its weights and its bias on the way back."""

from __future__ import annotations

import numpy as np

from diagnosis.by_hand import ByHand
from diagnosis.formulas import SLOPES
from diagnosis.networks import Network
from diagnosis.slips import slips

Array = np.ndarray


def only(*names: str):
    """Layers with one of these activations."""
    return lambda network, k: network.activations[k - 1] in names


def curved(network: Network, k: int) -> bool:
    """Layers with sigmoid or tanh."""
    return only("sigmoid", "tanh")(network, k)


def slope(s: ByHand, k: int, values: Array) -> Array:
    """The formula of f', which wants f(z), with `values` put in."""
    return SLOPES[s.net.activations[k - 1]](values)


def half(s: ByHand, k: int) -> Array:
    """One factor of the derivative: a for a (1 - a), 1 - a for (1 - a)(1 + a)."""
    a = s.f[k]
    return a if s.net.activations[k - 1] == "sigmoid" else 1 - a


def other_layer(s: ByHand, k: int) -> Array:
    """The output of another layer of the same shape."""
    found = [f for j, f in s.f.items() if j != k and f.shape == s.f[k].shape]
    if not found:
        raise ValueError("no other layer has this shape")
    return found[0]


# In place of delta = da f'(z).
ACTIVATION = slips(
    "through_activation",
    (1, "sign lost at the derivative", lambda s, k, da: -da * slope(s, k, s.f[k])),
    (3, "1/N again on the way back", lambda s, k, da: da * slope(s, k, s.f[k]) / s.N),
    (11, "derivative forgotten", lambda s, k, da: da, curved),
    (12, "derivative of z for a", lambda s, k, da: da * slope(s, k, s.z[k]), curved),
    (13, "derivative at a", lambda s, k, da: da * slope(s, k, s.activate(k, s.f[k])), curved),
    (14, "half of the product", lambda s, k, da: da * half(s, k), curved),
    (14, "other half of the product", lambda s, k, da: da * (1 - s.f[k]), only("sigmoid")),
    (14, "derivative squared", lambda s, k, da: da * slope(s, k, s.f[k]) ** 2, curved),
    (15, "derivative of the error", slope, only("sigmoid")),
    (15, "error times its derivative", lambda s, k, da: da * slope(s, k, da), curved),
    (16, "rule of tanh", lambda s, k, da: da * (1 - s.f[k] ** 2), only("sigmoid", "relu")),
    (16, "rule of sigmoid", lambda s, k, da: da * s.f[k] * (1 - s.f[k]), only("tanh", "relu")),
    (16, "1 + a^2", lambda s, k, da: da * (1 + s.f[k] ** 2), only("tanh")),
    (16, "1 / (1 + z^2)", lambda s, k, da: da / (1 + s.z[k] ** 2), only("tanh")),
    (16, "-a^2", lambda s, k, da: -da * s.f[k] ** 2, only("tanh")),
    (16, "rule of relu", lambda s, k, da: da * (s.z[k] > 0), curved),
    (17, "derivative of another layer", lambda s, k, da: da * slope(s, k, other_layer(s, k))),
    (35, "relu left out", lambda s, k, da: da, only("relu")),
    (35, "mask from the gradient", lambda s, k, da: da * (da > 0), only("relu")),
    (35, "mask from both", lambda s, k, da: da * (da > 0) * (s.z[k] > 0), only("relu")),
    (35, "mask turned round", lambda s, k, da: da * (s.z[k] < 0), only("relu")),
    (35, "slope z", lambda s, k, da: da * s.z[k], only("relu")),
    (35, "slope a", lambda s, k, da: da * s.f[k], only("relu")),
)  # fmt: skip


def turned_wrong(s: ByHand, k: int, delta: Array) -> Array:
    """W in place of its transpose, which only a square W allows."""
    return delta @ s.weights(k)


def used_once(network: Network, k: int) -> bool:
    """Layers whose weights are complete when they are reached on the way back."""
    return network.uses.count(network.uses[k - 1]) == 1


def gradient_for_weights(s: ByHand, k: int, delta: Array) -> Array:
    """dW for W."""
    return delta @ s.found[s.net.weight(k)].T


def updated(s: ByHand, k: int, delta: Array) -> Array:
    """The weights after their step."""
    return delta @ (s.weights(k) - s.net.lr * s.found[s.net.weight(k)]).T


def as_stale(s: ByHand, k: int, delta: Array) -> Array:
    """The error of the layer above, used once more."""
    if k not in s.da or s.da[k].shape != s.a[k - 1].shape:
        raise ValueError("the layer above has another shape")
    return s.da[k]


BACKWARD = slips(
    "through_weights",
    (9, "W for its transpose", turned_wrong),
    (17, "da of the layer above", as_stale),
    (19, "updated weights on the way back", updated, used_once),
    (20, "dW for W", gradient_for_weights, used_once),
)  # fmt: skip


def single(i: int):
    """The weights' gradient from example i alone."""
    return lambda s, k, a, delta: np.outer(a[i], delta[i])


def flat(network: Network, k: int) -> bool:
    """Layers whose weights' gradient is a.T @ delta."""
    return not (network.kind == "conv" and k == 1)


def last_is_narrow(network: Network, k: int) -> bool:
    """The last layer, if it has one output: only there a * delta has a shape."""
    return k == network.depth and network.Y.shape[1] == 1


def pre_activation(s: ByHand, k: int, a: Array, delta: Array) -> Array:
    """z[k-1] where a[k-1] belongs."""
    return s.z[k - 1].T @ delta


def reshaped(s: ByHand, k: int, a: Array, delta: Array) -> Array:
    """delta.T @ a, forced into the shape of W."""
    return s.weight_gradient(k, a, delta).T.reshape(s.weights(k).shape)


def output_for_input(s: ByHand, k: int, a: Array, delta: Array) -> Array:
    """a[k] where a[k-1] belongs, which nobody overlooks unless they are of one shape."""
    if s.a[k].shape != a.shape:
        raise ValueError("the layer's input and output differ in shape")
    return s.a[k].T @ delta


def hidden_input(network: Network, k: int) -> bool:
    return k > 1


WEIGHTS = slips(
    "weight_gradient",
    (3, "1/N again in dW", lambda s, k, a, d: s.weight_gradient(k, a, d) / s.N),
    (4, "1/N missing in dW alone", lambda s, k, a, d: s.weight_gradient(k, a, d) * s.N),
    (6, "mean of inputs times mean of deltas", lambda s, k, a, d: np.outer(a.mean(0), d.sum(0)), flat),
    (7, "last example alone", single(-1), flat),
    (7, "first example alone", single(0), flat),
    (9, "dW turned round", lambda s, k, a, d: s.weight_gradient(k, a, d).T),
    (9, "dW turned round, then reshaped", reshaped),
    (9, "reshaped for turned round", lambda s, k, a, d: a.reshape(a.shape[::-1]) @ d, flat),
    (10, "* for @", lambda s, k, a, d: a * d, last_is_narrow),
    (18, "z for a in dW", pre_activation, hidden_input),
    (18, "the layer's output for its input", output_for_input, flat),
)  # fmt: skip

BIAS = slips(
    "bias_gradient",
    (4, "1/N missing in db alone", lambda s, k, d: s.bias_gradient(k, d) * s.N),
    (31, "averaged", lambda s, k, d: d.mean(axis=0), flat),
    (31, "not summed", lambda s, k, d: d, flat),
    (31, "wrong axis", lambda s, k, d: d.sum(axis=1), flat),
    (31, "summed over everything", lambda s, k, d: d.sum()),
    (31, "multiplied by the input", lambda s, k, d: (s.a[k - 1].T @ d).sum(axis=0), flat),
    (31, "last example alone", lambda s, k, d: d[-1], flat),
)  # fmt: skip

SLIPS = [*ACTIVATION, *BACKWARD, *WEIGHTS, *BIAS]
