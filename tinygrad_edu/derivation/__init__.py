"""Derivations on paper: `explain(loss, wrt=W1)`, and the table of all operations; from the rules run on symbols."""

from __future__ import annotations

from tinygrad_edu.derivation.derivation import Derivation, Step, Use
from tinygrad_edu.derivation.explaining import explain
from tinygrad_edu.derivation.table import conventions, operation_table

__all__ = ["Derivation", "Step", "Use", "conventions", "explain", "operation_table"]
