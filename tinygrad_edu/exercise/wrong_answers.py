"""Every mistake the catalogue knows, made on purpose: the answers somebody who makes it would hand in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from tinygrad_edu.engine.graph import Variable
from tinygrad_edu.exercise.problem import Problem
from tinygrad_edu.explanation.diagnosis.faulty_backward import Correction, scaled
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import Hypothesis
from tinygrad_edu.reading.nodes import Array


class Planted(NamedTuple):
    """A mistake and its answers, rounded as asked."""

    id: str
    number: int  # of the catalogue
    sentence: str
    arrays: dict[str, Array]


def planted(exercise: Problem) -> Iterator[Planted]:
    """One for each mistake that changes one of the asked arrays, at each place where it can be made.

    Left out are those of which only zeros remain: these are graded as zeros.
    """
    made = (
        (_answers(exercise, hypothesis, row) for hypothesis, row in _rows(exercise))
        if exercise.asked
        else iter(())
    )
    if not _any(exercise.solution()):
        return made
    return (mistake for mistake in made if _any(mistake.arrays))


def _any(arrays: dict[str, Array]) -> bool:
    return any(array.any() for array in arrays.values())


def _rows(exercise: Problem) -> Iterator[tuple[Hypothesis, Array]]:
    pool = exercise.gradients.suspects.pool
    for hypothesis, row in zip(pool.hypotheses, pool.predictions, strict=True):
        if np.isfinite(row).all():  # some mistakes leave numbers open
            yield hypothesis, row
    for c in pool.constants:
        everything: dict[Variable, Correction] = {exercise.loss: scaled(c.value)}
        yield Hypothesis(c.on_all, exercise.loss, everything, c.words), c.value * pool.true


def _answers(exercise: Problem, hypothesis: Hypothesis, row: Array) -> Planted:
    columns = exercise.gradients.suspects.pool.columns
    arrays = {name: row[columns[x]].reshape(x.raw.shape) for name, x in exercise.asked.items()}
    mistake = hypothesis.mistake
    return Planted(mistake.id, mistake.number, hypothesis.say(mistake.did), _rounded(arrays, exercise.digits))


def _rounded(arrays: dict[str, Array], digits: int) -> dict[str, Array]:
    return {name: np.round(array, digits) + 0.0 for name, array in arrays.items()}
