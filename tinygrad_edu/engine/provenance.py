"""Provenance: how a constant was computed from others. Formulas write `log q`, where backward needs no history.

A chain is short and its large tensors are only pointed to: a constant keeps next to no memory alive.
"""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from typing import Any

from tinygrad_edu.engine.operation import Operation

MAX_STEPS = 3  # operations in a chain: a running average would keep all its steps
MAX_NUMBERS = 4096  # of an input that is kept alive

# The operation, its inputs (a weak reference for a large tensor), its settings, and the operations in the chain.
# A plain tuple: one is made at every operation on constants.
Provenance = tuple[Operation, tuple[Any, ...], Mapping[str, Any], int]


def made_by(operation: Operation, inputs: tuple[Any, ...], settings: Mapping[str, Any]) -> Provenance | None:
    """The provenance of `operation(*inputs, **settings)`; None if the chain behind it is too long."""
    steps, kept = 0, []
    for x in inputs:
        before = getattr(x, "provenance", None)
        steps = steps if before is None else max(steps, before[3])
        kept.append(weakref.ref(x) if getattr(getattr(x, "raw", None), "size", 0) > MAX_NUMBERS else x)
    return (operation, tuple(kept), settings, steps + 1) if steps < MAX_STEPS else None


def sources(provenance: Provenance) -> list[Any]:
    """The inputs, with None for those that are gone."""
    return [x() if isinstance(x, weakref.ref) else x for x in provenance[1]]
