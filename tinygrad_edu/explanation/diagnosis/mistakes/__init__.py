"""The catalogue of mistakes in hand-derived gradients, as tables: one row per mistake, grouped by where it is made."""

from __future__ import annotations

from collections.abc import Iterator

from tinygrad_edu.explanation.diagnosis.graph_facts import Scene
from tinygrad_edu.explanation.diagnosis.mistakes import (
    averaged,
    biases,
    bookkeeping,
    columns,
    families,
    local_rules,
    loss_mistakes,
    matrix_products,
    misplaced,
    normalization,
    rounding,
    stale,
)
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis


def catalogue(scene: Scene) -> Iterator[Hypothesis]:
    """Every mistake that this graph allows, the more common ones first."""
    yield from local_rules.hypotheses(scene)
    yield from loss_mistakes.hypotheses(scene)
    yield from matrix_products.hypotheses(scene)
    yield from columns.hypotheses(scene)
    yield from averaged.hypotheses(scene)
    yield from biases.hypotheses(scene)
    yield from bookkeeping.hypotheses(scene)
    yield from normalization.hypotheses(scene)
    yield from misplaced.hypotheses(scene)
    yield from families.earlier(scene)
    yield from stale.hypotheses(scene)


def late(scene: Scene) -> Iterator[Hypothesis]:
    """What is looked at only if nothing else fits: the right computation, rounded too early."""
    yield from rounding.hypotheses(scene)
