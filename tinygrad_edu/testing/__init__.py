"""Tools for testing derivatives, your own operations included, and for comparing numbers."""

from __future__ import annotations

from tinygrad_edu.testing.closeness import assert_close
from tinygrad_edu.testing.gradient_check import check_gradients, gradient_verdict

__all__ = ["assert_close", "check_gradients", "gradient_verdict"]
