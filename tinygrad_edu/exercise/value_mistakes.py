"""Values of the forward pass that are wrong in a known way: a table of mistakes, made on purpose and compared."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.engine.backward import newest_first
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.known_activations import softmax
from tinygrad_edu.explanation.diagnosis.landmarks import Head, heads
from tinygrad_edu.explanation.diagnosis.mistakes.constants import MISSING, all_constants
from tinygrad_edu.explanation.diagnosis.mistakes.constants import UNITS as OVER_UNITS
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.reading.recompute import rerun

SPARE_BITS = 7  # a wrong number fits none of the table by chance more often than 1 time in 128
SAME = 1e-9  # relative: one number by two mistakes

E, TWO, TEN = math.e, 2.0, 10.0
LOGARITHMS = {"log2": TWO, "log10": TEN} | dict.fromkeys(  # the base of each operation
    ("log", "log_softmax", "cross_entropy", "binary_cross_entropy", "softplus", "logsumexp", "xlogy", "entr"),
    E,
)
BASES = {E: "the natural logarithm", TWO: "the logarithm to base 2", TEN: "the logarithm to base 10"}
UNITS = {E: "nats", TWO: "bits"}


class ValueMistake(NamedTuple):
    """A mistake and the value that it gives; `did` completes "It equals ..."."""

    id: str
    did: str
    value: Array


class AskedValue(NamedTuple):
    """The value `x` of a graph, by its name in sentences, and what the mistakes look at."""

    name: str
    x: Variable
    facts: GraphFacts
    nodes: list[Any]  # that x depends on
    heads: list[Head]
    own: Mapping[Variable, Array]  # of the student, in place of what the graph computes

    @property
    def true(self) -> Array:
        """The right value."""
        return np.asarray(self.x.raw, float)

    def has(self, *operations: str) -> bool:
        """True if the value depends on one of these operations."""
        return any(node.operation.name in operations for node in self.nodes)

    def has_number(self, number: float) -> bool:
        """True if this constant goes into the value."""
        inputs = (np.asarray(getattr(x, "raw", x)) for node in self.nodes for x in node.inputs)
        return any(x.ndim == 0 and math.isclose(x, number, rel_tol=1e-6) for x in inputs)

    @property
    def squared(self) -> bool:
        """True if something is squared on the way."""
        return any(
            (node.operation.name == "multiply" and node.inputs[0] is node.inputs[1])
            or (
                node.operation.name == "power" and np.all(getattr(node.inputs[1], "raw", node.inputs[1]) == 2)
            )
            for node in self.nodes
        )

    def again(self, after: Callable[[Variable, Array], Array]) -> Array:
        """The value if results on the way are changed by `after(node, result)`."""
        return np.asarray(rerun(self.facts.tape.loss, {}, after, self.own)[self.x].raw, float)

    def with_result(self, node: Variable, result: Array) -> Array:
        """The value if this node had come out otherwise."""
        overwrite = {**self.own, node: result}
        return np.asarray(rerun(self.facts.tape.loss, {}, overwrite=overwrite)[self.x].raw, float)


def _other_base(v: AskedValue) -> Iterator[ValueMistake]:
    for base in BASES:
        names = {name for name, own in LOGARITHMS.items() if own == base}
        for other in [b for b in BASES if b != base] if v.has(*names) else ():
            factor = math.log(base) / math.log(other)
            value = v.again(lambda node, y: y * factor if _name(node) in names else y)  # noqa: B023
            yield ValueMistake("logarithm-base", _based(v, base, other), value)
    for base in (TWO, TEN):
        if any(v.has_number(c) for c in (math.log(base), 1 / math.log(base))):  # log2(p) as log(p) / ln 2
            yield ValueMistake("logarithm-base", _based(v, base, E), v.true * math.log(base))


def _based(v: AskedValue, base: float, other: float) -> str:
    did = f"{v.name} with {BASES[other]} in place of {BASES[base]}"
    has_unit = {base, other} == {E, TWO} and v.true.ndim == 0
    return f"{did}: in {UNITS[other]}, not in {UNITS[base]}" if has_unit else did


def _sum_for_mean(v: AskedValue) -> Iterator[ValueMistake]:
    if v.has("mean"):
        value = v.again(
            lambda node, y: y * (node.inputs[0].raw.size / y.size) if _name(node) == "mean" else y
        )
        yield ValueMistake(MISSING, f"{v.name} with a sum in place of the mean", value)


def _name(node: Variable) -> str:
    return node.operation.name if node.operation else ""


def _constants(v: AskedValue) -> Iterator[ValueMistake]:
    for c in all_constants(v.facts):
        if not c.only_of_gradients and c.id != "logarithm-base" and (c.id != OVER_UNITS or v.true.ndim):
            yield ValueMistake(c.id, f"{c.name} times the true value of {v.name}: {c.why}", c.value * v.true)


def _squares(v: AskedValue) -> Iterator[ValueMistake]:
    if v.squared:
        missing, stray = (
            "the factor 1/2 of the squares is missing",
            "with a factor 1/2 that is not in the formula",
        )
        yield ValueMistake("half-of-the-square", f"twice the true value of {v.name}: {missing}", 2 * v.true)
        yield ValueMistake("half-of-the-square", f"half the true value of {v.name}: {stray}", v.true / 2)
        root = np.sqrt(np.abs(v.true))
        yield ValueMistake("root-of-the-square", f"the square root of the true value of {v.name}", root)


def _other_axis(v: AskedValue) -> Iterator[ValueMistake]:
    for node in v.nodes:
        if node.operation.name in ("softmax", "log_softmax"):
            log = np.log if node.operation.name == "log_softmax" else np.asarray
            yield from _axes(v, node.inputs[0].raw, lambda p: v.with_result(node, log(p)))  # noqa: B023
    for h in v.heads:
        if h.kind == "softmax" and any(h.node is node for node in v.nodes if node is not v.facts.tape.loss):
            yield from _axes(v, h.z.raw, lambda p: v.with_result(h.node, p))  # noqa: B023
        elif h.kind == "softmax" and v.x is v.facts.tape.loss:
            yield from _axes(v, h.z.raw, lambda p: v.true + h.scale * (h.y * np.log(h.p / p)).sum())  # noqa: B023


def _axes(v: AskedValue, z: Array, value: Callable[[Array], Array]) -> Iterator[ValueMistake]:
    """The value with a softmax of `z` over every axis and over everything; the right one is among them."""
    for axis in (*range(z.ndim), None):
        where = "everything" if axis is None else f"axis {axis}"
        yield ValueMistake(
            "softmax-wrong-axis", f"{v.name} with a softmax over {where}", value(softmax(z, axis))
        )


def _other_tensor(v: AskedValue) -> Iterator[ValueMistake]:
    for y in v.facts.tape.grads:
        name = v.facts.names.find(y)
        if y is not v.x and name and y.raw.shape == v.x.raw.shape and v.x.raw.ndim:
            yield ValueMistake("another-value", f"{name}, not {v.name}", np.asarray(y.raw, float))
    for h in v.heads:
        if h.kind != "squared" and h.z is v.x:
            did = f"{h.kind} of {v.name}: the probabilities, not the scores"
            yield ValueMistake("probabilities-for-scores", did, h.p)
        if h.kind != "squared" and h.node is v.x:
            did = f"what the {h.kind} is taken of: the scores, not the probabilities"
            yield ValueMistake("scores-for-probabilities", did, np.asarray(h.z.raw, float))


def _accuracy(v: AskedValue) -> Iterator[ValueMistake]:
    for h in v.heads if v.x is v.facts.tape.loss else ():
        if h.kind != "squared":
            right = float(_hits(h).mean())
            for name, which, share in (("accuracy", "right", right), ("error rate", "wrong", 1 - right)):
                did = f"the {name}, the share of predictions that are {which}, not the loss {v.name}"
                yield ValueMistake("accuracy-for-loss", did, np.asarray(share))


def _hits(h: Head) -> Array:
    """True for each prediction that is right."""
    if h.kind == "softmax":
        return np.equal(h.p.argmax(h.axis), h.y.argmax(h.axis))
    return np.equal(np.round(h.p), np.round(h.y))


def _perplexity(v: AskedValue) -> Iterator[ValueMistake]:
    if v.has(*LOGARITHMS) and v.true.ndim == 0:
        yield ValueMistake(
            "perplexity-for-loss", f"exp({v.name}): the perplexity, not the loss", np.exp(v.true)
        )


def _decimal_point(v: AskedValue) -> Iterator[ValueMistake]:
    for factor in (10, 100, 0.1, 0.01) if v.true.ndim == 0 else ():
        did = f"{factor:g} times the true value of {v.name}: the decimal point is at another place"
        yield ValueMistake("decimal-point", did, factor * v.true)


TABLE = (
    _other_base, _sum_for_mean, _squares, _other_axis, _other_tensor, _accuracy, _perplexity, _decimal_point,
    _constants,
)  # fmt: skip


def value_mistakes(
    facts: GraphFacts, x: Variable, own: Mapping[Variable, Array] | None = None
) -> list[ValueMistake]:
    """Every mistake of the table that changes the value `x` of the graph; none gives one number twice.

    `own` are results in the graph that came from the student.
    """
    v = AskedValue(facts.names.label(x), x, facts, newest_first(x), heads(facts.tape), own or {})
    found: list[ValueMistake] = []
    with np.errstate(all="ignore"):
        for mistake in (m for row in TABLE for m in row(v)):
            known = (v.true, *(m.value for m in found if m.id == mistake.id))
            possible = mistake.value.shape == v.true.shape and np.isfinite(mistake.value).all()
            if possible and not any(_alike(mistake.value, y) for y in known):
                found.append(mistake)
    return found


def _alike(a: Array, b: Array) -> bool:
    return bool(np.abs(a - b).max(initial=0) <= SAME * np.abs(b).max(initial=0))


def proven(
    array: Array, true: Array, mistakes: list[ValueMistake], tolerance: Array | float
) -> list[ValueMistake]:
    """The mistakes that give every number of `array`, if it differs from the right one by too much for chance."""
    bits = np.log2(np.maximum(np.abs(array - true) / tolerance, 1)).sum()
    if bits < np.log2(max(len(mistakes), 1)) + SPARE_BITS:
        return []
    return [
        m for m in mistakes if m.value.shape == array.shape and (np.abs(array - m.value) <= tolerance).all()
    ]
