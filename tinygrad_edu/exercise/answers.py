"""Answers, read without ever failing: an array, or a sentence on why there is none; and answers nearly right."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from reprlib import repr as short
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.exercise.grade_report import Word
from tinygrad_edu.explanation.diagnosis.written_numbers import decimals_of, figures_of
from tinygrad_edu.reading.names import of_gradient
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.text.words import clean

MAX_SIZE = 1e30  # products of larger numbers overflow
MAX_NUMBERS = 1_000_000
CLOSE = "to one unit of the last decimal, as it comes of numbers rounded on the way"


class Answer(NamedTuple):
    """One array, or the reason why there is none."""

    array: Array | None
    problem: str = ""
    missing: bool = False


_ABSENT = Answer(None, "nothing was handed in", missing=True)


def read(
    answers: Any, keys: Mapping[str, str], unknown: str = "was not asked for"
) -> tuple[dict[str, Answer], list[str]]:
    """An answer for every name that was asked, and notes on all else that was handed in, which is `unknown`.

    `keys`: the name that is meant by each key of an answer, `{"W1": "W1", "dW1": "W1"}`.
    """
    ask = list(dict.fromkeys(keys.values()))
    if not isinstance(answers, Mapping):
        note = f"answers are needed as a mapping from names to arrays, got {kind(answers)}"
        return dict.fromkeys(ask, _ABSENT), [note]
    found: dict[str, Any] = {}
    notes = []
    for key, value in answers.items():
        name = keys.get(key.strip()) if isinstance(key, str) else None
        name = name or keys.get(_spelled(key))
        if name is None:
            notes.append(f"{_said(key)} {unknown}{_meant(key, keys)}")
        elif name in found:
            notes.append(f"{name} was handed in twice; the first was graded")
        else:
            found[name] = value
    return {name: number(found[name]) if name in found else _ABSENT for name in ask}, notes


def _spelled(key: Any) -> str:
    """The key `dW1` for `dL/dW1`, `∂L/∂W1` and `W1.grad`."""
    text = key.strip() if isinstance(key, str) else ""
    name = of_gradient(text)
    return f"d{name}" if name else text


def _meant(key: Any, keys: Mapping[str, str]) -> str:
    """A hint at the one name that differs from the key in capitals only."""
    names = {name for spelled, name in keys.items() if spelled.lower() == _spelled(key).lower()}
    return f", but {names.pop()} is" if len(names) == 1 else ""


def unread(answer: Answer) -> tuple[Word, float, str]:
    """The verdict on an answer that holds no array, no points, and why."""
    return "missing" if answer.missing else "unreadable", 0.0, answer.problem


def shaped(array: Array, true: Array) -> str:
    """The sentence that the array has another shape than the right one."""
    return f"its shape is {array.shape}, and {true.shape} is needed"


def number(value: Any) -> Answer:
    """`value` as an array of floats; texts are read as people write numbers: `−0.5`, `1/6`."""
    if value is None:
        return _ABSENT
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # ragged lists, complex numbers
            raw = np.asarray(getattr(value, "raw", value))
            if raw.dtype.kind == "U":
                return _written(raw)
            array = raw.astype(float)
    except Exception:  # whatever a student's object does when it is read
        return Answer(None, f"a matrix of numbers is needed, with rows of one length: got {kind(value)}")
    return _checked(array, raw)


def _written(texts: Array) -> Answer:
    """The answer for numbers that came as text."""
    for text in texts.flat:
        if _numeral(text) is None:
            comma = re.fullmatch(r"\s*([-+−]?\d+),(\d+)\s*", text)
            hint = f"; write {comma[1]}.{comma[2]}, with a point" if comma else ""
            return Answer(None, f"numbers are needed, got the text {short(str(text))}{hint}")
    array = np.array([_numeral(text) for text in texts.flat], float).reshape(texts.shape)
    return _checked(array, array)


def _numeral(text: str) -> float | None:
    """The number that a text is, or None."""
    top, slash, below = text.replace("−", "-").partition("/")
    try:
        return float(top) / float(below) if slash else float(top)
    except (ValueError, ZeroDivisionError):
        return None


def _checked(array: Array, raw: Array) -> Answer:
    if not 0 < array.size <= MAX_NUMBERS:
        return Answer(None, f"there are {array.size:,} numbers in it")
    if not np.isfinite(array).all():
        where = np.argwhere(~np.isfinite(array))[0].tolist()
        at = f" at {where}" if where else ""
        return Answer(None, f"there is {array[tuple(where)]}{at}; every number has to be finite")
    if np.abs(array).max() > MAX_SIZE:
        return Answer(
            None, f"the largest number is {np.abs(array).max():.3g}, which is beyond what can be graded"
        )
    return Answer(raw if raw.dtype == np.float32 else array)


def kind(value: Any) -> str:
    """The type and a short text of any value: `list [[1, 2], 'x']`."""
    try:
        return f"{type(value).__name__} {clean(short(value))}"
    except Exception:  # a repr may fail
        return type(value).__name__


def _said(key: Any) -> str:
    return clean(key[:60]) if isinstance(key, str) else kind(key)


def close(array: Array, true: Array, digits: int) -> bool:
    """True if the array is right up to one unit of the last decimal, and that unit is small beside the array."""
    if array.shape != true.shape or np.abs(true).max(initial=0) < 10.0 ** (1 - digits):
        return False
    return bool((np.abs(array - np.round(true, digits)) <= 1.0001 * 10.0**-digits).all())


def coarse(array: Array, true: Array, digits: int) -> str:
    """A sentence if the answer is right to the decimals or figures that it has, but more were asked for."""
    if array.shape != true.shape or close(array, true, digits):
        return ""
    with np.errstate(all="ignore"):
        decimals = decimals_of(array)
        figures, half = figures_of(array)
    error = np.abs(array - true)
    if decimals and decimals < digits and (error <= 0.50001 * 10.0**-decimals).all():
        return f"right to {decimals} decimal{'s' * (decimals != 1)}, but {digits} are asked for"
    asked = 0.5 * 10.0**-digits
    if figures and (error > 1.0001 * asked).any() and (error <= 1.0001 * np.maximum(half, asked)).all():
        return f"right to {figures} significant figures, but {digits} decimals are asked for"
    return ""
