"""The rule tables: every operation, its forward computation and its derivative rules, stated once.

`OPERATIONS` lists them by name. Tests, documentation and plans are made from it.
"""

from __future__ import annotations

from types import ModuleType

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import (
    contractions,
    convolution,
    counts,
    elementwise,
    fused_loss,
    index,
    logic,
    ordering,
    recurrent,
    reduce,
    scan,
    shape,
    softmax,
    solvers,
    special_functions,
    spectra,
    standardization,
    step_functions,
    transcendental,
    windows,
)
from tinygrad_edu.ops.freed_memory import keep_freed_memory

keep_freed_memory()

_TABLES = [each for each in list(globals().values()) if isinstance(each, ModuleType)]
OPERATIONS: dict[str, Operation] = {
    item.name: item for table in _TABLES for item in vars(table).values() if isinstance(item, Operation)
}
