"""Tools for testing derivatives, your own operations included, and for comparing numbers."""

from __future__ import annotations

from tinygrad_edu.testing.closeness import assert_close
from tinygrad_edu.testing.gradient_check import check_gradients
from tinygrad_edu.testing.rule_bugs import planted_bugs

__all__ = ["assert_close", "check_gradients", "planted_bugs"]
