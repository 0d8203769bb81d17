"""What would tell two explanations apart that fit alike: found by computing both where nothing was handed in."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.evidence import Fit
from tinygrad_edu.explanation.diagnosis.matching import Question
from tinygrad_edu.reading.nodes import Array

DIFFERENT = 1e-6


def tell_apart(question: Question, fits: Sequence[Fit]) -> str:
    """A sentence on what to hand in next."""
    names = question.pool.scene.names
    others = [x for x in question.pool.scene.tape.leaves if x not in question.slices]
    if others:
        outcomes = [_elsewhere(question, fit, others) for fit in fits]
        found = [f"d{names.label(x)}" for x in others if _all_differ([outcome[x] for outcome in outcomes])]
        if found:
            return f"To tell them apart, hand in {' and '.join(found[:3])} as well."
    gaps = [float(np.nanmax(np.abs(a.prediction - b.prediction))) for a, b in combinations(fits, 2)]
    if min(gaps) > DIFFERENT * np.abs(question.evidence.true).max():
        return f"To tell them apart, give {max(int(np.ceil(-np.log10(min(gaps)))), 0) + 1} decimals."
    return _sizes(question)


def _sizes(question: Question) -> str:
    values = [c.value for c in question.pool.constants if c.number in (2, 3, 5)]
    scene = question.pool.scene
    if len(set(values)) < len(values) or any(v in (2, 0.5, 4, 0.25) for v in values):
        return (
            f"To tell them apart, try a batch of another size than {scene.count}, "
            "with all sizes of the network different and none of them 2 or 4."
        )
    return "They always give the same numbers here: only the lines you wrote can tell them apart."


def _elsewhere(question: Question, fit: Fit, others: Sequence[Variable]) -> dict[Variable, Array]:
    tape = question.pool.scene.tape
    changes = fit.hypothesis.differences(tape)
    factor = fit.factor.value if fit.factor else 1
    return {x: factor * (tape.grads[x] + changes.get(x, 0)) for x in others}


def _all_differ(arrays: Sequence[Array]) -> bool:
    least = DIFFERENT * max(float(np.abs(array).max()) for array in arrays)
    return all(float(np.abs(a - b).max()) > least for a, b in combinations(arrays, 2))
