"""Showing the working: the mistake in a gradient derived by hand, why one is missing, why the order matters."""

from __future__ import annotations

from tinygrad_edu.explain.diagnosing import Suspects, diagnose
from tinygrad_edu.explain.diagnosis import Diagnosis
from tinygrad_edu.explain.orders import Orders, compare_orders
from tinygrad_edu.explain.why import Answer, Answers, why_no_grad

__all__ = [
    "Answer",
    "Answers",
    "Diagnosis",
    "Orders",
    "Suspects",
    "compare_orders",
    "diagnose",
    "why_no_grad",
]
