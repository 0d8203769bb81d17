"""The rule tables: every operation, its forward computation and its derivative rules, stated once.

`OPERATIONS` lists them by name. Tests, documentation and plans are made from it.
"""

from __future__ import annotations

from tinygrad_edu.engine.operation import Operation
from tinygrad_edu.ops import elementwise, fused_loss, index, linalg, reduce, shape


def _named() -> dict[str, Operation]:
    """Every operation of the tables, which learns its name on the way, and that its rules are tested."""
    found = {}
    for table in (elementwise, shape, reduce, linalg, index, fused_loss):
        for name, item in vars(table).items():
            if isinstance(item, Operation) and name not in found:
                item.name = name
                item.exact = not isinstance(item, elementwise.Elementwise) or len(item.rules) == 1
                found[name] = item
    return found


OPERATIONS = _named()
