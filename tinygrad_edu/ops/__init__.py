"""The rule tables: every operation, its forward computation and its derivative rules, stated once.

`OPERATIONS` lists them by name. Tests, documentation and plans are made from it.
"""

from __future__ import annotations

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import (
    contractions,
    determinants,
    elementwise,
    factorizations,
    fused_loss,
    index,
    reduce,
    shape,
    softmax,
    solvers,
    spectra,
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
        solvers,
        factorizations,
        spectra,
        determinants,
    )
    for item in vars(table).values()
    if isinstance(item, Operation)
}
