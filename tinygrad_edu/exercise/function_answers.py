"""Answers as a function instead of numbers: run on the numbers of the sheet, and on others that it has not seen."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from tinygrad_edu.exercise.grade_report import Graded, Result
from tinygrad_edu.exercise.grading import grade
from tinygrad_edu.exercise.problem import Problem
from tinygrad_edu.exercise.sandbox import Run, Submission, ran_on
from tinygrad_edu.explanation.diagnosis.diagnosis import Explanation
from tinygrad_edu.explanation.diagnosis.function_probe import NOT_ON_OTHERS, same
from tinygrad_edu.reading.nodes import Array

ONLY_HERE = "It is right for the numbers of the sheet, but not for others."


def grade_function(exercise: Problem, answers: Submission | Callable[..., Any], level: int) -> Result:
    """Points and reasons for a function of the arrays, which has to be right on all numbers.

    It runs in a sandbox or in a process of its own, never in this one. A submission that holds the answers themselves
    is graded as these.
    """
    problems = [exercise, *_others(exercise)]
    outcome = ran_on(answers, [problem.data for problem in problems])
    first, *others = (_graded(p, found, level) for p, found in zip(problems, outcome.runs))
    runs = {name: [array, *(other.arrays[name] for other in others)] for name, array in first.arrays.items()}
    notes = dict.fromkeys(note for result in (first, *others) for note in result.notes)
    notes |= {outcome.note: None} if outcome.note else {}
    return replace(first, arrays={name: _worst(found) for name, found in runs.items()}, notes=tuple(notes))


def _failed(exercise: Problem, reason: str, level: int) -> Result:
    """No points for any array, and the same reason for each."""
    nothing = grade(exercise, {}, level)
    arrays = {name: array.but("unreadable", 0.0, reason) for name, array in nothing.arrays.items()}
    return replace(nothing, arrays=arrays)


def _graded(exercise: Problem, found: Run, level: int) -> Result:
    if found.reason:
        return _failed(exercise, found.reason, level)
    answers = found.answers
    if len(exercise.ask) == 1 and not isinstance(answers, Mapping):
        answers = {exercise.ask[0]: answers}
    return grade(exercise, answers, level)


def _others(exercise: Problem) -> Iterator[Problem]:
    """The same exercise with other parameters, and first with one example more, if the loss allows that."""
    rng = np.random.default_rng(0)
    facts = exercise.gradients.suspects.facts
    learned = {name: exercise.data[name] for name in exercise.learned}
    longer = {
        name: _one_more(array, facts.count, facts.batch_axis or 0)
        for name, array in exercise.data.items()
        if name not in learned
    }
    for data in (longer, {}):
        moved = {name: rng.normal(size=array.shape) * (np.std(array) or 1) for name, array in learned.items()}
        with contextlib.suppress(Exception):  # whatever the teacher's function does with other numbers
            yield exercise.with_numbers({**exercise.data, **data, **moved})


def _one_more(array: Array, count: int, axis: int) -> Array:
    """The array with the first example once more, at the end."""
    if not array.ndim or array.shape[axis] != count:
        return array
    return np.concatenate([array, array.take([0], axis)], axis)


def _worst(runs: list[Graded]) -> Graded:
    """The grade of all runs: the points of the worst, and only the explanations that fit every wrong one."""
    wrong = [run for run in runs if run.points < run.possible]
    if not wrong:
        return runs[0]
    worst = min(wrong, key=lambda run: run.points)
    common = tuple(e for e in wrong[0].explanations if all(_among(e, run.explanations) for run in wrong))
    if worst.explanations and not common:
        worst = worst.but("wrong", 0.0, finding=NOT_ON_OTHERS)
    only_here = runs[0].points == runs[0].possible
    return replace(
        worst, true=runs[0].true, explanations=common,
        finding=" ".join([ONLY_HERE] * only_here + [worst.finding] * bool(worst.finding)),
        tell_apart=worst.tell_apart if len(common) > 1 else "",
    )  # fmt: skip


def _among(e: Explanation, others: tuple[Explanation, ...]) -> bool:
    return any(same(e, other) for other in others)
