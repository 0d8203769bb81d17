"""Equal parts of a computation in a row: steps of a loop, blocks, neurons side by side, examples one by one.

Results are compared in the order in which they were computed. Two parts are equal if the same operations compute
results of the same shapes from one another in the same way; where their other inputs come from does not matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from tinygrad_edu.engine.node import Node

MIN_REPEATS = 3  # parts in a row that are drawn as one
MIN_SAVED = 6  # cards that this must save
MAX_PERIODS, MAX_STARTS = 200, 8  # lengths of a part that are tried, and places where parts may begin

Connections = tuple[tuple[int, ...], ...]
Parts = list[range]  # of results, by their serial place among all results


def repeated(results: Sequence[Any], free: np.ndarray) -> list[Parts]:
    """Runs of equal parts among those `results` that are `free`, the longest parts first."""
    kinds = _kinds(results)
    place = {x: i for i, x in enumerate(results)}
    inputs = [[place.get(x, -1) if isinstance(x, Node) else -2 for x in y.inputs] for y in results]
    last_use = np.array(_last_uses(inputs))
    found = []
    periods = _periods(kinds)
    for period in periods:
        shorter = [p for p in reversed(periods) if p < period and period % p == 0]
        for first, last in _runs(kinds, period, free):
            within = [p for p in shorter if np.array_equal(kinds[first : last - p], kinds[first + p : last])]
            tried = (_equal(first, last, p, inputs, last_use) for p in [*within, period])
            for parts in next(filter(None, tried), ()):
                found.append(parts)
                free[parts[0].start : parts[-1].stop] = False
    return found


def _kinds(results: Sequence[Any]) -> np.ndarray:
    """A number for each result, equal for the same operation on as many inputs, and results of the same shape."""
    index: dict[Any, int] = {}
    kinds = []
    for x in results:
        raw = getattr(x, "raw", None)
        shape = () if raw is None else (raw.shape, str(raw.dtype))
        kinds.append(index.setdefault((x.operation, len(x.inputs), shape, _settings(x)), len(index)))
    return np.array(kinds, dtype=np.int64)


def _settings(x: Any) -> str:
    """The settings of the operation, but for an index, which differs from part to part."""
    return str({key: value for key, value in getattr(x, "settings", {}).items() if key != "index"} or "")


def _periods(kinds: np.ndarray) -> list[int]:
    """Lengths after which something comes again, long ones first: for stretches of 1, 2, 4, 8 ... results."""
    gained: dict[int, int] = {}
    width = 1
    while len(kinds) > 2 * width:
        order = np.argsort(kinds, kind="stable")
        again = kinds[order][1:] == kinds[order][:-1]
        gaps, counts = np.unique(np.diff(order)[again], return_counts=True)
        for gap, count in zip(gaps.tolist(), counts.tolist(), strict=True):
            gained[gap] = max(gained.get(gap, 0), gap * count)
        pairs = kinds[:-width] * (kinds.max() + 1) + kinds[width:]
        kinds = np.unique(pairs, return_inverse=True)[1]
        width *= 2
    best = sorted(gained, key=lambda gap: (-gained[gap], gap))[:MAX_PERIODS]
    return sorted({*best, *(2 * period for period in best)}, reverse=True)  # two in turn may differ inside


def _runs(kinds: np.ndarray, period: int, free: np.ndarray) -> Iterator[tuple[int, int]]:
    """The stretches of at least MIN_REPEATS periods in which all comes again after `period` results."""
    if 2 * period >= len(kinds):
        return
    same = (kinds[:-period] == kinds[period:]) & free[:-period] & free[period:]
    edges = np.flatnonzero(np.diff(np.concatenate([[False], same, [False]]).astype(np.int8)))
    for first, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if end - first >= (MIN_REPEATS - 1) * period:
            yield first, end + period


def _last_uses(inputs: list[list[int]]) -> list[int]:
    """The last result that uses each result; itself if none does."""
    last = list(range(len(inputs)))
    for i, places in enumerate(inputs):
        for place in places:
            if place >= 0:
                last[place] = i
    return last


def _equal(first: int, last: int, period: int, inputs: list[list[int]], last_use: np.ndarray) -> list[Parts]:
    """The runs of parts with the same connections inside; parts begin where least of them is used outside."""
    best: list[Parts] = []
    for start in _starts(first, last, period, last_use):
        parts = [range(at, at + period) for at in range(start, last - period + 1, period)]
        runs = [run for run in _alike(parts, inputs) if _is_worth(run)]
        if sum(map(len, runs)) > sum(map(len, best)):
            best = runs
    return best


def _starts(first: int, last: int, period: int, last_use: np.ndarray) -> list[int]:
    """The places where the first part may begin: those at which least of a part is used outside, and first of all."""
    starts = range(first, min(first + period, last - MIN_REPEATS * period + 1))
    used = [
        int(np.count_nonzero(last_use[at + period : at + 2 * period] >= at + 2 * period)) for at in starts
    ]
    fewest = min(used, default=0)
    return [at for at, count in zip(starts, used, strict=True) if count == fewest][:MAX_STARTS]


def _is_worth(run: Parts) -> bool:
    return len(run) >= MIN_REPEATS and (len(run) - 1) * len(run[0]) >= MIN_SAVED


def _alike(parts: Parts, inputs: list[list[int]]) -> Iterator[Parts]:
    """Runs of parts with the same connections; the first may take from anywhere what others take from the last."""
    run: Parts = []
    first_inner: Connections = ()
    second_outer: Connections = ()
    for part in parts:
        inner, outer = _connections(part, inputs)
        if run and (inner != first_inner or (len(run) > 1 and outer != second_outer)):
            yield run
            run = []
        first_inner, second_outer = (
            inner if not run else first_inner,
            outer if len(run) == 1 else second_outer,
        )
        run.append(part)
    yield run


def _connections(part: range, inputs: list[list[int]]) -> tuple[Connections, Connections]:
    """For each result of a part its inputs, by their place in the part; and by their place in the part before.

    Other results and leaves are -1, plain numbers -2.
    """
    first, before = part.start, part.start - len(part)
    inner = tuple(tuple(x - first if x >= first else -2 if x == -2 else -1 for x in inputs[i]) for i in part)
    outer = tuple(tuple(x - before if before <= x < first else -1 for x in inputs[i]) for i in part)
    return inner, outer
