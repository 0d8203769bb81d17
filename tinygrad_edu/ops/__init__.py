"""The rule tables: every operation, its forward computation and its derivative rules, stated once.

`OPERATIONS` lists them by name. Tests, documentation and plans are made from it.
"""

from __future__ import annotations

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import (
    contractions,
    elementwise,
    exponentials,
    extremes,
    fused_loss,
    index,
    logic,
    reduce,
    shape,
    softmax,
    step_functions,
    trigonometry,
)

_ELEMENTWISE = (elementwise, trigonometry, exponentials, step_functions, extremes, logic)

OPERATIONS: dict[str, Operation] = {
    item.name: item
    for table in (*_ELEMENTWISE, shape, reduce, softmax, contractions, index, fused_loss)
    for item in vars(table).values()
    if isinstance(item, Operation)
}
