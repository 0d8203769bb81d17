"""Wrong gradients of biases and scales: other sums than that over the batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from tinygrad_edu.explanation.diagnosis.faulty_backward import Grads
from tinygrad_edu.explanation.diagnosis.gradient_names import gradient_of
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.layers_and_biases import Broadcast
from tinygrad_edu.explanation.diagnosis.mistakes.constants import entering_constants
from tinygrad_edu.explanation.diagnosis.mistakes.layer_corrections import arranged, ith
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import BY_CHANCE, Hypothesis, Mistake, merged
from tinygrad_edu.reading.nodes import Array

# fmt: off
_SUM = "d{b} = {deltas}.sum({examples})"  # the right line
TIMES_INPUT = Mistake("bias-times-input", 31, "the sum of deltas times inputs, for {b} at {at}",
                      "d{b} = ({x}.T @ d{z}).sum({examples})", _SUM)
TIMES_EACH = replace(TIMES_INPUT, wrote="d{b} = ({x} * d{z}).sum({examples})")
AVERAGED = Mistake("bias-averaged", 31, "the mean of the deltas where their sum belongs, for {b} at {at}",
                   "d{b} = {deltas}.mean({examples})", _SUM, (4, 32))
ONE_SAMPLE = Mistake("bias-one-sample", 31, "the delta of {example} alone, for {b} at {at}",
                     "d{b} = {deltas}[{i}]", _SUM, (7,))
AXIS = Mistake("bias-wrong-axis", 31, "the deltas summed along the wrong axis, for {b} at {at}",
               "d{b} = {deltas}.sum({units})", _SUM)
EVERYTHING = Mistake("summed-over-everything", 31, "the deltas summed over everything, for {b} at {at}",
                     "d{b} = {deltas}.sum()", _SUM)
STALE_DELTA = Mistake("stale-delta", 17, "the true gradient with {v} where d{z} belongs, for {b} at {at}",
                      "d{b} = {v}.sum({examples})", _SUM, rank=BY_CHANCE)
SWAPPED = Mistake("wrong-saved-input", 18, "the true gradient with {v} where {x} belongs, for {b} at {at}",
                  "d{b} = (d{z} * {v}).sum({examples})", _SUM, also=(17,))
FACTOR = Mistake("scale-as-bias", 31, "the sum of the deltas alone, as if {b} were added and not multiplied, at {at}",
                 "d{b} = d{z}.sum({examples})", _SUM)
# fmt: on
MAX_EXAMPLES = 64  # each tried alone
MAX_USES = 4  # of the same bias: with more, other deltas are not looked for

Sum = Callable[[Array], Array]  # of the deltas, a row for each example


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Every wrong sum at every bias and scale, and the same at all places."""
    found = [hypothesis for site in facts.broadcasts for hypothesis in _at(facts, site)]
    yield from found
    yield from merged(h for h in found if h.mistake.rank != BY_CHANCE)


def words(facts: GraphFacts, site: Broadcast) -> dict[str, str]:
    """The words for the templates of a bias or a scale."""
    names, z = facts.names, facts.result(site.node)
    other = site.x if site.scales else site.layer.x if site.layer else None
    x = "x" if other is None else names.letter(other, "x")
    kept = ", keepdims=True" if site.b.raw.ndim == site.node.raw.ndim else ""
    examples = [axis for axis in range(site.node.raw.ndim) if axis != site.axis]
    return {
        "b": names.letter(site.parameter, "b"),
        "z": z,
        "x": x,
        "deltas": f"({gradient_of(z)} * {x})" if site.scales else gradient_of(z),
        "examples": f"axis={examples[0] if len(examples) == 1 else tuple(examples)}{kept}",
        "units": f"axis={site.axis}{kept}",
        "at": names.node(site.node),
        "cell": str(id(site.parameter)),
    }


def _at(facts: GraphFacts, site: Broadcast) -> Iterator[Hypothesis]:
    of_site = words(facts, site)

    def found(mistake: Mistake, sum_of: Sum, **more: str) -> Hypothesis:
        def correction(grads: Grads, g: Array) -> Array:
            upstream = grads[site.node]
            wrong = np.broadcast_to(sum_of(site.rows(upstream)), site.b.raw.size).reshape(g.shape)
            return g - site.node.share(site.position, upstream) + wrong

        if site.layer is not None:
            line = arranged(mistake.wrote.replace("d{b}", "d{w}"), site.layer).replace("d{w}", "d{b}")
            mistake = replace(mistake, wrote=line)
        return Hypothesis(mistake, site.node, {site.b: correction}, {**of_site, **more})

    g, x = site.rows(facts.tape.grads[site.node]), site.inputs
    times = x if site.scales and x is not None else np.ones(1)
    if site.b.raw.size > 1:
        yield found(EVERYTHING, lambda g: (times * g).sum())
    for constant in entering_constants(facts) if 1 < len(facts.tape.uses(site.b)) <= MAX_USES else ():
        yield found(constant.at_a_place, _times(constant.value * times), **constant.words)
    yield found(AVERAGED, lambda g: (times * g).mean(axis=0))
    if site.node.raw.ndim == 2:
        kept = site.b.raw.ndim == 2
        for i in range(min(len(g), MAX_EXAMPLES)):
            yield found(ONE_SAMPLE, _alone(times, i), **ith(i, site.columns, keep=kept))
        if g.shape[0] == g.shape[1]:
            yield found(AXIS, lambda g: (times * g).sum(axis=1))
    if x is not None and not site.scales:
        yield found(TIMES_INPUT, lambda g: (x.T @ g).sum(axis=0))
        if x.shape == g.shape:
            yield found(TIMES_EACH, lambda g: (x * g).sum(axis=0), variant="each")
    if site.scales:
        yield found(FACTOR, lambda g: g.sum(axis=0))
        for name, v in facts.lookalikes(site.node.raw.shape, *([site.x] if site.x is not None else [])):
            yield found(SWAPPED, _times(site.rows(v)), v=name)
    else:
        few = len(facts.tape.uses(site.b)) <= MAX_USES
        for name, v in facts.gradients(site.node.raw.shape, site.node) if few else ():
            yield found(STALE_DELTA, _sum(site.rows(v)), v=name)


def _times(factor: Array) -> Sum:
    return lambda g: (factor * g).sum(axis=0)


def _sum(deltas: Array) -> Sum:
    return lambda g: deltas.sum(axis=0)


def _alone(times: Array, i: int) -> Sum:
    return lambda g: (times * g)[i]
