"""The catalogue of mistakes in hand-derived gradients, as tables: a row per mistake, a file per place in a network."""

from __future__ import annotations

from collections.abc import Iterator

from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.mistakes import (
    biases,
    bookkeeping,
    clipping,
    convolution_slips,
    families,
    local_rules,
    local_slips,
    loss_mistakes,
    matrix_products,
    misplaced,
    normalization,
    padding_slips,
    penalties,
    repeated,
    residuals,
    rounding,
    sliding,
    softmax_rules,
    stale,
    taken_rows,
)
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis


def catalogue(facts: GraphFacts) -> Iterator[Hypothesis]:
    """Every mistake that this graph allows, the more common ones first."""
    yield from local_rules.hypotheses(facts)
    yield from softmax_rules.hypotheses(facts)
    yield from loss_mistakes.hypotheses(facts)
    yield from residuals.hypotheses(facts)
    yield from repeated.hypotheses(facts)
    yield from matrix_products.hypotheses(facts)
    yield from biases.hypotheses(facts)
    yield from penalties.hypotheses(facts)
    yield from local_slips.hypotheses(facts)
    yield from bookkeeping.hypotheses(facts)
    yield from taken_rows.hypotheses(facts)
    yield from normalization.hypotheses(facts)
    yield from sliding.hypotheses(facts)
    yield from convolution_slips.hypotheses(facts)
    yield from padding_slips.hypotheses(facts)
    yield from misplaced.hypotheses(facts)
    yield from families.earlier(facts)
    yield from stale.hypotheses(facts)
    yield from clipping.hypotheses(facts)


def rounded_early(facts: GraphFacts) -> Iterator[Hypothesis]:
    """The right computation, rounded too early: looked at only if nothing else fits."""
    yield from rounding.hypotheses(facts)
