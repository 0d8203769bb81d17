"""Tools for testing derivatives, your own operations and layers included, and for comparing numbers."""

from __future__ import annotations

from tinygrad_edu.testing.battery import check_module, check_operation
from tinygrad_edu.testing.cases import add_case, cases
from tinygrad_edu.testing.closeness import assert_close
from tinygrad_edu.testing.gradient_check import check_gradients, gradient_verdict
from tinygrad_edu.testing.rule_bugs import planted_bugs

__all__ = [
    "add_case",
    "assert_close",
    "cases",
    "check_gradients",
    "check_module",
    "check_operation",
    "gradient_verdict",
    "planted_bugs",
]
