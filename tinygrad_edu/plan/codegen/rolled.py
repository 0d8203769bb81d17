"""Places of numbers as loops: a table of indices that grow by equal steps is written as nested loops again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tinygrad_edu.plan.codegen.c.access import Place


def loop_sizes(tables: np.ndarray) -> list[int] | None:
    """The sizes of nested loops, outermost first, in which every row of `tables` grows by equal steps.

    None if there are none, so that the places must be read from a table.
    """
    sizes: list[int] = []
    while tables.shape[1] > 1:
        steps = np.diff(tables, axis=1)
        same = (steps == steps[:, :1]).all(axis=0)
        n = int(np.argmin(same)) + 1 if not same.all() else tables.shape[1]
        if n < 2 or tables.shape[1] % n:
            return None
        blocks = tables.reshape(len(tables), -1, n)
        inner = blocks[:, :1] - blocks[:, :1, :1]
        if not (blocks - blocks[:, :, :1] == inner).all():
            return None
        sizes.insert(0, n)
        tables = blocks[:, :, 0]
        if len(sizes) > 4:
            return None
    return sizes


def regular_prefix(tables: np.ndarray) -> int:
    """How many of the first places loops can do."""
    count = tables.shape[1]
    if count < 3:
        return count
    steps = np.diff(tables, axis=1)
    n = 1 + _leading((steps == steps[:, :1]).all(axis=0))
    blocks = tables[:, : count // n * n].reshape(len(tables), -1, n)
    alike = _leading((blocks - blocks[:, :, :1] == blocks[:, :1] - blocks[:, :1, :1]).all(axis=(0, 2)))
    return n * regular_prefix(blocks[:, :alike, 0]) if n < count else n


def _leading(flags: np.ndarray) -> int:
    """How many are true before the first that is not."""
    return len(flags) if flags.all() else int(np.argmin(flags))


def place_text(table: np.ndarray, sizes: Sequence[int], counters: Sequence[Place]) -> str:
    """The place in one row of the tables, in the counters of the loops."""
    shaped = table.reshape(tuple(sizes) or (1,))
    terms = []
    for axis, counter in enumerate(counters):
        first = [0] * shaped.ndim
        second = list(first)
        second[axis] = 1
        step = int(shaped[tuple(second)] - shaped[tuple(first)])
        if step:
            terms.append(str(counter) if step == 1 else f"{counter} * {step}")
    start = int(shaped.flat[0])
    if start or not terms:
        terms.append(str(start))
    return " + ".join(terms).replace("+ -", "- ")
