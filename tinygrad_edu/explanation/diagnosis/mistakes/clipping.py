"""What an optimizer makes of a gradient, handed in as the gradient: clipped, or only its signs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, replaced, scaled
from tinygrad_edu.explanation.diagnosis.graph_facts import GraphFacts
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import LEARNING_RATE, Hypothesis, Mistake

BY_VALUE = Mistake("gradient-clipped", LEARNING_RATE,
                   "the true gradient clipped to the numbers from -{bound} to {bound}",
                   "clip(d{each}, -{bound}, {bound})", "d{each}")  # fmt: skip
BY_NORM = Mistake("gradient-clipped", LEARNING_RATE, "the true gradient clipped to a norm of {bound}{each}",
                  "d{w} * {bound} / norm", "d{w}")  # fmt: skip
SIGNS = Mistake("signs-only", LEARNING_RATE, "the signs of the true gradient", "sign(d{w})", "d{w}")
BOUNDS = (0.01, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)


def hypotheses(facts: GraphFacts) -> Iterator[Hypothesis]:
    """All gradients clipped by their common norm, or each by its own; and their signs."""
    leaves = facts.tape.leaves
    grads = {x: facts.tape.grads[x] for x in leaves}
    norms = {x: float(np.linalg.norm(g)) for x, g in grads.items()}
    total = float(np.linalg.norm(list(norms.values())))
    words = {"w": facts.names.letter(leaves[0], "W")}

    def found(
        mistake: Mistake, wrong: dict[Variable, Correction], c: float = 0, each: str = ""
    ) -> Hypothesis:
        own = {
            "bound": f"{c:g}",
            "c": f"{c:g}",
            "each": each,
        }  # as a constant: times another one it is of that size
        return Hypothesis(mistake, leaves[0], wrong, {**words, **own})

    yield found(SIGNS, {x: replaced(np.sign(g)) for x, g in grads.items()})
    for c in BOUNDS:
        if c < total:
            yield found(BY_NORM, {x: scaled(c / total) for x in leaves}, c)
        if len(leaves) > 1 and c < max(norms.values()):
            wrong = {x: scaled(c / norms[x]) for x in leaves if norms[x] > c}
            yield found(BY_NORM, wrong, c, ", each array by itself")


def clipped(_: Variable, bound: float) -> Correction:
    """The gradient clipped by value."""
    return lambda grads, g: np.clip(g, -bound, bound)
