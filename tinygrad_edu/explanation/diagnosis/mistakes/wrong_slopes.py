"""Wrong slopes of activations: what stands in place of f'(z)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.known_activations import ELU, GELU_BY_TANH, LEAKY, normal_cdf, sigmoid
from tinygrad_edu.explanation.diagnosis.landmarks import Activation
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import BY_PLACE, PRECISE, RELU_SLOPE
from tinygrad_edu.reading.nodes import Array


class Slope(NamedTuple):
    """A wrong slope in place of f'(z): a function of z, a = f(z) and the gradient g that arrives at a."""

    id: str
    number: int
    what: str  # completes "It equals the true gradient with ..."
    text: str  # as the student wrote it
    of: Callable[[Array, Array, Array], Array]
    also: tuple[int, ...] = ()
    rank: int = PRECISE
    variant: str = ""  # slopes of one variant are the same mistake elsewhere
    whole: bool = False  # True if it stands in place of g * f'(z)


HALF = "only half of the {f} derivative kept"
OTHER = "the derivative of another function than {f}"
ERROR = "the derivative taken of the error, not of the activation,"
Z = "the pre-activation put into the {f} derivative"


def below(z: Array, a: Array) -> float:
    """The slope of a leaky relu below zero."""
    return float(a.flat[np.argmin(z)] / z.min())


# fmt: off
FORGOTTEN = Slope("{f}-derivative-forgotten", 11, "the {f} derivative left out", "", lambda z, a, g: np.ones_like(z))
ALONE = Slope("incoming-gradient-lost", 12, "the {f} derivative alone, without the gradient that arrives,", "{true}",
              lambda z, a, g: g, whole=True)
SQUARED = Slope("derivative-squared", 14, "the {f} derivative squared", "({true}) ** 2",
                lambda z, a, g: g, rank=BY_PLACE)
