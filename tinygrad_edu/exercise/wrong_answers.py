"""Wrong answers: every mistake of the catalogue, made on purpose in an exercise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.exercise.problem import Problem
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, scaled
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis
from tinygrad_edu.reading.nodes import Array


class WrongAnswer(NamedTuple):
    """A mistake and the answers that it gives, rounded as asked."""

    id: str
    number: int  # of the catalogue
    sentence: str
    arrays: dict[str, Array]


def wrong_answers(exercise: Problem) -> Iterator[WrongAnswer]:
    """An answer for each mistake that changes one of the asked arrays, at each place where it can be made.

    Answers of zeros only are left out: these are graded as zeros.
    """
    blank = not _any(exercise.solution())
    for hypothesis, row in _rows(exercise) if exercise.asked else ():
        answer = _answer(exercise, hypothesis, row)
        if blank or _any(answer.arrays):
            yield answer


def _any(arrays: dict[str, Array]) -> bool:
    return any(array.any() for array in arrays.values())


def _rows(exercise: Problem) -> Iterator[tuple[Hypothesis, Array]]:
    table = exercise.gradients.suspects.table
    for hypothesis in table.hypotheses:
        row = table.row(hypothesis.differences(table.facts.tape))
        if np.isfinite(row).all():  # some mistakes leave numbers open
            yield hypothesis, row
    for c in table.constants:
        everything: dict[Variable, Correction] = {exercise.loss: scaled(c.value)}
        yield Hypothesis(c.on_all, exercise.loss, everything, c.words), c.value * table.true


def _answer(exercise: Problem, hypothesis: Hypothesis, row: Array) -> WrongAnswer:
    columns = exercise.gradients.suspects.table.columns
    arrays = {name: row[columns[x]].reshape(x.raw.shape) for name, x in exercise.asked.items()}
    mistake = hypothesis.mistake
    return WrongAnswer(
        mistake.id, mistake.number, hypothesis.say(mistake.did), _rounded(arrays, exercise.digits)
    )


def _rounded(arrays: dict[str, Array], digits: int) -> dict[str, Array]:
    return {name: np.round(array, digits) + 0.0 for name, array in arrays.items()}
