"""The verdict on an answer: right, not filled in, or the mistake that gives the same numbers in every case."""

from __future__ import annotations

import inspect
import linecache
import re
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinygrad_edu.exercise.answers import number
from tinygrad_edu.exercise.difference_picture import difference_picture
from tinygrad_edu.explanation.diagnosis import diagnose
from tinygrad_edu.explanation.diagnosis.diagnosis import Explanation, html_card
from tinygrad_edu.puzzles.puzzle_row import SIZES, Row
from tinygrad_edu.reading.nodes import Array

CASES = (*range(len(SIZES)), len(SIZES))  # the sizes of the first once more, with other numbers
OF_FUNCTIONS, OF_NUMBERS = 1e-5, 0.51e-4  # in units of the largest right number, of 1 at least
NOT_FILLED_IN = "not filled in yet: the function returns nothing"


@dataclass(frozen=True)
class Verdict:
    """What `check` says: `right`, the sentence `text`, and `picture`, an SVG of what is off, empty without one."""

    right: bool
    text: str
    picture: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return html_card(self.text, self.right) + self.picture


@dataclass(frozen=True)
class Returned:
    """What an answer is in one case: a value of any kind, or the reason why there is none."""

    value: Any = None
    reason: str = ""


def call(function: Callable[..., Any], row: Row, case: int) -> Returned:
    """What a student's function returns in this process for copies of the inputs; errors name its line."""
    inputs = row.inputs(case)
    try:
        with np.errstate(all="ignore"):
            if _takes(function, inputs):
                return Returned(function(**inputs))
            return Returned(function(*inputs.values()))  # with names of the student's own
    except Exception as error:  # whatever a student's function does
        return Returned(reason=_told(error, function))


def _takes(function: Callable[..., Any], inputs: Mapping[str, Array]) -> bool:
    """True if a function can be called with the inputs by their names."""
    try:
        inspect.signature(function).bind(**inputs)
    except (TypeError, ValueError):
        return False
    return True


def _told(error: Exception, function: Callable[..., Any]) -> str:
    """One line on an error, with the last line of the student's file that it went through."""
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    lines = [n for frame, n in traceback.walk_tb(error.__traceback__) if frame.f_code.co_filename == file]
    source = linecache.getline(file, lines[-1]).strip() if file and lines else ""
    where = f" in line {lines[-1]}" if lines else ""
    return f"the function raised {type(error).__name__}{where}: {error}" + (
        f"\n    {source}" if source else ""
    )


def judge(row: Row, answers: Sequence[Returned], tolerance: float) -> Verdict:
    """The verdict on the answers to the first cases."""
    if reason := next((a.reason for a in answers if a.reason), ""):
        return Verdict(False, f"No answer: {reason}")
    if any(a.value is None or a.value is Ellipsis for a in answers):
        return Verdict(False, NOT_FILLED_IN.capitalize() + ".")
    read = [number(a.value) for a in answers]
    if problem := next((a.problem for a in read if a.array is None), ""):
        return Verdict(False, f"No answer: {problem}.")
    true = [row.true(row.inputs(case)) for case in range(len(answers))]
    given = [_fitting(row, a.array, t) for a, t in zip(read, true, strict=True) if a.array is not None]
    wrong = [i for i, (a, t) in enumerate(zip(given, true, strict=True)) if not same(a, t, tolerance)]
    if not wrong:
        return Verdict(True, "Right." if len(answers) > 1 else "Right, for the numbers that are shown.")
    first = wrong[0]
    picture = ""
    if given[first].shape == true[first].shape:
        picture = difference_picture(given[first], true[first], row.wrt, tolerance)
    cases = [(i, given[i], true[i]) for i in wrong]
    return Verdict(False, " ".join([*_only_here(row, wrong), _mistake(row, cases, tolerance)]), picture)


def same(a: Array, b: Array, tolerance: float) -> bool:
    """True if the arrays have one shape and the same numbers."""
    return a.shape == b.shape and bool(np.abs(a - b).max() <= tolerance * max(1.0, np.abs(b).max()))


def _fitting(row: Row, array: Array, true: Array) -> Array:
    """The array in the right shape, if it differs by dimensions of 1, or is a Jacobian of more dimensions."""
    array = np.asarray(array, float)
    bare = [n for n in array.shape if n != 1] == [n for n in true.shape if n != 1]
    whole = row.jacobian and array.ndim > true.ndim and array.size == true.size
    return array.reshape(true.shape) if bare or whole else array


def _only_here(row: Row, wrong: list[int]) -> Iterator[str]:
    """A sentence on an answer that is right by chance in the case that is shown."""
    if wrong[0] > 0:
        shapes = ", ".join(f"{name} {x.shape}" for name, x in row.inputs(wrong[0]).items())
        yield f"It is right for the numbers that are shown, but only by chance: not for {shapes}."


def _mistake(row: Row, cases: list[tuple[int, Array, Array]], tolerance: float) -> str:
    """The first mistake that gives the numbers of every wrong case, in words."""
    if row.bug is not None and _fits(row, row.buggy, cases, tolerance):
        return "The planted bug is still there."
    for sentence, body in row.mistakes.items():
        if _fits(row, body, cases, tolerance):
            return f"Wrong: this is {sentence}."
    if found := _general(cases, tolerance):
        return f"Wrong: {found}."
    _, given, true = cases[0]
    if given.shape != true.shape:
        return f"Wrong: its shape is {given.shape}, and {true.shape} is needed for the sizes of this case."
    return f"Wrong: {_diagnosed(row, cases)}"


def _fits(row: Row, body: Any, cases: list[tuple[int, Array, Array]], tolerance: float) -> bool:
    for case, given, true in cases:
        with np.errstate(all="ignore"):
            wrong = row.answer(body, row.inputs(case))
        if not same(given, _fitting(row, wrong, true), tolerance):
            return False
    return True


def _general(cases: list[tuple[int, Array, Array]], tolerance: float) -> str:
    """A mistake that can be made in every puzzle."""
    if all(same(a, -t, tolerance) for _, a, t in cases):
        return "the sign is lost"
    if all(a.ndim == 2 and same(a.T, t, tolerance) for _, a, t in cases):
        return "it is the transposed answer"
    factors = [_factor(a, t, tolerance) for _, a, t in cases]
    if None not in factors:
        return f"it is {factors[0]:.6g} times the right answer" + " in the first wrong case" * (
            len(factors) > 1
        )
    return ""


def _factor(array: Array, true: Array, tolerance: float) -> float | None:
    if array.shape != true.shape or not true.any():
        return None
    factor = float((array * true).sum() / (true * true).sum())
    return factor if factor and true.size > 1 and same(array, factor * true, tolerance) else None


def _diagnosed(row: Row, cases: list[tuple[int, Array, Array]]) -> str:
    """The explanation of `diagnose` that fits all wrong cases of the sizes of the first one."""
    alike = [(case, given) for case, given, _ in cases if case % len(SIZES) == cases[0][0] % len(SIZES)]
    if row.forward is not None and not row.jacobian:
        first, *others = (_explanations(row, case, given) for case, given in alike)
        for e in first:
            if all(e.mistake in {other.mistake for other in found} for found in others):
                text = re.sub(r" \(line [^)]*\)", "", e.text())  # where `check` was called says nothing
                return text[0].lower() + text[1:]
    return "no known mistake explains it; the picture of the verdict shows where."


def _explanations(row: Row, case: int, given: Array) -> list[Explanation]:
    loss, x = row.graph(row.inputs(case))
    return diagnose(loss, x, given).explanations
