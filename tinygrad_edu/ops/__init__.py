"""The rule tables: every operation, its forward computation and its derivative rules, stated once.

`OPERATIONS` lists them by name. Tests, documentation and plans are made from it.
"""

from __future__ import annotations

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import (
    contractions,
    elementwise,
    fused_loss,
    index,
    ordering,
    reduce,
    scattered_extremes,
    shape,
    softmax,
)

OPERATIONS: dict[str, Operation] = {
    item.name: item
    for table in (
        elementwise,
        shape,
        reduce,
        softmax,
        contractions,
        index,
        fused_loss,
        ordering,
        scattered_extremes,
    )
    for item in vars(table).values()
    if isinstance(item, Operation)
}
