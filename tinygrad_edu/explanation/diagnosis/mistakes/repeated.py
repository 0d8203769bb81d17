"""Mistakes in a cell that is used several times, as in a recurrent network: time mixed up, the path through it cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.landmarks import Activation
from tinygrad_edu.explanation.diagnosis.layers_and_biases import Layer
from tinygrad_edu.explanation.diagnosis.mistakes.layer_corrections import Product, in_weights
from tinygrad_edu.explanation.diagnosis.mistakes.local_rules import at, words
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import (
    Hypothesis,
    Mistake,
    composed,
    in_words,
)
from tinygrad_edu.explanation.diagnosis.passages import Passage, passages
from tinygrad_edu.reading.nodes import Array

T = TypeVar("T")

CUT = Mistake("path-lost", 33,
              "the true gradient with nothing handed back{through} from step to step{since}",
              fix="d{x} with what comes back from the next step")  # fmt: skip
CUT_ONCE = replace(CUT, did="the true gradient with nothing handed back through {x} to the earlier use of {w}",
                   fix="d{w} as the sum over both uses of {w}")  # fmt: skip
STEP = Mistake("slope-of-another-step", 17,
               "the true gradient with the {f} derivative taken at {what}, at every use of {w}",
               fix="d{z} = d{a} * {true} with {a} of the same step")  # fmt: skip
DELTA = Mistake("stale-delta", 17,
                "the true gradient with the delta of {what} at every use of {w}",
                fix="d{w} as the sum of products of inputs and delta of the same step")  # fmt: skip
MAX_STEPS = 16  # after each of which the path may have been cut


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """The path from step to step cut everywhere or after some steps, and derivatives and deltas of other steps."""
    yield from _cuts(facts)
    for w, uses in facts.cells.items():
        name = facts.names.letter(w, "W")
        sites = [facts.following[use.node] for use in uses if use.node in facts.following]
        if len(sites) == len(uses) and len({site.a.raw.shape for site in sites}) == 1:
            yield from _steps(facts, name, sites, uses[-1])
        if len({use.node.raw.shape for use in uses}) == 1:
            yield from _deltas(facts, name, uses)


def _cuts(facts: GraphFacts) -> Iterator[Hypothesis]:
    """The hypotheses that ways from step to step are cut: through one cell, all cells, none of them, or all ways."""
    found = passages(facts.tape, facts.cells)
    through = [p for p in found if p.weights is not None]
    beside = [p for p in found if p.weights is None]
    cells = list(dict.fromkeys(p.weights for p in through))
    groups = [[p for p in through if p.weights is w] for w in cells]
    groups += [
        group for group in (through if len(cells) > 1 else [], beside, found if beside else []) if group
    ]
    for group in groups:
        for kept in range(min(len({p.step for p in group}), MAX_STEPS)):
            yield _cut(facts, group, kept, everything=len(group) == len(found))


def _cut(facts: GraphFacts, group: list[Passage], kept: int, everything: bool) -> Hypothesis:
    last = max(p.step for p in group)
    lost = [p for p in group if p.step <= last - kept]
    ways = [_way(facts, p) for p in lost]
    named = [p.x for p in lost if facts.names.find(p.x)]
    words = {
        "through": "" if everything else f" through {in_words(ways)}",
        "since": f" before the last {kept + 1} steps" if kept else "",
        "x": facts.names.letter((named or [lost[0].x])[0], "h"),
    }
    wrong = composed(*({p.x: _without(p)} for p in lost))
    if len(lost) == 1 and not kept and lost[0].weights is not None:
        return Hypothesis(
            CUT_ONCE, lost[0].node, wrong, {**words, "w": facts.names.letter(lost[0].weights, "W")}
        )
    return Hypothesis(CUT, lost[0].node, wrong, words)


def _way(facts: GraphFacts, p: Passage) -> str:
    return facts.names.node(p.node) if p.weights is None else facts.names.letter(p.weights, "W")


def _without(p: Passage) -> Correction:
    return lambda grads, g: g - p.node.share(p.position, grads[p.node])


def _others(values: list[T]) -> dict[str, list[T]]:
    """What belongs to another step, for each step, by the words for it; `values` begin with the last step."""
    return {
        "the step before": [*values[1:], values[-1]],
        "the step after": [values[0], *values[:-1]],
        "the last step": [values[0]] * len(values),
        "the first step": [values[-1]] * len(values),
    }


def _deltas(facts: GraphFacts, w: str, uses: list[Layer]) -> Iterator[Hypothesis]:
    """The deltas of one step multiplied with the inputs of another."""
    for what, taken in _others([facts.tape.grads[use.node] for use in uses]).items():
        wrong = composed(
            *(in_weights(use, _with_delta(use.rows(d))) for use, d in zip(uses, taken, strict=True))
        )
        yield Hypothesis(DELTA, uses[0].node, wrong, {"w": w, "what": what})


def _with_delta(delta: Array) -> Product:
    return lambda x, g: x.T @ delta


def _steps(facts: GraphFacts, w: str, sites: list[Activation], oldest: Layer) -> Iterator[Hypothesis]:
    """The slopes of one step taken at another; `sites` begin with the last step."""
    values = [(site.z.raw, site.a.raw) for site in sites]
    begun = oldest.x.raw
    others = _others(values)
    if begun.shape == values[0][1].shape:
        others["the step before"][-1] = (begun, begun)
    for what, taken in others.items():
        wrong: dict[Variable, Correction] = {
            site.z: at(site, _slope(site.slope_at(*value))) for site, value in zip(sites, taken, strict=True)
        }
        yield Hypothesis(STEP, sites[0].a, wrong, {**words(facts, sites[0]), "w": w, "what": what})


def _slope(slope: Array) -> Callable[[Array, Array, Array], Array]:
    return lambda z, a, g: slope
