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
    tests = (_nothing, _multiple, _signs, _masked, _turned, _moved, _with_factor, _shifted)
    known = np.isfinite(expected)
    if not known.any() or not np.isfinite(np.where(known, found, 0)).all():
        return ("not finite", "it is not finite") if known.any() else UNKNOWN
    found, expected = np.where(known, found, 0.0), np.where(known, expected, 0.0)
    return next((hit for test in tests for hit in test(found, expected, factors or {})), UNKNOWN)


def _close(a: Any, b: Any) -> bool:
    size = max(np.abs(a).max(initial=0), np.abs(b).max(initial=0))
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=RELATIVE, atol=1e-7 * size))


def _ratio(a: Any, b: Any) -> float:
    """The number c for which a = c b; 0 if there is none."""
    square = float((b * b).sum())
    ratio = float((a * b).sum()) / square if square else 0.0
    return ratio if np.isfinite(ratio) and _close(a, ratio * b) else 0.0


def _nothing(found: Any, expected: Any, _factors: Any) -> Iterator[Likeness]:
    if expected.any() and not found.any():
        yield "missing path", "nothing flows back where something should"


def _multiple(found: Any, expected: Any, _factors: Any) -> Iterator[Likeness]:
    ratio = _ratio(found, expected)
    if abs(ratio + 1) < RELATIVE:
        yield "sign", "it has the wrong sign"
    elif ratio:
        yield "factor", f"it is {_as_ratio(ratio)} times the true gradient"


def _signs(found: Any, expected: Any, _factors: Any) -> Iterator[Likeness]:
    wrong = int((found * expected < 0).sum())
    if wrong and _close(np.abs(found), np.abs(expected)):
        yield "sign", f"it has the wrong sign in {wrong} of {found.size} places"


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


def _masked(found: Any, expected: Any, _factors: Any) -> Iterator[Likeness]:
    """Right wherever it is not zero, or where it should not be."""
    lost, kept = found == 0, expected == 0
    if lost.any() and not lost.all() and _close(np.where(lost, 0, expected), found):
        wrong = int((lost & ~kept).sum())
        yield "missing path", f"it is 0 in {wrong} of {found.size} places where it should not be"
    if kept.any() and not kept.all() and _close(np.where(kept, 0, found), expected):
        wrong = int((kept & ~lost).sum())
        yield "mask", f"it is not 0 in {wrong} of {found.size} places where it should be"
    if lost.any() and kept.any() and (lost != kept).all():
        yield "mask", "it is 0 exactly where it should not be: the mask is the wrong way round"


def _moved(found: Any, expected: Any, _factors: Any) -> Iterator[Likeness]:
    if found.size > 1 and np.ptp(expected) > 0 and _close(np.sort(found, None), np.sort(expected, None)):
        yield "misplaced", "its numbers are right, but at wrong places"


def _with_factor(found: Any, expected: Any, factors: Mapping[str, Any]) -> Iterator[Likeness]:
    for name, factor in factors.items():
        try:
            times = np.broadcast_to(factor, found.shape)
        except ValueError:
            continue
        for kind, words, ratio in (
            ("lost factor", "missing", _ratio(expected, found * times)),
            ("extra factor", "one too many", _ratio(found, expected * times)),
        ):
            if ratio:
                more = "" if abs(ratio - 1) < RELATIVE else f", and the factor {_as_ratio(ratio)}, too"
                yield kind, f"the factor {name} is {words}{more if kind == 'lost factor' else ''}"


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
