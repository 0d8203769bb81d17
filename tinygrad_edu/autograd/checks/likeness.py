"""The kind of a mistake: what a wrong gradient is like, beside the right one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import permutations
from typing import Any

import numpy as np

from tinygrad_edu.text.numbers import number

RELATIVE = 1e-4  # as wrong rules may be those of a function that rounds
Likeness = tuple[str, str]  # the kind of the mistake, and words that end a sentence
UNKNOWN: Likeness = "unknown", ""


@np.errstate(all="ignore")
def likeness(found: Any, expected: Any, factors: Mapping[str, Any] | None = None) -> Likeness:
    """In which way `found` differs from `expected`, arrays of one shape.

    `factors`: what the gradient may have been multiplied by once too often or too seldom, by name.
    """
    tests = (_nothing, _multiple, _turned, _with_factor, _partly_nothing, _moved, _shifted)
    known = np.isfinite(expected)
    if not known.any() or not np.isfinite(np.where(known, found, 0)).all():
        return ("not finite", "it is not finite") if known.any() else UNKNOWN
    found, expected = np.where(known, found, 0.0), np.where(known, expected, 0.0)
    return next((hit for test in tests for hit in test(found, expected, factors or {})), UNKNOWN)


def _close(a: Any, b: Any) -> bool:
    size = max(np.abs(a).max(initial=0), np.abs(b).max(initial=0))
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=RELATIVE, atol=1e-7 * size))


def _nothing(found: Any, expected: Any, _factors: Any) -> Iterator[Likeness]:
    if not found.any():
        yield "missing path", "nothing flows back where something should"


def _multiple(found: Any, expected: Any, _factors: Any) -> Iterator[Likeness]:
    square = float((expected * expected).sum())
    ratio = float((found * expected).sum()) / square if square else 0.0
    if not ratio or not _close(found, ratio * expected):
        return
    if abs(ratio + 1) < RELATIVE:
        yield "sign", "it has the wrong sign"
    else:
        yield "factor", f"it is {_as_ratio(ratio)} times the true gradient"


def _as_ratio(ratio: float) -> str:
    """`2`, `1/3`, `1.001`."""
    simple = Fraction(ratio).limit_denominator(64)
    if abs(float(simple) - ratio) < RELATIVE * abs(ratio) / 100:
        return str(simple)
    return number(ratio)


def _turned(found: Any, expected: Any, _factors: Any) -> Iterator[Likeness]:
    """Transposed, also where a matrix that is not square was only reshaped after that."""
    if expected.ndim < 2:
        return
    for axes in permutations(range(expected.ndim)):
        turned = expected.transpose(axes)
        if axes == tuple(range(expected.ndim)):
            continue
        if _close(found, turned):
            yield "transposed", "it is transposed"
        elif _close(found, -turned):
            yield "transposed", "it is transposed, with the wrong sign"
        elif _close(found, turned.reshape(found.shape)):
            yield "transposed", "its numbers are those of the transposed gradient, in a row"


def _with_factor(found: Any, expected: Any, factors: Mapping[str, Any]) -> Iterator[Likeness]:
    for name, factor in factors.items():
        try:
            times = np.broadcast_to(factor, found.shape)
        except ValueError:
            continue
        for sign, words in ((1.0, ""), (-1.0, ", and it has the wrong sign")):
            if _close(found * times * sign, expected) and expected.any():
                yield "lost factor", f"the factor {name} is missing{words}"
            if _close(found, expected * times * sign) and expected.any():
                yield "extra factor", f"the factor {name} is one too many{words}"


def _partly_nothing(found: Any, expected: Any, _factors: Any) -> Iterator[Likeness]:
    """Right wherever it is not zero."""
    zero = found == 0
    if zero.any() and not zero.all() and _close(np.where(zero, 0, expected), found):
        wrong = int((zero & (np.abs(expected) > 0)).sum())
        yield "missing path", f"it is 0 in {wrong} of {found.size} places where it should not be"
    zero = expected == 0
    if zero.any() and not zero.all() and _close(np.where(zero, 0, found), expected):
        yield "missing mask", "it should be 0 in places where it is not, and is right elsewhere"


def _moved(found: Any, expected: Any, _factors: Any) -> Iterator[Likeness]:
    if found.size > 1 and np.ptp(expected) > 0 and _close(np.sort(found, None), np.sort(expected, None)):
        yield "misplaced", "its numbers are right, but at wrong places"


def _shifted(found: Any, expected: Any, _factors: Any) -> Iterator[Likeness]:
    gap = found - expected
    if found.size > 2 and _close(gap, np.full_like(gap, gap.mean())):
        yield "offset", f"it is the true gradient and {number(float(gap.mean()))} too much everywhere"
        return
    for axis in range(found.ndim if found.ndim > 1 else 0):
        for what, made in (
            ("sum", expected.sum(axis, keepdims=True)),
            ("mean", expected.mean(axis, keepdims=True)),
        ):
            if expected.shape[axis] > 1 and _close(found, np.broadcast_to(made, found.shape)):
                yield "wrong axis", f"it is the {what} of the true gradient along dimension {axis}, repeated"
