"""The catalogue of mistakes in hand-derived gradients, as tables: one row per mistake, grouped by where it is made."""

from __future__ import annotations

from collections.abc import Iterator

from tinygrad_edu.diagnosis.mistakes import (
    averaged,
    biases,
    columns,
    families,
    leaves,
    loss,
    norm,
    products,
    rounding,
    rules,
    stale,
    tape,
)
from tinygrad_edu.diagnosis.mistakes.row import Hypothesis
from tinygrad_edu.diagnosis.scene import Scene


def catalogue(scene: Scene) -> Iterator[Hypothesis]:
    """Every mistake that this graph allows, the more common ones first."""
    yield from rules.hypotheses(scene)
    yield from loss.hypotheses(scene)
    yield from products.hypotheses(scene)
    yield from columns.hypotheses(scene)
    yield from averaged.hypotheses(scene)
    yield from biases.hypotheses(scene)
    yield from tape.hypotheses(scene)
    yield from norm.hypotheses(scene)
    yield from leaves.hypotheses(scene)
    yield from families.earlier(scene)
    yield from stale.hypotheses(scene)


def late(scene: Scene) -> Iterator[Hypothesis]:
    """What is looked at only if nothing else fits: the right computation, rounded too early."""
    yield from rounding.hypotheses(scene)
