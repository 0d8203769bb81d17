"""Answers graded: the diagnosis of each array, turned into points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinygrad_edu.exercise.answers import CLOSE, Answer, close, coarse, read, shaped, unread
from tinygrad_edu.exercise.expected_gradients import Gradients
from tinygrad_edu.exercise.expected_values import grade_values
from tinygrad_edu.exercise.grade_report import Graded, Result
from tinygrad_edu.exercise.problem import Problem
from tinygrad_edu.explanation.diagnosis import Diagnosis
from tinygrad_edu.explanation.diagnosis.diagnosis import Explanation
from tinygrad_edu.explanation.diagnosis.explainer import ALL_ZERO, NO_KNOWN
from tinygrad_edu.explanation.diagnosis.mistakes.mistake import ROUNDING_OR_ORDER
from tinygrad_edu.reading.nodes import Array


def grade(exercise: Problem, answers: Any, level: int) -> Result:
    """Points and reasons for the answers.

    Gradients are judged as they are, and again with the student's own values of the forward pass if these are wrong;
    the verdict with more points counts.
    """
    found, notes = read(answers, exercise.keys)
    values, wrong = grade_values(exercise, found)
    gradients, diagnosis = _gradients(exercise, exercise.gradients, found)
    other_way = exercise.gradients.given_values(wrong) if wrong and exercise.asked else None
    if other_way is not None and other_way.finite:
        again, other = _gradients(exercise, other_way, found)
        if _points(again) > _points(gradients):
            diagnosis = other
            gradients = {
                name: replace(again[name], verdict="follows") if _follows(g, again[name]) else again[name]
                for name, g in gradients.items()
            }
    everything = values | gradients
    arrays = {name: everything[name] for name in exercise.ask}
    return Result(exercise.title, arrays, tuple(notes), level, diagnosis)


def _points(found: Mapping[str, Graded]) -> float:
    return sum(array.points for array in found.values())


def _follows(before: Graded, after: Graded) -> bool:
    return before.verdict != "right" and after.verdict == "right"


def _gradients(
    exercise: Problem, way: Gradients, found: Mapping[str, Answer]
) -> tuple[dict[str, Graded], Diagnosis | None]:
    arrays = {name: array for name in way.tensors if (array := found[name].array) is not None}
    blank = {name for name, array in arrays.items() if _blank(array, way.true(name), way.digits)}
    filled = {name: array for name, array in arrays.items() if name not in blank}
    diagnosis = way.judged(filled) if filled else None
    excused = _excused(way, arrays, blank, diagnosis) if blank and diagnosis else set()
    graded = {}
    for name in way.tensors:
        full = exercise.full(name, way.true(name))
        graded[name] = (
            full.but("follows") if name in excused
            else _graded(way, full, found[name], diagnosis, exercise.partial)
        )  # fmt: skip
    return graded, diagnosis


def _excused(way: Gradients, arrays: dict[str, Array], blank: set[str], filled: Diagnosis) -> set[str]:
    """The names of zero arrays that come of the mistake which also shows in arrays that are not zero."""
    found = way.judged(arrays)
    if not {e.mistake for e in found.explanations} <= {e.mistake for e in filled.explanations}:
        return set()
    explained = {e.array for e in found.explanations}
    verdicts = {name: found.arrays[way.label(name)].verdict for name in blank}
    return {
        name
        for name, word in verdicts.items()
        if word == "consistent-with-earlier" or way.label(name) in explained
    }


def _blank(array: Array, true: Array, digits: int) -> bool:
    """True for zeros, to these digits, in place of a gradient: zeros show no mistake."""
    half = 0.5 * 10.0**-digits
    return bool((np.abs(array) <= half).all() and (np.abs(true) > half).any())


def _graded(
    way: Gradients, full: Graded, answer: Answer, diagnosis: Diagnosis | None, partial: float
) -> Graded:
    name, array = way.label(full.name), answer.array
    if array is None:
        return full.but(*unread(answer))
    if diagnosis is None or name not in diagnosis.arrays:
        return full.but("wrong", 0.0, finding=ALL_ZERO)
    found, true = diagnosis.arrays[name], way.true(full.name)
    mine = _explained(diagnosis, name)
    problem = coarse(array, true, way.digits)
    if found.verdict != "consistent-with-earlier" and problem and not mine:
        return full.but("partly", partial, problem)
    if found.verdict not in ("wrong", "undecided"):
        return full.but("right" if found.verdict == "right" else "follows", problem=found.note)
    if close(array, true, way.digits) and all(e.catalogue == ROUNDING_OR_ORDER for e in mine):
        return full.but("right", problem=CLOSE)
    if mine:
        return full.but("partly", partial, explanations=mine, tell_apart=diagnosis.tell_apart)
    if array.shape != true.shape:
        return full.but("unreadable", 0.0, shaped(array, true))
    return full.but("wrong", 0.0, finding=_unexplained(diagnosis))


def _explained(diagnosis: Diagnosis, name: str) -> tuple[Explanation, ...]:
    """The explanations of this array. The lost sign is a single guess: few numbers are enough."""
    found = [*diagnosis.explanations, *(e for e in diagnosis.possible if e.mistake == "sign-lost")]
    return tuple(dict.fromkeys(e for e in found if e.array == name))


def _unexplained(diagnosis: Diagnosis) -> str:
    """The reason why the array has no explanation; one of another array leaves this array without a reason."""
    return diagnosis.reason if diagnosis.reason and not diagnosis.explanations else NO_KNOWN
