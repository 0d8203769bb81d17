"""Wrong local rules: in place of the derivative of an activation, or of softmax."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from tinygrad_edu.engine.graph import Variable

from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, Grads, Rule, instead
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.landmarks import ELU, LEAKY, Activation, sigmoid
from tinygrad_edu.explanation.diagnosis.layers_and_biases import untransposed
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import (
    BY_PLACE,
    OUTPUT_DERIVATIVE_AND_LOSS,
    PRECISE,
    RELU_SLOPE,
    Hypothesis,
    Mistake,
    merged,
)
from tinygrad_edu.ops.contractions import linear, matmul
from tinygrad_edu.ops.elementwise import add
from tinygrad_edu.ops.softmax import softmax
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


HALF = "only half of the {f} derivative kept"
OTHER = "the derivative of another function than {f}"
ERROR = "the derivative taken of the error, not of the activation,"
Z = "the pre-activation put into the {f} derivative"


def _below(z: Array, a: Array) -> float:
    """The slope of a leaky relu below zero."""
    return float(a.flat[np.argmin(z)] / z.min())


# fmt: off
FORGOTTEN = Slope("{f}-derivative-forgotten", 11, "the {f} derivative left out", "", lambda z, a, g: np.ones_like(z))
SQUARED = Slope("derivative-squared", 14, "the {f} derivative squared", "({true}) ** 2",
                lambda z, a, g: g, rank=BY_PLACE)
TABLE: dict[str, list[Slope]] = {
    "sigmoid": [
        Slope("derivative-at-pre-activation", 12, Z, "{z} * (1 - {z})", lambda z, a, g: z * (1 - z)),
        Slope("activation-applied-twice", 13, "{f} twice in the derivative", "sigmoid({a}) * (1 - sigmoid({a}))",
              lambda z, a, g: sigmoid(a) * (1 - sigmoid(a))),
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
        Slope("half-of-the-derivative", 14, HALF, "{a}", lambda z, a, g: a),
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
              "where(d{a} > 0, 1, {below})", lambda z, a, g: np.where(g > 0, 1.0, _below(z, a))),
        Slope("relu-mask-reversed", RELU_SLOPE, "the two slopes of the {f} exchanged", "where({z} > 0, {below}, 1)",
              lambda z, a, g: np.where(z > 0, _below(z, a), 1.0)),
        Slope("derivative-of-another-function", 16, "the slope below zero everywhere", "{below}",
              lambda z, a, g: np.full_like(z, _below(z, a))),
        Slope("relu-slope-is-value", RELU_SLOPE, "the value of the {f} in place of its slope", "{a}",
              lambda z, a, g: a),
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
    ],
    "silu": [
        Slope("half-of-the-derivative", 14, HALF, "sigmoid({z})", lambda z, a, g: sigmoid(z)),
        Slope("half-of-the-derivative", 14, HALF, "{z} * sigmoid({z}) * (1 - sigmoid({z}))",
              lambda z, a, g: a * (1 - sigmoid(z))),
    ],
    "softplus": [
        Slope("derivative-of-another-function", 16, OTHER, "sigmoid({z}) * (1 - sigmoid({z}))",
              lambda z, a, g: sigmoid(z) * (1 - sigmoid(z))),
        Slope("derivative-of-another-function", 16, OTHER, "({z} > 0)", lambda z, a, g: (z > 0) * 1.0, rank=BY_PLACE),
    ],
}
for _name in ("sigmoid", "tanh", "relu"):
    _OTHERS = [("1 / (1 + {z} ** 2)", lambda z, a, g: 1 / (1 + z * z)), ("-{a} ** 2", lambda z, a, g: -a * a)]
    TABLE[_name] += [Slope("derivative-of-another-function", 16, OTHER, text, of) for text, of in _OTHERS]
# fmt: on


def at(
    site: Activation,
    slope: Callable[[Array, Array, Array], Array],
    product: Callable[[Array, Array], Array] = np.multiply,
) -> Correction:
    """A correction that puts `g * slope(z, a, g)` in place of `g * f'(z)`."""

    def correction(grads: Grads, g: Array) -> Array:
        upstream = grads[site.a]
        wrong = slope(site.z.raw, site.a.raw, upstream)
        return g + product(upstream, wrong) - upstream * site.slope

    return correction


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Every wrong slope at every activation, and the same at all activations; and wrong rules of softmax."""
    found = [
        _hypothesis(facts, slope, site)
        for site in facts.activations
        for slope in [*_slopes(site), *_of_error(site.name, facts)]
    ]
    yield from found
    yield from merged(found)
    if len(facts.hidden) < len(facts.activations):
        hidden = {site.a for site in facts.hidden}
        yield from merged(h for h in found if h.node in hidden)
    in_one_line = [h for site in facts.activations for h in _in_one_line(facts, site)]
    yield from in_one_line
    yield from merged(in_one_line)
    yield from _shortcut(facts)
    yield from _softmax(facts)