TABLE: dict[str, list[Slope]] = {
    "sigmoid": [
        Slope("derivative-at-pre-activation", 12, Z, "{z} * (1 - {z})", lambda z, a, g: z * (1 - z)),
        Slope("activation-applied-twice", 13, "{f} twice in the derivative", "sigmoid({a}) * (1 - sigmoid({a}))",
              lambda z, a, g: sigmoid(a) * (1 - sigmoid(a))),
        Slope("activation-applied-twice", 13, "{f} once more in place of its derivative", "sigmoid({a})",
              lambda z, a, g: sigmoid(a)),
        Slope("half-of-the-derivative", 14, HALF, "{a}", lambda z, a, g: a),
        Slope("half-of-the-derivative", 14, HALF, "(1 - {a})", lambda z, a, g: 1 - a),
        Slope("derivative-of-another-function", 16, OTHER, "(1 - {a} ** 2)", lambda z, a, g: 1 - a * a),
        Slope("derivative-of-another-function", 16, OTHER, "(1 + {a} ** 2)", lambda z, a, g: 1 + a * a),
        Slope("derivative-of-another-function", 16, OTHER, "(1 - tanh({z}) ** 2)",
              lambda z, a, g: 1 - np.tanh(z) ** 2),
        Slope("derivative-of-another-function", 16, OTHER, "({z} > 0)", lambda z, a, g: (z > 0) * 1.0, rank=BY_PLACE),
    ],
    "tanh": [
        Slope("derivative-at-pre-activation", 12, Z, "(1 - {z} ** 2)", lambda z, a, g: 1 - z * z),
        Slope("activation-applied-twice", 13, "{f} twice in the derivative", "(1 - tanh({a}) ** 2)",
              lambda z, a, g: 1 - np.tanh(a) ** 2),
        Slope("activation-applied-twice", 13, "{f} once more in place of its derivative", "tanh({a})",
              lambda z, a, g: np.tanh(a)),
        Slope("half-of-the-derivative", 14, "the value of the {f} in place of its derivative", "{a}",
              lambda z, a, g: a),
        Slope("half-of-the-derivative", 14, HALF, "(1 - {a})", lambda z, a, g: 1 - a),
        Slope("half-of-the-derivative", 14, HALF, "(1 + {a})", lambda z, a, g: 1 + a),
        Slope("half-of-the-derivative", 14, HALF, "{a} ** 2", lambda z, a, g: a * a),
        Slope("derivative-of-another-function", 16, OTHER, "{a} * (1 - {a})", lambda z, a, g: a * (1 - a)),
        Slope("derivative-of-another-function", 16, OTHER, "(1 + {a} ** 2)", lambda z, a, g: 1 + a * a),
        Slope("derivative-of-another-function", 16, OTHER, "(1 + tan({z}) ** 2)", lambda z, a, g: 1 + np.tan(z) ** 2),
        Slope("derivative-of-another-function", 16, OTHER, "sigmoid({z}) * (1 - sigmoid({z}))",
              lambda z, a, g: sigmoid(z) * (1 - sigmoid(z))),
        Slope("derivative-of-another-function", 16, OTHER, "({z} > 0)", lambda z, a, g: (z > 0) * 1.0, rank=BY_PLACE),
    ],
    "relu": [
        Slope("relu-mask-of-the-gradient", RELU_SLOPE, "the mask of the {f} taken from the gradient", "(d{a} > 0)",
              lambda z, a, g: (g > 0) * 1.0),
        Slope("relu-both-masks", RELU_SLOPE, "a second mask, from the gradient, at the {f}", "({z} > 0) * (d{a} > 0)",
              lambda z, a, g: (z > 0) * (g > 0) * 1.0),
        Slope("relu-mask-reversed", RELU_SLOPE, "the mask of the {f} reversed", "({z} < 0)",
              lambda z, a, g: (z < 0) * 1.0),
        Slope("relu-slope-is-value", RELU_SLOPE, "the value of the {f} in place of its slope", "{a}",
              lambda z, a, g: a),
        Slope("relu-slope-is-value", RELU_SLOPE, "the input of the {f} in place of its slope", "{z}",
              lambda z, a, g: z),
        Slope("derivative-of-another-function", 16, OTHER, "{a} * (1 - {a})", lambda z, a, g: a * (1 - a)),
        Slope("derivative-of-another-function", 16, OTHER, "sigmoid({z}) * (1 - sigmoid({z}))",
              lambda z, a, g: sigmoid(z) * (1 - sigmoid(z))),
        Slope("derivative-of-another-function", 16, OTHER, "(1 - {a} ** 2)", lambda z, a, g: 1 - a * a),
        Slope("derivative-of-another-function", 16, OTHER, "(1 - tanh({z}) ** 2)",
              lambda z, a, g: 1 - np.tanh(z) ** 2),
    ],
    LEAKY: [
        Slope("derivative-of-another-function", 16, "the derivative of a plain relu", "({z} > 0)",
              lambda z, a, g: (z > 0) * 1.0, (RELU_SLOPE,)),
        Slope("relu-mask-of-the-gradient", RELU_SLOPE, "the mask of the {f} taken from the gradient",
              "where(d{a} > 0, 1, {below})", lambda z, a, g: np.where(g > 0, 1.0, below(z, a))),
        Slope("relu-mask-reversed", RELU_SLOPE, "the two slopes of the {f} exchanged", "where({z} > 0, {below}, 1)",
              lambda z, a, g: np.where(z > 0, below(z, a), 1.0)),
        Slope("derivative-of-another-function", 16, "the slope below zero everywhere", "{below}",
              lambda z, a, g: np.full_like(z, below(z, a))),
        Slope("relu-slope-is-value", RELU_SLOPE, "the value of the {f} in place of its slope", "{a}",
              lambda z, a, g: a),
        Slope(ALONE.id, ALONE.number, "the slope below zero alone, without the gradient that arrives,",
              "where({z} > 0, d{a}, {below})", lambda z, a, g: np.where(z > 0, g, below(z, a)), whole=True),
    ],
    ELU: [
        Slope("derivative-of-another-function", 16, "the derivative of a plain relu", "({z} > 0)",
              lambda z, a, g: (z > 0) * 1.0, (RELU_SLOPE,)),
        Slope("derivative-of-another-function", 16, OTHER, "where({z} > 0, 1, {a})",
              lambda z, a, g: np.where(z > 0, 1.0, a)),
    ],
    "absolute": [
        Slope("derivative-of-another-function", 16, "the derivative of a relu", "({z} > 0)",
              lambda z, a, g: (z > 0) * 1.0),
        Slope("relu-mask-reversed", RELU_SLOPE, "the sign reversed", "-sign({z})", lambda z, a, g: -np.sign(z)),
        Slope("gradient-of-another-loss", 26, "the number itself in place of its sign, as of half its square,", "{z}",
              lambda z, a, g: z),
        Slope("gradient-of-another-loss", 26, "twice the number in place of its sign, as of its square,", "2 * {z}",
              lambda z, a, g: 2 * z),
    ],
    "silu": [
        Slope("half-of-the-derivative", 14, HALF, "sigmoid({z})", lambda z, a, g: sigmoid(z)),
        Slope("half-of-the-derivative", 14, HALF, "{z} * sigmoid({z}) * (1 - sigmoid({z}))",
              lambda z, a, g: a * (1 - sigmoid(z))),
    ],
    "gelu": [
        Slope("derivative-of-another-function", 16, "the derivative of a relu", "({z} > 0)",
              lambda z, a, g: (z > 0) * 1.0),
        Slope("half-of-the-derivative", 14, HALF, "Phi({z})", lambda z, a, g: normal_cdf(z)),
        Slope("derivative-of-another-function", 16, "the derivative of z sigmoid(1.702 z), which is only like it,",
              "(s + 1.702 * {z} * s * (1 - s)) with s = sigmoid(1.702 * {z})",
              lambda z, a, g: sigmoid(1.702 * z) * (1 + 1.702 * z * (1 - sigmoid(1.702 * z)))),
    ],
    "softplus": [
        Slope("derivative-of-another-function", 16, OTHER, "sigmoid({z}) * (1 - sigmoid({z}))",
              lambda z, a, g: sigmoid(z) * (1 - sigmoid(z))),
        Slope("derivative-of-another-function", 16, OTHER, "({z} > 0)", lambda z, a, g: (z > 0) * 1.0, rank=BY_PLACE),
    ],
}
TABLE[GELU_BY_TANH] = TABLE["gelu"]
for _name in ("sigmoid", "tanh", "relu"):
    _OTHERS = [("1 / (1 + {z} ** 2)", lambda z, a, g: 1 / (1 + z * z)), ("-{a} ** 2", lambda z, a, g: -a * a)]
    TABLE[_name] += [Slope("derivative-of-another-function", 16, OTHER, text, of) for text, of in _OTHERS]
