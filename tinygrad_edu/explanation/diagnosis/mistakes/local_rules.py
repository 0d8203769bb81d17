"""Wrong local rules in place of the derivative of an activation: everywhere, at some of them, or in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, Grads
from tinygrad_edu.explanation.diagnosis.gradient_names import gradient_of
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.known_activations import LEAKY
from tinygrad_edu.explanation.diagnosis.landmarks import Activation
from tinygrad_edu.explanation.diagnosis.layers_and_biases import untransposed
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import (
    BY_PLACE,
    OUTPUT_DERIVATIVE_AND_LOSS,
    Hypothesis,
    Mistake,
    merged,
)
from tinygrad_edu.explanation.diagnosis.mistakes.wrong_slopes import FORGOTTEN, Slope, below, of_error, slopes
from tinygrad_edu.ops.contractions import linear, matmul
from tinygrad_edu.ops.elementwise import add
from tinygrad_edu.reading.nodes import Array


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


def _at(site: Activation, slope: Slope) -> Correction:
    return at(site, slope.of, _second) if slope.whole else at(site, slope.of)


def _second(_upstream: Array, wrong: Array) -> Array:
    return wrong


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Every wrong slope at every activation, at all of them, at all but the output's, and in one line only."""
    found = [
        _hypothesis(facts, slope, site)
        for site in facts.activations
        for slope in [*slopes(site), *of_error(site.name, facts)]
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


IN_ONE_LINE = (11, 12, 13, 14)  # the numbers of mistakes that are made in one line and not in the next


def _in_one_line(facts: GraphFacts, site: Activation) -> Iterator[Hypothesis]:
    """The hypotheses that a slope is wrong in one line that uses it: for weights, for a bias, or further back."""
    lines = [
        (node, i, x)
        for node in facts.summed_into(site.z)
        for i, x in node.edges()
        if node.raw.shape == site.z.raw.shape
        and not (node.operation is add and x.operation in (matmul, linear, add))
    ]
    for slope in slopes(site) if len(lines) > 1 else ():
        for node, i, x in lines if slope.number in IN_ONE_LINE else ():
            whole = _hypothesis(facts, slope, site)
            name = facts.names.letter(untransposed(x), "x")
            row = replace(
                whole.mistake,
                did=whole.mistake.did + f", in the line for {gradient_of(name)} only",
                rank=BY_PLACE,
            )
            wrong = {x: _through_one(node, i, site, slope)}
            role = "inputs" if x.operation else "bias" if node.operation is add else "weights"
            yield Hypothesis(row, site.a, wrong, {**whole.words, "variant": f"{role} only"})


def _through_one(node: Variable, position: int, site: Activation, slope: Slope) -> Correction:
    whole = _at(site, slope)

    def correction(grads: Grads, g: Array) -> Array:
        change = whole(grads, grads[site.z]) - grads[site.z]
        return g + node.share(position, change)

    return correction


def _hypothesis(facts: GraphFacts, slope: Slope, site: Activation) -> Hypothesis:
    squared = [head for head in facts.heads if head.kind == "squared" and head.z is site.a]
    forgotten_output = squared and slope.id == FORGOTTEN.id
    also = (*slope.also, OUTPUT_DERIVATIVE_AND_LOSS) if forgotten_output else slope.also
    mistake = Mistake(
        slope.id.format(f=site.name),
        slope.number,
        f"the true gradient with {slope.what} at {{at}}",
        f"d{{z}} = {slope.text}"
        if slope.whole
        else "d{z} = d{a}" + (f" * {slope.text}" if slope.text else ""),
        "d{z} = d{a} * " + site.function.text,
        also,
        slope.rank,
    )
    own = {**words(facts, site), "variant": slope.variant}
    return Hypothesis(mistake, site.a, {site.z: _at(site, slope)}, own)


def words(facts: GraphFacts, site: Activation) -> dict[str, str]:
    """The words for the templates of an activation."""
    z, a = facts.names.letter(site.z, "z"), facts.names.letter(site.a, "a")
    slope_below = below(site.z.raw, site.a.raw) if site.name == LEAKY else 0
    return {
        "a": a,
        "z": z,
        "f": site.name,
        "below": f"{slope_below:.4g}",
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
