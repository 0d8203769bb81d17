"""Record a step, and replay it as the straight NumPy program one would have written by hand."""

from __future__ import annotations

from tinygrad_edu.plan.plan import Plan, capture

__all__ = ["Plan", "capture"]