def _slopes(site: Activation) -> list[Slope]:
    squared = SQUARED._replace(of=lambda z, a, g: site.function.slope(z, a) ** 2)
    return [
        FORGOTTEN._replace(also=(RELU_SLOPE,) if site.name in ("relu", LEAKY) else ()),
        *TABLE[site.name],
        *([squared] if site.name in ("sigmoid", "tanh") else []),
    ]


IN_ONE_LINE = (11, 12, 13, 14)  # the numbers of mistakes that are made in one line and not in the next


def _in_one_line(facts: GraphFacts, site: Activation) -> Iterator[Hypothesis]:
    """The hypotheses that a slope is wrong in one of the lines that use it: for weights, for a bias, or further back."""
    lines = [
        (node, i, x)
        for node in facts.summed_into(site.z)
        for i, x in node.edges()
        if node.raw.shape == site.z.raw.shape
        and not (node.operation is add and x.operation in (matmul, linear, add))
    ]
    for slope in _slopes(site) if len(lines) > 1 else ():
        for node, i, x in lines if slope.number in IN_ONE_LINE else ():
            whole = _hypothesis(facts, slope, site)
            name = facts.names.letter(untransposed(x), "x")
            row = replace(
                whole.mistake, did=whole.mistake.did + f", in the line for d{name} only", rank=BY_PLACE
            )
            wrong = {x: _through_one(node, i, site, slope)}
            role = "inputs" if x.operation else "bias" if node.operation is add else "weights"
            yield Hypothesis(row, site.a, wrong, {**whole.words, "variant": f"{role} only"})


def _through_one(node: Variable, position: int, site: Activation, slope: Slope) -> Correction:
    whole = at(site, slope.of)

    def correction(grads: Grads, g: Array) -> Array:
        change = whole(grads, grads[site.z]) - grads[site.z]
        return g + node.share(position, change)

    return correction


def _of_error(name: str, facts: GraphFacts) -> Iterator[Slope]:
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


def _hypothesis(facts: GraphFacts, slope: Slope, site: Activation) -> Hypothesis:
    squared = [head for head in facts.heads if head.kind == "squared" and head.z is site.a]
    forgotten_output = squared and slope.id == FORGOTTEN.id
    also = (*slope.also, OUTPUT_DERIVATIVE_AND_LOSS) if forgotten_output else slope.also
    mistake = Mistake(
        slope.id.format(f=site.name),
        slope.number,
        f"the true gradient with {slope.what} at {{at}}",
        "d{z} = d{a}" + (f" * {slope.text}" if slope.text else ""),
        "d{z} = d{a} * " + site.function.text,
        also,
        slope.rank,
    )
    own = {**words(facts, site), "variant": slope.variant}
    return Hypothesis(mistake, site.a, {site.z: at(site, slope.of)}, own)


def words(facts: GraphFacts, site: Activation) -> dict[str, str]:
    """The words for the templates of an activation."""
    z, a = facts.names.letter(site.z, "z"), facts.names.letter(site.a, "a")
    below = _below(site.z.raw, site.a.raw) if site.name == LEAKY else 0
    return {
        "a": a,
        "z": z,
        "f": site.name,
        "below": f"{below:.4g}",
        "true": site.function.text.format(a=a, z=z),
        "at": facts.names.node(site.a),
        "cell": facts.cell_of(site),
    }


