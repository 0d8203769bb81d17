"""Showing the working: why a gradient is missing, and why the order of the walk matters."""

from __future__ import annotations

from tinygrad_edu.explain.orders import Orders, compare_orders
from tinygrad_edu.explain.why import Answer, Answers, why_no_grad

__all__ = ["Answer", "Answers", "Orders", "compare_orders", "why_no_grad"]
