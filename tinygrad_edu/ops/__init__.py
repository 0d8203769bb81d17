"""The rule tables: every operation, its forward computation and its derivative rules, stated once.

`OPERATIONS` lists them by name. Tests, documentation and plans are made from it.
"""

from __future__ import annotations

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import (
    contractions,
    convolution,
    counts,
    determinants,
    elementwise,
    exponentials,
    factorizations,
    fused_loss,
    index,
    logic,
    ordering,
    reduce,
    scan,
    shape,
    softmax,
    solvers,
    special_functions,
    spectra,
    step_functions,
    trigonometry,
    views,
    windows,
)

TABLES = (
    elementwise,
    shape,
    reduce,
    softmax,
    convolution,
    counts,
    determinants,
    exponentials,
    factorizations,
    logic,
    ordering,
    scan,
    solvers,
    special_functions,
    spectra,
    step_functions,
    trigonometry,
    views,
    windows,
    contractions,
    index,
    fused_loss,
)
OPERATIONS: dict[str, Operation] = {
    item.name: item for table in TABLES for item in vars(table).values() if isinstance(item, Operation)
}
