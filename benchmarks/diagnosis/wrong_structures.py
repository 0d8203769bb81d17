"""Mistakes where a graph is more than a chain: weights used twice, a skip connection, batch norm, convolution."""

from __future__ import annotations

import numpy as np

from diagnosis.by_hand import ByHand, Convolved, Normalised
from diagnosis.networks import Network
from diagnosis.slips import slips

Array = np.ndarray

SHARED = slips(
    "add_up",
    (33, "= for +=: the use next to the loss lost", lambda s, k, old, new: new),
    (33, "= for +=: the use far from the loss lost", lambda s, k, old, new: old),
    (34, "use next to the loss counted twice", lambda s, k, old, new: 2 * old + new),
    (34, "use far from the loss counted twice", lambda s, k, old, new: old + 2 * new),
)

SKIP = slips(
    "join",
    (33, "skip path lost", lambda s, k, da: da),
    (33, "path through the layer lost", lambda s, k, da: s.da[2]),
    (34, "skip path counted twice", lambda s, k, da: da + 2 * s.da[2]),
    (34, "path through the layer counted twice", lambda s, k, da: 2 * da + s.da[2]),
)


def mean_cut(s: Normalised, k: int, dh: Array) -> Array:
    """The mean taken as a constant."""
    return (dh - s.h * (dh * s.h).mean(axis=0)) / s.std


def variance_cut(s: Normalised, k: int, dh: Array) -> Array:
    """The variance taken as a constant."""
    return (dh - dh.mean(axis=0)) / s.std


def both_cut(s: Normalised, k: int, dh: Array) -> Array:
    """Mean and variance taken as constants."""
    return dh / s.std


def not_normalised(s: Normalised, k: int, delta: Array) -> Array:
    """u where h belongs."""
    return (delta * (s.a[0] @ s.weights(1))).sum(axis=0)


NORM = slips(
    "through_norm",
    (37, "mean as a constant", mean_cut),
    (37, "variance as a constant", variance_cut),
    (37, "mean and variance as constants", both_cut),
)

VARIANCE = slips("variance", (37, "variance over N - 1", lambda s, k, u: u.var(axis=0, ddof=1)))

GAMMA = slips(
    "gamma_gradient",
    (32, "gamma not summed over the batch", lambda s, k, d: d * s.h),
    (32, "gamma averaged over the batch", lambda s, k, d: (d * s.h).mean(axis=0)),
    (18, "u for its normalised value", not_normalised),
)

BETA = slips(
    "beta_gradient",
    (32, "beta not summed over the batch", lambda s, k, d: d),
    (32, "beta averaged over the batch", lambda s, k, d: d.mean(axis=0)),
)


def slides(network: Network, k: int) -> bool:
    """The layer that slides."""
    return network.kind == "conv" and k == 1


def flipped(s: Convolved, k: int, a: Array, delta: Array) -> Array:
    return s.weight_gradient(k, a, delta)[::-1]


def shifted(s: Convolved, k: int, a: Array, delta: Array) -> Array:
    """Each window one too far to the right; the last one meets zeros."""
    return s.weight_gradient(k, np.pad(a[:, 1:], ((0, 0), (0, 1))), delta)


def rolled(s: Convolved, k: int, a: Array, delta: Array) -> Array:
    """The gradients of the window's places off by one."""
    return np.roll(s.weight_gradient(k, a, delta), 1, axis=0)


def one_step(s: ByHand, k: int, delta: Array) -> Array:
    """The bias of the convolution summed over the batch, at the first step only."""
    return delta.reshape(s.N, -1, len(s.biases(k)))[:, 0].sum(axis=0)


WINDOW = slips(
    "weight_gradient",
    (42, "window flipped", flipped, slides),
    (42, "window shifted", shifted, slides),
    (42, "window rolled", rolled, slides),
)

STEPS = slips("bias_gradient", (0, "bias of one step only", one_step, slides))

SLIPS = [*SHARED, *SKIP, *NORM, *VARIANCE, *GAMMA, *BETA, *WINDOW, *STEPS]
