"""Values of the forward pass, graded in the order in which they are computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.exercise.answers import CLOSE, Answer, close, coarse, shaped, unread
from tinygrad_edu.exercise.grade_report import Graded
from tinygrad_edu.exercise.problem import Problem
from tinygrad_edu.exercise.sheet import formula_of
from tinygrad_edu.exercise.value_mistakes import proven, value_mistakes
from tinygrad_edu.explanation.diagnosis.diagnosis import Explanation
from tinygrad_edu.explanation.diagnosis.explanation_text import line
from tinygrad_edu.explanation.diagnosis.forward_values import JudgedValues, judge_values
from tinygrad_edu.explanation.diagnosis.submission import readings
from tinygrad_edu.explanation.diagnosis.written_numbers import decimals_of
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.tensor.tensor import Tensor

NUMBER = 39  # of values of the forward pass in the catalogue
FOLLOWED = 4  # times the tolerance of a value that follows from rounded ones


def grade_values(
    exercise: Problem, found: Mapping[str, Answer]
) -> tuple[dict[str, Graded], dict[Variable, Array]]:
    """Each value that is asked; and the wrong ones, by which the gradients are to be judged."""
    arrays = {x: _fitting(found[name], x.raw.shape) for name, x in exercise.values.items()}
    own: dict[Variable, Array] = {x: array for x, array in arrays.items() if array is not None}
    with np.errstate(all="ignore"):
        judged = judge_values(exercise.gradients.suspects.facts, own, dict.fromkeys(own, exercise.digits))
    graded = {
        name: _graded(exercise, name, found[name], own.get(x), judged) for name, x in exercise.values.items()
    }
    wrong = {name for name, g in graded.items() if g.verdict in ("wrong", "partly")}
    return graded, {x: own[x] for name, x in exercise.values.items() if name in wrong}


def _fitting(answer: Answer, shape: tuple[int, ...]) -> Array | None:
    """The array in the shape that is needed, but for dimensions of 1."""
    read = readings(answer.array, shape, bias=False) if answer.array is not None else iter(())
    return next((r.array for r in read if r.harmless or not r.note), None)


def _graded(
    exercise: Problem, name: str, answer: Answer, array: Array | None, judged: JudgedValues
) -> Graded:
    x = exercise.values[name]
    full = exercise.full(name, x.raw)
    if answer.array is None:
        return full.but(*unread(answer))
    if array is None:
        return full.but("unreadable", 0.0, shaped(answer.array, x.raw))
    verdict = judged.verdicts[exercise.gradients.suspects.facts.names.label(x)].verdict
    if verdict != "wrong":
        return full if verdict == "right" else full.but("follows")
    if problem := coarse(array, x.raw, exercise.digits):
        return full.but("partly", exercise.partial, problem)
    if known := tuple(_known(exercise, x, array, judged)):
        return full.but("partly", exercise.partial, explanations=known)
    if close(array, x.raw, exercise.digits):
        return full.but("right", problem=CLOSE)
    return full.but("wrong", 0.0, finding=_not_what(formula_of(exercise, name)))


def _known(exercise: Problem, x: Tensor, array: Array, judged: JudgedValues) -> Iterator[Explanation]:
    """The explanations of a wrong value, for the right values before it or else for the student's own."""
    facts = exercise.gradients.suspects.facts
    decimals = 0 if np.array_equal(array, np.round(array)) else decimals_of(array)
    shown = 0.05 * 10.0**-decimals if decimals is not None else 0.0  # a last zero is not seen
    tolerance = np.maximum(judged.tolerances[x], shown)
    found = proven(array, x.raw, value_mistakes(facts, x), tolerance)
    own = {y: judged.values[y] for y in _wrong_before(exercise, x, judged)}
    if own and not found:
        suspects = exercise.gradients.given_values(own).suspects
        label = facts.names.label
        y, own = suspects.tensor(label(x)), {suspects.tensor(label(z)): value for z, value in own.items()}
        found = proven(array, y.raw, value_mistakes(suspects.facts, y, own), FOLLOWED * tolerance)
    for mistake in found:
        yield Explanation(
            mistake.id, NUMBER, node=facts.names.node(x), place=line(x), array=facts.names.label(x),
            sentence=f"It equals {mistake.did}", guilty=x,
        )  # fmt: skip


def _wrong_before(exercise: Problem, x: Tensor, judged: JudgedValues) -> Iterator[Variable]:
    for y in exercise.values.values():
        verdict = judged.verdicts.get(exercise.gradients.suspects.facts.names.label(y))
        if y.serial < x.serial and verdict and verdict.verdict == "wrong":
            yield y


def _not_what(formula: str) -> str:
    return f"It is not what {formula or 'its formula'} gives for the values before it."
