"""Mistakes with the finished gradients: signs, updates, regularisation, part of an array, rounding on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from diagnosis.by_hand import ByHand
from diagnosis.networks import Network
from diagnosis.slips import Mistake, slips

Array = np.ndarray
Answer = Callable[[ByHand, str, Array], Array]  # of the student, the name of a parameter, and its gradient


def each(answer: Answer):
    """Hand in `answer` of every gradient."""
    return lambda s, k, found: {name: answer(s, name, g) for name, g in found.items()}


def weights_only(answer: Answer) -> Answer:
    return lambda s, name, g: answer(s, name, g) if name.startswith("W") else g


def value(s: ByHand, name: str) -> Array:
    return s.net.parameters[name]


def decay(factor: float) -> Answer:
    """`factor` times the parameter added."""
    return lambda s, name, g: g + factor * value(s, name)


def over_rows(s: ByHand, name: str, g: Array) -> Array:
    """A penalty divided by N."""
    return g + 0.1 / s.N * value(s, name)


def plain(network: Network, k: int) -> bool:
    """Losses without a penalty."""
    return not network.l2


def penalised(network: Network, k: int) -> bool:
    """Losses with a penalty."""
    return network.l2 > 0


def penalty(share: float, divided: bool = False, bias: bool = False):
    """`share` of the penalty's gradient 2 l2 W; divided by N; on the bias too."""

    def step(s: ByHand, k: int, name: str, g: Array) -> Array:
        counted = bias or name.startswith("W")
        return g + counted * share * 2 * s.net.l2 * value(s, name) / (s.N if divided else 1)

    return step


WHOLE = slips(
    "hand_in",
    (1, "y - p for p - y", each(lambda s, name, g: -g)),
    (34, "accumulated twice", each(lambda s, name, g: 2 * g)),
    (38, "new parameters handed in", each(lambda s, name, g: value(s, name) - s.net.lr * g)),
    (38, "new parameters, stepped uphill", each(lambda s, name, g: value(s, name) + s.net.lr * g)),
    (38, "lr times the gradient", each(lambda s, name, g: s.net.lr * g)),
    (38, "the step, -lr times the gradient", each(lambda s, name, g: -s.net.lr * g)),
    (30, "weights added, 0.1 W", each(weights_only(decay(0.1))), plain),
    (30, "weights added, 0.02 W", each(weights_only(decay(0.02))), plain),
    (30, "weights added, 0.1 W / N", each(weights_only(over_rows)), plain),
    (30, "weights and biases added, 0.1", each(decay(0.1)), plain),
)  # fmt: skip

PENALTY = slips(
    "penalty",
    (30, "penalty missing", penalty(0), penalised),
    (30, "2 of the penalty lost", penalty(0.5), penalised),
    (30, "penalty twice", penalty(2), penalised),
    (30, "penalty divided by N", penalty(1, divided=True), penalised),
    (30, "penalty on the bias", penalty(1, bias=True), penalised),
)  # fmt: skip


FORWARD = ("weigh", "activate", "add_skip")
BACKWARD = ("output_delta", "through_weights", "join", "through_activation")


def noted(digits: int, *steps: str):
    """The mistake of noting intermediate results with few digits; the gradients of the parameters have all."""
    return lambda s, step, x: np.round(x, digits) if step in steps else x


ROUNDED = slips(
    "note",
    (40, "z and a rounded to 2 digits", noted(2, *FORWARD)),
    (40, "z and a rounded to 3 digits", noted(3, *FORWARD)),
    (40, "z, a, delta and da rounded to 2 digits", noted(2, *FORWARD, *BACKWARD)),
    (40, "z, a, delta and da rounded to 3 digits", noted(3, *FORWARD, *BACKWARD)),
)  # fmt: skip


def in_one(name: str, change: Callable[[Array], Array]):
    """One of the arrays changed."""
    return lambda s, k, found: {**found, name: change(found[name])}


def row_of_another(g: Array) -> Array:
    """The first row written twice."""
    return np.concatenate([g[:1], g[:1], g[2:]])


def zero_column(g: Array) -> Array:
    """The last column forgotten."""
    return np.where(np.arange(g.shape[1]) == g.shape[1] - 1, 0, g)


def negated_column(g: Array) -> Array:
    """The sign of the first column lost."""
    return np.where(np.arange(g.shape[1]) == 0, -g, g)


def one_entry(g: Array) -> Array:
    """Two digits of one entry exchanged, or some such slip."""
    changed = g.copy()
    changed.flat[g.size // 2] += 0.27
    return changed


PARTS: list[tuple[int, str, Callable[[Array], Array]]] = [
    (1, "sign of one array", lambda g: -g),
    (0, "a row written twice", row_of_another),
    (0, "a column forgotten", zero_column),
    (0, "the sign of a column", negated_column),
    (0, "one entry miscopied", one_entry),
]


def in_parts(network: Network) -> Iterator[Mistake]:
    """Mistakes in one of the arrays; those in rows and columns only where there are at least 3 of each."""
    for name, values in network.parameters.items():
        for number, what, change in PARTS:
            if number == 1 or (values.ndim == 2 and min(values.shape) >= 3):
                yield Mistake(number, what, "hand_in", name, {("hand_in", 0): in_one(name, change)})


def everything_of(i: int):
    """All from example i: the last delta of the others is 0."""

    def step(s: ByHand, k: int, p: Array, y: Array) -> Array:
        chosen = (np.arange(s.N) == i % s.N)[:, None]
        return np.where(chosen, s.output_delta(k, p, y), 0)

    return step


SAMPLES = slips(
    "output_delta",
    (7, "everything from the last example", everything_of(-1)),
    (7, "everything from the first example", everything_of(0)),
)  # fmt: skip

SLIPS = [*WHOLE, *PENALTY, *ROUNDED, *SAMPLES]
