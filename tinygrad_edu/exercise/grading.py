"""Answers graded: what `diagnose` says of each array, turned into points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tinygrad_edu.diagnosis import Diagnosis
from tinygrad_edu.diagnosis.diagnosis import Explanation, check_level
from tinygrad_edu.diagnosis.judgement import ALL_ZERO, NO_KNOWN
from tinygrad_edu.diagnosis.submission import decimals_of
from tinygrad_edu.exercise.answers import Answer, Array, read
from tinygrad_edu.exercise.planted import judged
from tinygrad_edu.exercise.result import Graded, Result, Word

if TYPE_CHECKING:
    from tinygrad_edu.exercise.exercise import Exercise

ROUNDED_EARLY = 40  # of the catalogue
CLOSE = "to one unit of the last decimal, as it comes of numbers rounded on the way"


def grade(exercise: Exercise, answers: Any, level: int) -> Result:
    """Points and reasons."""
    check_level("check", level)
    found, notes = read(answers, exercise.ask)
    true = {name: exercise.suspects.scene.tape.grads[x] for name, x in exercise.asked.items()}
    arrays = {name: answer.array for name, answer in found.items() if answer.array is not None}
    blank = {name for name, array in arrays.items() if _blank(array, true[name], exercise.digits)}
    filled = {name: array for name, array in arrays.items() if name not in blank}
    diagnosis = judged(exercise, filled) if filled else None
    excused = _excused(exercise, arrays, blank, diagnosis) if blank and diagnosis else set()
    graded = {
        name: Graded(name, "follows", exercise.points[name], exercise.points[name], true=true[name])
        if name in excused
        else _graded(exercise, name, found[name], true[name], diagnosis)
        for name in exercise.ask
    }
    return Result(exercise.title, graded, tuple(notes), level, diagnosis)


def _excused(exercise: Exercise, arrays: dict[str, Array], blank: set[str], filled: Diagnosis) -> set[str]:
    """Zeros that come of the mistake which also shows in arrays that are not zero."""
    found = judged(exercise, arrays)
    if not {e.mistake for e in found.explanations} <= {e.mistake for e in filled.explanations}:
        return set()
    explained = {e.array for e in found.explanations}
    verdicts = {name: found.arrays[name].verdict for name in blank}
    return {name for name, word in verdicts.items() if word == "consistent-with-earlier" or name in explained}


def _blank(array: Array, true: Array, digits: int) -> bool:
    """Zeros, to these digits, in place of a gradient: no mistake is to be looked for in them."""
    half = 0.5 * 10.0**-digits
    return bool((np.abs(array) <= half).all() and (np.abs(true) > half).any())


def _graded(
    exercise: Exercise, name: str, answer: Answer, true: Array, diagnosis: Diagnosis | None
) -> Graded:
    possible = exercise.points[name]
    if answer.array is None:
        return Graded(
            name, "missing" if answer.missing else "unreadable", 0.0, possible, answer.problem, true
        )
    if diagnosis is None or name not in diagnosis.arrays:
        return Graded(name, "wrong", 0.0, possible, true=true, finding=ALL_ZERO)
    found, coarse = diagnosis.arrays[name], _coarse(answer.array, true, exercise.digits)
    if found.verdict != "consistent-with-earlier" and coarse and not _explained(diagnosis, name):
        return Graded(name, "partly", possible * exercise.partial, possible, coarse, true)
    if found.verdict == "wrong":
        return _wrong(exercise, name, answer.array, true, diagnosis)
    word: Word = "right" if found.verdict == "right" else "follows"
    return Graded(name, word, possible, possible, found.note, true)


def _wrong(exercise: Exercise, name: str, array: Array, true: Array, diagnosis: Diagnosis) -> Graded:
    possible, mine = exercise.points[name], _explained(diagnosis, name)
    if _close(array, true, exercise.digits) and all(e.catalogue == ROUNDED_EARLY for e in mine):
        return Graded(name, "right", possible, possible, CLOSE, true)
    if mine:
        earned = possible * exercise.partial
        return Graded(name, "partly", earned, possible, "", true, mine, tell_apart=diagnosis.tell_apart)
    if array.shape != true.shape:
        problem = f"its shape is {array.shape}, and {true.shape} is needed"
        return Graded(name, "unreadable", 0.0, possible, problem, true)
    return Graded(name, "wrong", 0.0, possible, "", true, finding=_unexplained(diagnosis))


def _explained(diagnosis: Diagnosis, name: str) -> tuple[Explanation, ...]:
    """What explains this array. That the sign is lost is a single guess: few numbers are enough for it."""
    found = [*diagnosis.explanations, *(e for e in diagnosis.possible if e.mistake == "sign-lost")]
    return tuple(dict.fromkeys(e for e in found if e.array == name))


def _unexplained(diagnosis: Diagnosis) -> str:
    """Why nothing is said; an explanation of another array leaves this one without."""
    return diagnosis.reason if diagnosis.reason and not diagnosis.explanations else NO_KNOWN


def _close(array: Array, true: Array, digits: int) -> bool:
    """Whether it is the right answer up to one unit of the last decimal, if that unit is small beside it."""
    if array.shape != true.shape or np.abs(true).max(initial=0) < 10.0 ** (1 - digits):
        return False
    return bool((np.abs(array - np.round(true, digits)) <= 1.0001 * 10.0**-digits).all())


def _coarse(array: Array, true: Array, digits: int) -> str:
    """A sentence if it is right to the decimals it has, but more were asked for."""
    if array.shape != true.shape or _close(array, true, digits):
        return ""
    with np.errstate(all="ignore"):
        given = decimals_of(array)
    if not given or given >= digits or (np.abs(array - true) > 0.50001 * 10.0**-given).any():
        return ""
    return f"right to {given} decimals, but {digits} are asked for"
