"""Findings put into words: the sentence, the wrong line and the right one, in the student's names."""

from __future__ import annotations

import numpy as np

from tinygrad_edu.engine.call_site import line_of
from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.explanation.diagnosis.diagnosis import Explanation
from tinygrad_edu.explanation.diagnosis.evidence import Evidence, Fit
from tinygrad_edu.explanation.diagnosis.mistakes.wrong_shapes import Shaped
from tinygrad_edu.explanation.diagnosis.student_names import StudentNames
from tinygrad_edu.explanation.diagnosis.submission import Repair


def of_fit(names: StudentNames, array: str, fit: Fit, evidence: Evidence, **own: str) -> Explanation:
    """A hypothesis that fits; `array` is the first in which it shows; `own` are words known better by now."""
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
        place=_place(hypothesis.node),
        array=array,
        sentence=sentence,
        wrote=hypothesis.say(mistake.wrote, **own),
        fix=hypothesis.say(mistake.fix, **own),
        difference=float(np.nanmax(np.abs(fit.prediction - evidence.numbers))),
        guilty=hypothesis.node,
    )


def of_shape(array: str, x: Variable, repair: Repair) -> Explanation:
    """Another shape, but the right number of numbers."""
    return Explanation(
        mistake=repair.id,
        catalogue=repair.number,
        also=(),
        node=array,
        place="",
        array=array,
        sentence=f"It equals the gradient of {array} in another shape: {repair.note}",
        wrote="",
        fix=f"of shape {x.raw.shape}",
        difference=0.0,
        guilty=x,
    )


def of_shaped(names: StudentNames, array: str, shaped: Shaped) -> Explanation:
    """A known mistake that gives another shape."""
    mistake, words = shaped.mistake, shaped.words
    return Explanation(
        mistake=mistake.id,
        catalogue=mistake.number,
        also=mistake.also,
        node=names.node(shaped.node),
        place=_place(shaped.node),
        array=array,
        sentence=f"It equals {mistake.did.format_map(words)}",
        wrote=mistake.wrote.format_map(words),
        fix=mistake.fix.format_map(words),
        difference=0.0,
        guilty=shaped.node,
    )


def _place(node: Variable) -> str:
    return line_of(node.call_site) if node.call_site else ""
