"""Wrong gradients of biases and scales: other sums than that over the batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from tinygrad_edu.explanation.diagnosis.faulty_backward import Grads
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.layers_and_biases import Broadcast
from tinygrad_edu.explanation.diagnosis.mistakes.constants import entering_constants
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis, Mistake, merged
from tinygrad_edu.reading.nodes import Array

TIMES_INPUT = Mistake(
    "bias-times-input",
    31,
    "the sum of deltas times inputs, for {b} at {at}",
    "d{b} = ({x}.T @ d{z}).sum(axis=0)",
    "d{b} = d{z}.sum(axis=0)",
)
TIMES_EACH = replace(TIMES_INPUT, wrote="d{b} = ({x} * d{z}).sum(axis=0)")
AVERAGED = Mistake(
    "bias-averaged",
    31,
    "the mean of the deltas where their sum belongs, for {b} at {at}",
    "d{b} = {deltas}.mean(axis=0)",
    "d{b} = {deltas}.sum(axis=0)",
    (4, 32),
)
ONE_SAMPLE = Mistake(
    "bias-one-sample",
    31,
    "the delta of example {i} alone, for {b} at {at}",
    "d{b} = {deltas}[{i}]",
    "d{b} = {deltas}.sum(axis=0)",
    (7,),
)
AXIS = Mistake(
    "bias-wrong-axis",
    31,
    "the deltas summed along the wrong axis, for {b} at {at}",
    "d{b} = {deltas}.sum(axis=1)",
    "d{b} = {deltas}.sum(axis=0)",
)
EVERYTHING = Mistake(  # of a bias used once this is a single number: see `wrong_shapes`
    "summed-over-everything",
    31,
    "the deltas summed over everything, for {b} at {at}",
    "d{b} = {deltas}.sum()",
    "d{b} = {deltas}.sum(axis=0)",
)
SWAPPED = Mistake(
    "wrong-saved-input",
    18,
    "the true gradient with {v} where {x} belongs, for {b} at {at}",
    "d{b} = (d{z} * {v}).sum(axis=0)",
    "d{b} = (d{z} * {x}).sum(axis=0)",
    also=(17,),
)
FACTOR = Mistake(
    "scale-as-bias",
    31,
    "the sum of the deltas alone, as if {b} were added and not multiplied, at {at}",
    "d{b} = d{z}.sum(axis=0)",
    "d{b} = (d{z} * {x}).sum(axis=0)",
)
MAX_EXAMPLES = 64  # each tried alone

Deltas = Callable[[Array], Array]


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Every wrong sum at every bias and scale, and the same at all places."""
    found = [hypothesis for site in facts.broadcasts for hypothesis in _at(facts, site)]
    yield from found
    yield from merged(found)


def deltas(facts: GraphFacts, site: Broadcast) -> str:
    """The array that is summed over the batch: `dz`, or `(dz * x)` for a scale."""
    text = f"d{facts.result(site.node)}"
    if not site.scales:
        return text
    return f"({text} * {'x' if site.x is None else facts.names.letter(site.x, 'x')})"


def _times(site: Broadcast, c: float) -> Deltas:
    return lambda g: c * site.unsummed(g).sum(axis=tuple(range(g.ndim - 1)))


def _alone(site: Broadcast, i: int) -> Deltas:
    return lambda g: site.unsummed(g)[i]


def _with_all(x: Array) -> Deltas:
    return lambda g: (x.T @ g).sum(axis=0)


def _with_each(x: Array) -> Deltas:
    return lambda g: (x * g).sum(axis=0)


def _at(facts: GraphFacts, site: Broadcast) -> Iterator[Hypothesis]:
    names = facts.names
    words = {
        "b": names.letter(site.b, "b"),
        "z": facts.result(site.node),
        "x": "x" if site.x is None else names.letter(site.x, "x"),
        "deltas": deltas(facts, site),
        "at": names.node(site.node),
    }

    def found(mistake: Mistake, sum_of: Deltas, **more: str) -> Hypothesis:
        def correction(grads: Grads, g: Array) -> Array:
            upstream = grads[site.node]
            return g - site.node.share(site.position, upstream) + sum_of(upstream).reshape(g.shape)

        return Hypothesis(mistake, site.node, {site.b: correction}, {**words, **more})

    g = facts.tape.grads[site.node]
    if len(facts.tape.uses(site.b)) > 1:
        yield found(EVERYTHING, lambda g: np.full(site.b.raw.shape, site.unsummed(g).sum()))
        for constant in entering_constants(facts):
            yield found(constant.at_a_place, _times(site, constant.value), **constant.words)
    yield found(AVERAGED, lambda g: site.unsummed(g).mean(axis=tuple(range(g.ndim - 1))))
    if g.ndim == 2:
        for i in range(min(len(g), MAX_EXAMPLES)):
            yield found(ONE_SAMPLE, _alone(site, i), i=str(i))
        if g.shape[0] == g.shape[1]:
            yield found(AXIS, lambda g: site.unsummed(g).sum(axis=1))
        if site.x is not None and not site.scales:
            yield found(TIMES_INPUT, _with_all(site.x.raw))
            if site.x.raw.shape == g.shape:
                yield found(TIMES_EACH, _with_each(site.x.raw), variant="each")
        if site.scales:
            yield found(FACTOR, lambda g: g.sum(axis=tuple(range(g.ndim - 1))))
            for name, v in facts.lookalikes(g.shape, *([site.x] if site.x is not None else [])):
                yield found(SWAPPED, _with_each(v), v=name)
