"""Answers in plain words: the reason of a missing gradient, and of the order of the walk."""

from __future__ import annotations

from tinygrad_edu.explanation.why.missing import Answer, Answers, why_no_grad
from tinygrad_edu.explanation.why.orders import Orders, compare_orders

__all__ = ["Answer", "Answers", "Orders", "compare_orders", "why_no_grad"]
