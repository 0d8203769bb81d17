"""What a student handed in, read without ever failing: an array, or a sentence on why it is none."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from reprlib import repr as short
from typing import Any, NamedTuple

import numpy as np

from tinygrad_edu.exercise.grade import Word
from tinygrad_edu.reading.nodes import Array
from tinygrad_edu.text.words import clean

LARGEST = 1e30  # beyond it, products overflow
MOST_NUMBERS = 1_000_000
_GRADIENT = re.compile(r"[d∂]\w*\s*/\s*[d∂](\w+)|∂(\w+)")  # dL/dW1, ∂L/∂W1, ∂W1


class Answer(NamedTuple):
    """One array, or why there is none."""

    array: Array | None
    problem: str = ""
    missing: bool = False


_ABSENT = Answer(None, "nothing was handed in", missing=True)


def read(answers: Any, keys: Mapping[str, str]) -> tuple[dict[str, Answer], list[str]]:
    """An answer for every name that was asked, and notes on what else was handed in.

    `keys`: which name is meant by what people call it, `{"W1": "W1", "dW1": "W1"}`.
    """
    ask = list(dict.fromkeys(keys.values()))
    if not isinstance(answers, Mapping):
        note = f"answers are needed as a mapping from names to arrays, got {kind(answers)}"
        return dict.fromkeys(ask, _ABSENT), [note]
    found: dict[str, Any] = {}
    notes = []
    for key, value in answers.items():
        name = keys.get(_spelled(key))
        if name is None:
            notes.append(f"{_said(key)} was not asked for{_meant(key, keys)}")
        elif name in found:
            notes.append(f"{name} was handed in twice; the first was graded")
        else:
            found[name] = value
    return {name: number(found[name]) if name in found else _ABSENT for name in ask}, notes


def _spelled(key: Any) -> str:
    """`dL/dW1` and `∂L/∂W1` as `dW1`."""
    text = key.strip() if isinstance(key, str) else ""
    found = _GRADIENT.fullmatch(text)
    return f"d{found.group(1) or found.group(2)}" if found else text


def _meant(key: Any, keys: Mapping[str, str]) -> str:
    """What differs from it in capitals only."""
    names = {name for spelled, name in keys.items() if spelled.lower() == _spelled(key).lower()}
    return f", but {names.pop()} is" if len(names) == 1 else ""


def unread(answer: Answer) -> tuple[Word, float, str]:
    """The verdict on an answer that holds no array, no points, and why."""
    return "missing" if answer.missing else "unreadable", 0.0, answer.problem


def shaped(array: Array, true: Array) -> str:
    """That the shape is another one."""
    return f"its shape is {array.shape}, and {true.shape} is needed"


def number(value: Any) -> Answer:
    """`value` as an array of floats; what is text is read as people write numbers: `−0.5`, `1/6`."""
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
    """Numbers that came as text."""
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
    if not 0 < array.size <= MOST_NUMBERS:
        return Answer(None, f"there are {array.size:,} numbers in it")
    if not np.isfinite(array).all():
        where = np.argwhere(~np.isfinite(array))[0].tolist()
        return Answer(None, f"there is {array[tuple(where)]} at {where}; every number has to be finite")
    if np.abs(array).max() > LARGEST:
        return Answer(
            None, f"the largest number is {np.abs(array).max():.3g}, which is beyond what can be graded"
        )
    return Answer(raw if raw.dtype == np.float32 else array)


def kind(value: Any) -> str:
    """`list [[1, 2], 'x']`, whatever it is."""
    try:
        return f"{type(value).__name__} {clean(short(value))}"
    except Exception:  # a repr may fail
        return type(value).__name__


def _said(key: Any) -> str:
    return clean(key[:60]) if isinstance(key, str) else kind(key)
