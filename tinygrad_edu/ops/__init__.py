"""The rule tables: every operation, its forward computation and its derivative rules, stated once.

`OPERATIONS` lists them by name. Tests, documentation and plans are made from it.
"""

from __future__ import annotations

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import (
    contractions,
    convolution,
    counts,
    elementwise,
    extremes,
    fused_loss,
    index,
    logic,
    ordering,
    rank_places,
    reduce,
    scan,
    scattered_extremes,
    shape,
    softmax,
    solvers,
    special_functions,
    spectra,
    step_functions,
    transcendental,
    windows,
)

TABLES = (
    elementwise,
    shape,
    reduce,
    softmax,
    convolution,
    counts,
    extremes,
    logic,
    ordering,
    rank_places,
    scan,
    scattered_extremes,
    solvers,
    special_functions,
    spectra,
    step_functions,
    transcendental,
    windows,
    contractions,
    index,
    fused_loss,
)
OPERATIONS: dict[str, Operation] = {
    item.name: item for table in TABLES for item in vars(table).values() if isinstance(item, Operation)
}
