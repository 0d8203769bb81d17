"""Derivations on paper: `explain(loss, wrt=W1)`, and the table of all operations; from the rules run on symbols."""

from __future__ import annotations

from tinygrad_edu.explanation.derivation.explain import explain
from tinygrad_edu.explanation.derivation.operation_table import conventions, operation_table
from tinygrad_edu.explanation.derivation.steps import Derivation, Step, Use

__all__ = ["Derivation", "Step", "Use", "conventions", "explain", "operation_table"]
