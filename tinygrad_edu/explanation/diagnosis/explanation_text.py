"""The words of a diagnosis: what a mistake did, the wrong line and the right one, and what would break a tie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from tinygrad_edu.engine.call_site import line_of
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.diagnosis import Explanation
from tinygrad_edu.explanation.diagnosis.evidence import Evidence, Fit
from tinygrad_edu.explanation.diagnosis.gradient_names import filled, gradient_of
from tinygrad_edu.explanation.diagnosis.graph_facts import StudentNames
from tinygrad_edu.explanation.diagnosis.matching import Matching
from tinygrad_edu.explanation.diagnosis.mistakes.wrong_shapes import WrongShape
from tinygrad_edu.explanation.diagnosis.submission import Repair
from tinygrad_edu.reading.nodes import Array

MIN_DIFFERENCE = 1e-6  # relative: a smaller one tells nothing apart
MAX_NAMED = 3  # arrays to hand in next


def of_fit(names: StudentNames, array: str, fit: Fit, evidence: Evidence, **own: str) -> Explanation:
    """The explanation for a fit; `array` is the first in which it shows; `own` are words known better by now."""
    hypothesis, mistake = fit.hypothesis, fit.hypothesis.mistake
    sentence, also = f"It equals {hypothesis.say(mistake.did, **own)}", (*mistake.also, *fit.also)
    if fit.factor is not None:
        sentence += f", times {fit.factor.name}: {fit.factor.why}"
        also = (*also, fit.factor.number, *fit.factor.also)
    return Explanation(
        mistake=mistake.id,
        catalogue=mistake.number,
        also=tuple(dict.fromkeys(also)),
        node=names.node(hypothesis.node),
        place=line(hypothesis.node),
        array=array,
        sentence=sentence,
        wrote=hypothesis.say(mistake.wrote, **own),
        fix=hypothesis.say(mistake.fix, **own),
        difference=float(np.nanmax(np.abs(fit.prediction - evidence.numbers))),
        guilty=hypothesis.node,
    )


def of_repair(array: str, x: Variable, repair: Repair) -> Explanation:
    """The explanation for an array of another shape with the right count of numbers."""
    sentence = f"It equals the gradient of {array} in another shape: {repair.note}"
    return replace(of_array(repair.id, repair.number, array, x, sentence), fix=f"of shape {x.raw.shape}")


def of_wrong_shape(names: StudentNames, array: str, shaped: WrongShape) -> Explanation:
    """The explanation for a known mistake that gives another shape."""
    mistake, words = shaped.mistake, shaped.words
    return Explanation(
        mistake=mistake.id,
        catalogue=mistake.number,
        also=mistake.also,
        node=names.node(shaped.node),
        place=line(shaped.node),
        array=array,
        sentence=f"It equals {filled(mistake.did, words)}",
        wrote=filled(mistake.wrote, words),
        fix=filled(mistake.fix, words),
        guilty=shaped.node,
    )


def of_array(mistake: str, number: int, array: str, x: Variable, sentence: str) -> Explanation:
    """An explanation of an array as a whole, at no line of the computation."""
    return Explanation(mistake, number, node=array, array=array, sentence=sentence, guilty=x)


def line(node: Variable) -> str:
    """The source line of `node`, or an empty text."""
    return line_of(node.call_site) if node.call_site else ""


def tell_apart(matching: Matching, fits: Sequence[Fit]) -> str:
    """A sentence on what to hand in next: computed by making each mistake where nothing was handed in."""
    facts = matching.table.facts
    others = [x for x in facts.tape.leaves if x not in matching.slices]
    if others:
        outcomes = [_elsewhere(matching, fit, others) for fit in fits]
        telling = [x for x in others if _all_differ([outcome[x] for outcome in outcomes])]
        found = [gradient_of(name) for x in telling if (name := facts.names.find(x))]
        if found:
            return f"To tell them apart, hand in {' and '.join(found[:MAX_NAMED])} as well."
    gaps = [float(np.nanmax(np.abs(a.prediction - b.prediction))) for a, b in combinations(fits, 2)]
    if min(gaps) > MIN_DIFFERENCE * np.abs(matching.evidence.true).max():
        return f"To tell them apart, give {max(int(np.ceil(-np.log10(min(gaps)))), 0) + 1} decimals."
    values = [c.value for c in matching.table.constants if c.of_a_size]
    if len(set(values)) < len(values) or any(v in (2, 0.5, 4, 0.25) for v in values):
        return (
            f"To tell them apart, try a batch of another size than {facts.count}, "
            "with all sizes of the network different and none of them 2 or 4."
        )
    return "They always give the same numbers here: only the lines you wrote can tell them apart."


def _elsewhere(matching: Matching, fit: Fit, others: Sequence[Variable]) -> dict[Variable, Array]:
    """The gradients of `others` if the mistake was made."""
    tape = matching.table.facts.tape
    changes = fit.hypothesis.differences(tape)
    factor = fit.factor.value if fit.factor else 1
    return {x: factor * (tape.grads[x] + changes.get(x, 0)) for x in others}


def _all_differ(arrays: Sequence[Array]) -> bool:
    least = MIN_DIFFERENCE * max(float(np.abs(array).max()) for array in arrays)
    return all(float(np.abs(a - b).max()) > least for a, b in combinations(arrays, 2))
