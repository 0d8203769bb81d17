"""Mistakes in a cell that is used several times, as in a recurrent network: time mixed up, the path through it cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.landmarks import Activation
from tinygrad_edu.explanation.diagnosis.layers_and_biases import Layer
from tinygrad_edu.explanation.diagnosis.mistakes.layer_corrections import in_inputs
from tinygrad_edu.explanation.diagnosis.mistakes.local_rules import at, words
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis, Mistake
from tinygrad_edu.reading.nodes import Array

CUT = Mistake("path-lost", 33,
              "the true gradient with the path back through {w} cut: nothing reaches {steps}",
              fix="d{x} with what comes back through the next use of {w}")  # fmt: skip
STEP = Mistake("slope-of-another-step", 17,
               "the true gradient with the {f} derivative taken at {what}, at every use of {w}",
               fix="d{z} = d{a} * {true} with {a} of the same step")  # fmt: skip
MAX_STEPS = 16  # after each of which the path may have been cut


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """The path back through a cell cut everywhere or after some steps, and its derivatives taken at other steps."""
    for w, uses in facts.cells.items():
        back = [use for use in uses if use.x.operation is not None and use.x in facts.tape.grads]
        yield from _cut(facts, facts.names.letter(w, "W"), back)
        sites = [facts.following[use.node] for use in uses if use.node in facts.following]
        if len(sites) == len(uses) and len({site.a.raw.shape for site in sites}) == 1:
            yield from _steps(facts, facts.names.letter(w, "W"), sites, uses[-1])


def _cut(facts: GraphFacts, w: str, back: list[Layer]) -> Iterator[Hypothesis]:
    for kept in range(min(len(back), MAX_STEPS)):
        wrong: dict[Variable, Correction] = {}
        for use in back[kept:]:
            wrong |= in_inputs(use, lambda w, g: np.zeros((len(g), len(w))))
        steps = "its earlier uses" if not kept else f"uses before the last {kept + 1}"
        own = {"w": w, "x": facts.names.letter(back[kept].x, "h"), "steps": steps}
        yield Hypothesis(CUT, back[kept].node, wrong, own)


def _steps(facts: GraphFacts, w: str, sites: list[Activation], oldest: Layer) -> Iterator[Hypothesis]:
    """The slopes of one step taken at another; `sites` begin with the last step."""
    values = [(site.z.raw, site.a.raw) for site in sites]
    begun = oldest.x.raw
    before = [*values[1:], (begun, begun) if begun.shape == values[0][1].shape else values[-1]]
    after = [values[0], *values[:-1]]
    last = [values[0]] * len(values)
    for what, taken in (("the step before", before), ("the step after", after), ("the last step", last)):
        wrong: dict[Variable, Correction] = {
            site.z: at(site, _slope(site.slope_at(*value))) for site, value in zip(sites, taken, strict=True)
        }
        yield Hypothesis(STEP, sites[0].a, wrong, {**words(facts, sites[0]), "w": w, "what": what})


def _slope(slope: Array) -> Callable[[Array, Array, Array], Array]:
    return lambda z, a, g: slope
