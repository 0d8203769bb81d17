"""Tools for testing derivatives, your own operations included."""

from __future__ import annotations

from tinygrad_edu.testing.gradient_check import check_gradients

__all__ = ["check_gradients"]