SHORTCUT = Mistake(
    "cross-entropy-shortcut",
    OUTPUT_DERIVATIVE_AND_LOSS,
    "what p - y gives, as under a cross-entropy, at {at}: under a squared error it does not cancel the {f} derivative",
    "d{z} = ({a} - y) / {n}",
    "d{z} = d{a} * {true}",
)


def _shortcut(facts: GraphFacts) -> Iterator[Hypothesis]:
    """The mistake p - y at the output of a squared error; if no factor 2 is lost, it is the derivative forgotten."""
    n, k = facts.count, facts.classes
    for head, site in ((h, s) for h in facts.heads for s in facts.activations if s.a is h.z):
        for count, text in {n: "N", n * k: "(N * K)"}.items():
            slope = 1 / (count * head.scale)
            if head.kind == "squared" and not np.isclose(slope, 1):
                yield Hypothesis(
                    SHORTCUT,
                    site.a,
                    {site.z: at(site, _constant(slope))},
                    {**words(facts, site), "n": text},
                )


def _constant(slope: float) -> Callable[[Array, Array, Array], Array]:
    return lambda z, a, g: np.full_like(z, slope)


SKIPPED = "softmax-derivative-skipped"
WRONG_AXIS = "softmax-wrong-axis"
SOFTMAX: list[tuple[str, int, str, Callable[[Array, Array, int], Array]]] = [
    ("softmax-diagonal-only", 21, "only the diagonal of the softmax Jacobian", lambda g, y, axis: g * y * (1 - y)),
    (SKIPPED, 22, "the softmax derivative left out", lambda g, y, axis: g),
    ("softmax-derivative-unfinished", 21, "the softmax Jacobian without its subtraction", lambda g, y, axis: g * y),
    (WRONG_AXIS, 25, "the sum of the softmax derivative along another axis",
     lambda g, y, axis: y * (g - (g * y).sum(axis=axis - 1, keepdims=True))),
    (WRONG_AXIS, 25, "the sum of the softmax derivative over everything", lambda g, y, axis: y * (g - (g * y).sum())),
    ("softmax-derivative-unfinished", 21, "the mean in place of the sum in the softmax derivative",
     lambda g, y, axis: y * (g - (g * y).mean(axis=axis, keepdims=True))),
]  # fmt: skip


def _softmax(facts: GraphFacts) -> Iterator[Hypothesis]:
    """The rule of softmax replaced, at every softmax that is an operation of its own, and at all of them."""
    found = []
    for node in facts.tape.nodes:
        if node.operation is softmax and node in facts.tape.grads:
            z, axis = node.inputs[0], node.settings["dim"] % node.raw.ndim
            under = any(head.kind == "squared" and head.z is node for head in facts.heads)
            for name, number, what, rule in SOFTMAX if node.raw.ndim > 1 else SOFTMAX[:3]:
                also = (OUTPUT_DERIVATIVE_AND_LOSS,) if under and name == SKIPPED else ()
                mistake = Mistake(
                    name, number, f"the true gradient with {what} at {{at}}", "", JACOBIAN, also
                )
                at_words = {
                    "at": facts.names.node(node),
                    "p": facts.names.letter(node, "p"),
                    "z": facts.names.letter(z, "z"),
                    "axis": str(axis),
                    "variant": what,
                }
                override = instead(node, 0, _of_result(rule, axis))
                found.append(Hypothesis(mistake, node, {z: override}, at_words))
    yield from found
    yield from merged(found)


def _of_result(rule: Callable[[Array, Array, int], Array], axis: int) -> Rule:
    """A rule that reads only the result."""
    return lambda g, y, *_values, **_settings: rule(g, y, axis)


JACOBIAN = "d{z} = {p} * (d{p} - (d{p} * {p}).sum(axis={axis}, keepdims=True))"
