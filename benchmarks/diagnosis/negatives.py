"""Submissions in which no mistake may be named: right answers as people write them, and arrays that mean nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from diagnosis.by_hand import gradients
from diagnosis.networks import Network
from diagnosis.planted import Answers, rounded

Array = np.ndarray
Rng = np.random.Generator


def within(g: Array, digits: int, rng: Rng) -> Array:
    """Anything that rounds to the right digits."""
    return g + rng.uniform(-0.49, 0.49, g.shape) * 10.0**-digits


def float32(g: Array, digits: int, rng: Rng) -> Array:
    """Computed in float32."""
    return np.round(g.astype(np.float32), digits)


def plainly(g: Array, digits: int, rng: Rng) -> Array:
    """Rounded."""
    return np.round(g, digits)


def as_text(g: Array, digits: int, rng: Rng) -> Array:
    """Printed and read again."""
    return np.array([float(f"{x:.{digits}f}") for x in g.ravel()]).reshape(g.shape)


def figures(g: Array, digits: int, rng: Rng) -> Array:
    """Rounded to significant figures."""
    return np.array([float(f"{x:.{digits - 1}e}") for x in g.ravel()]).reshape(g.shape)


def mixed(g: Array, digits: int, rng: Rng) -> Array:
    """Each number rounded to another count of significant figures, three at least."""
    counts = rng.integers(3, digits + 3, g.size)
    return np.array([float(f"{x:.{n}g}") for x, n in zip(g.ravel(), counts, strict=True)]).reshape(g.shape)


def single(g: Array, digits: int, rng: Rng) -> Array:
    """In single precision."""
    return g.astype(np.float32)


def listed(g: Array, digits: int, rng: Rng) -> Array:
    """In single precision, as a list of Python's floats."""
    return np.array(g.astype(np.float32).tolist())


def in_json(g: Array, digits: int, rng: Rng) -> Array:
    """In single precision, as texts: up to nine figures."""
    return np.array([float(str(x)) for x in g.astype(np.float32).ravel()]).reshape(g.shape)


# Forms whose digits nobody tells `diagnose`: it has to read them off.
AS_WRITTEN: dict[str, Callable[[Array, int, Rng], Array]] = {
    "significant figures": figures,
    "other figures for each number": mixed,
    "float32": single,
    "float32, listed": listed,
    "float32, printed": in_json,
}
RIGHT: dict[str, Callable[[Array, int, Rng], Array]] = {
    **AS_WRITTEN,
    "rounded": plainly,
    "anything within the rounding": within,
    "float32, rounded": float32,
    "printed": as_text,
}


def right(network: Network, kind: str, digits: int, rng: Rng) -> Answers:
    """Right answers with rounding noise."""
    return {name: RIGHT[kind](g, digits, rng) for name, g in gradients(network).items()}


def normal(g: Array, rng: Rng, unit: float) -> Array:
    """Normal, of the size of the gradient."""
    return rng.standard_normal(g.shape) * np.abs(g).mean()


def uniform(g: Array, rng: Rng, unit: float) -> Array:
    """Uniform between -1 and 1."""
    return rng.uniform(-1, 1, g.shape)


def whole(g: Array, rng: Rng, unit: float) -> Array:
    """Small whole numbers, as somebody who guesses writes them."""
    return rng.integers(-3, 4, g.shape).astype(float)


def product(g: Array, rng: Rng, unit: float) -> Array:
    """Of rank 1, as an outer product is."""
    if g.ndim < 2:
        return normal(g, rng, unit)
    return np.outer(rng.standard_normal(len(g)), rng.standard_normal(g.shape[1])) * np.abs(g).mean()


def shuffled(g: Array, rng: Rng, unit: float) -> Array:
    """The right numbers, each in a wrong place; of few numbers an order could be one that people hand in."""
    if g.size < 10:
        return normal(g, rng, unit)
    order = np.arange(g.size)
    while (order == np.arange(g.size)).any():
        order = rng.permutation(g.size)
    return g.ravel()[order].reshape(g.shape)


def noisy(g: Array, rng: Rng, unit: float) -> Array:
    """Every number wrong by about a tenth, and by 3 units of its last digit at least."""
    size = np.maximum(rng.uniform(0.05, 0.15, g.shape) * np.abs(g), rng.uniform(3, 6, g.shape) * unit)
    return g + rng.choice([-1, 1], g.shape) * size


def scaled_rows(g: Array, rng: Rng, unit: float) -> Array:
    """The gradient with every row times another number; of one row that would be a stray factor."""
    if len(g) < 2:
        return normal(g, rng, unit)
    return g * rng.uniform(-2, 2, (len(g),) + (1,) * (g.ndim - 1))


def noisy_multiple(g: Array, rng: Rng, unit: float) -> Array:
    """The gradient times a constant that people get wrong, with every number wrong as well."""
    return noisy(g * rng.choice([-1.0, 2.0, 0.5, len(g), 1 / len(g)]), rng, unit)


def tiny(g: Array, rng: Rng, unit: float) -> Array:
    """A few units of the last digit: nearly no information."""
    return rng.integers(-9, 10, g.shape) * unit


RANDOM: dict[str, Callable[[Array, Rng, float], Array]] = {
    "normal": normal,
    "uniform": uniform,
    "whole numbers": whole,
    "rank 1": product,
    "shuffled": shuffled,
    "a tenth off": noisy,
    "rows scaled": scaled_rows,
    "a multiple, a tenth off": noisy_multiple,
    "tiny": tiny,
}


def random(network: Network, kind: str, digits: int, rng: Rng) -> Answers:
    """Arrays of the right shapes that no mistake leads to."""
    unit = 10.0**-digits
    return rounded({name: RANDOM[kind](g, rng, unit) for name, g in gradients(network).items()}, digits)