# fmt: on


def slopes(site: Activation) -> list[Slope]:
    """The wrong slopes of an activation."""
    squared = SQUARED._replace(of=lambda z, a, g: site.function.slope(z, a) ** 2)
    alone = ALONE._replace(of=lambda z, a, g: np.asarray(site.function.slope(z, a)))
    return [
        FORGOTTEN._replace(also=(RELU_SLOPE,) if site.name in ("relu", LEAKY) else ()),
        *TABLE[site.name],
        alone,
        *([squared] if site.name in ("sigmoid", "tanh") else []),
    ]


def of_error(name: str, facts: GraphFacts) -> Iterator[Slope]:
    """Slopes by the formula of the derivative with the error put in, which may not have been averaged yet."""
    n, k = facts.count, facts.classes
    for count, text in {n * k: "N K ", n: "N ", 1: ""}.items():
        d = f"{text}d{{a}}"
        if name == "tanh":
            yield _error(f"(1 - ({d}) ** 2)", lambda e: 1 - e * e, count)
        elif name == "sigmoid":
            yield _error(f"(1 - {d})", lambda e: 1 - e, count)
            yield _error(f"{d} * (1 - {d})", lambda e: e * (1 - e), count)


def _error(text: str, of: Callable[[Array], Array], count: int) -> Slope:
    return Slope(
        "derivative-of-the-error", 15, ERROR, text, lambda z, a, g: of(count * g), variant=str(count)
    )
