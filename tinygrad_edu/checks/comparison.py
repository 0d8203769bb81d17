"""Gradients by rules beside slopes by differences, number by number."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tinygrad_edu.checks.slopes import Function, Slope, careful_slope, is_finer, quick_slope

Array = Any
Arrays = list[Array]
Evaluate = Callable[[Arrays], Arrays]
Place = tuple[int, tuple[int, ...]]  # which array, and where in it

ENOUGH = 8  # wrong numbers that are looked at with care; what else differs is counted with them


class Weighted:
    """The results of a function of arrays as one number: each times what flows back into it, those not finite left out.

    `evaluate` may keep none of the arrays that it is given. `precision()` is the relative rounding of the results.
    """

    def __init__(
        self,
        evaluate: Evaluate,
        arrays: Arrays,
        outputs: Arrays,
        weights: Arrays,
        precision: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.evaluate, self.arrays, self._outputs, self._precision = evaluate, arrays, outputs, precision
        finite = [np.isfinite(y) for y in outputs]
        self.weights = [np.where(kept, w, 0.0) for kept, w in zip(finite, weights, strict=True)]
        self.left_out = sum(int((~kept).sum()) for kept in finite)
        self.defined = self.left_out == 0
        self._kept = [np.flatnonzero(kept) for kept in finite]
        self._flat = [w.ravel()[kept] for w, kept in zip(self.weights, self._kept)]

    def along(self, place: Place) -> Function:
        """The weighted sum as a function of one number, all others staying."""
        position, where = place
        arrays, first = list(self.arrays), self._flat[0] if self._flat else None
        moved = arrays[position] = arrays[position].copy()

        def function(x: float) -> float:
            moved[where] = x
            outputs = self.evaluate(arrays)
            if self.defined:
                if len(outputs) == 1:
                    return float(first @ outputs[0].ravel())
                return float(sum(w @ y.ravel() for w, y in zip(self._flat, outputs)))
            return float(sum(w @ y.ravel()[k] for w, y, k in zip(self._flat, outputs, self._kept)))

        return function

    def places(self, position: int) -> Iterator[Place]:
        """The place of each number of one array."""
        return ((position, where) for where in np.ndindex(self.arrays[position].shape))

    def quick(self) -> Arrays:
        """The slope by five points for each number of each array."""
        return [
            np.array(
                [quick_slope(self.along(place), float(array[place[1]])) for place in self.places(position)]
            ).reshape(array.shape)
            for position, array in enumerate(self.arrays)
        ]

    def careful(self, place: Place) -> Slope:
        """The slope with its error, and of both sides."""
        position, where = place
        return careful_slope(self.along(place), float(self.arrays[position][where]), self._rounding)

    def is_finer(self, place: Place, found: float, other: float) -> bool:
        """Whether `found` is the slope at the smallest steps."""
        position, where = place
        return is_finer(self.along(place), float(self.arrays[position][where]), found, other, self._rounding)

    @functools.cached_property
    def _rounding(self) -> float:
        size = sum(float(np.abs(w * y)[np.isfinite(y)].sum()) for w, y in zip(self.weights, self._outputs))
        return self._precision() * size


@dataclass
class Comparison:
    """Which numbers are wrong, the slopes that were looked at with care, and the greatest relative difference."""

    found: Arrays
    expected: Arrays
    wrong: list[Any]
    slopes: dict[Place, Slope] = field(default_factory=dict)
    relative: float = 0.0

    @property
    def count(self) -> int:
        """How many numbers were compared."""
        return sum(g.size for g in self.found)

    def worst(self) -> Place | None:
        """The wrong number with the greatest difference; None if all are right."""
        errors = [np.where(w, np.abs(f - e), -1.0) for w, f, e in zip(self.wrong, self.found, self.expected)]
        errors = [np.where(w & ~np.isfinite(e), np.inf, e) for w, e in zip(self.wrong, errors)]
        for position, error in sorted(enumerate(errors), key=lambda pair: -pair[1].max(initial=-1)):
            if self.wrong[position].any():
                return position, tuple(map(int, np.unravel_index(np.argmax(error), error.shape)))
        return None

    def unusual(self) -> dict[Place, Slope]:
        """The points at which the function has no slope like others, and where nothing is wrong."""
        return {p: s for p, s in self.slopes.items() if s.kind != "smooth" and not self.wrong[p[0]][p[1]]}


def compared(weighted: Weighted, expected: Arrays, found: Arrays, rtol: float, atol: float) -> Comparison:
    """Hold gradients against slopes; where they differ, look at the slope with care before it is called wrong."""
    with np.errstate(all="ignore"):
        wrong = [
            np.asarray(~(np.abs(f - e) <= atol + rtol * np.abs(e)) | ~np.isfinite(f))
            for f, e in zip(found, expected)
        ]
    result = Comparison(found, [e.copy() for e in expected], wrong)
    for position, differing in enumerate(wrong):
        seen = 0
        for index in np.argwhere(differing):
            place = position, tuple(map(int, index))
            if seen < ENOUGH:
                seen += _looked_at(weighted, result, place, rtol, atol)
        result.relative = max(result.relative, _relative(result, position))
    return result


def _looked_at(weighted: Weighted, result: Comparison, place: Place, rtol: float, atol: float) -> bool:
    """Whether the number at `place` is wrong."""
    position, where = place
    slope, found = weighted.careful(place), float(result.found[position][where])
    if not weighted.defined and not np.isfinite(found):
        slope = Slope("outside the domain", np.nan)  # of a result that is left out
    wrong = not slope.admits(found, rtol, atol)
    if wrong and weighted.is_finer(place, found, slope.value):
        slope, wrong = Slope("jump", slope.value), False
    result.slopes[place] = slope
    result.wrong[position][where] = wrong
    result.expected[position][where] = slope.value if wrong or slope.kind == "smooth" else found
    return bool(wrong)


def _relative(result: Comparison, position: int) -> float:
    """The greatest difference beside the greatest gradient of the array: a small number among large ones is rounded."""
    found, expected = result.found[position], result.expected[position]
    with np.errstate(all="ignore"):
        differences = np.abs(found - expected)
    known = np.isfinite(differences)
    size = np.abs(expected[known]).max(initial=0)
    return float(differences[known].max(initial=0) / size) if size else 0.0


def upstream_generator() -> np.random.Generator:
    """The generator of what flows back, the same in every call.

    With a seed that nobody takes for inputs: where both are drawn alike, a rule may read the one for the other.
    """
    return np.random.default_rng(161_803_398)


def drawn(rng: np.random.Generator, y: Any) -> Any:
    """What flows back into a result: never ones, so that a wrong shape or a missing factor shows."""
    return np.asarray(rng.uniform(0.5, 1.5, y.shape) * rng.choice([-1, 1], y.shape))


def same(xs: Arrays, ys: Arrays) -> bool:
    """Equal up to rounding, which may differ between ways to the same number."""
    return len(xs) == len(ys) and all(
        np.array_equal(x, y)
        or (x.shape == y.shape and np.allclose(x, y, 1e-7, 1e-9 * np.abs(x).max(initial=0), equal_nan=True))
        for x, y in zip(xs, ys)
    )
