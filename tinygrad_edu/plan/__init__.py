"""Record a step, and replay it as the straight NumPy program one would have written by hand.

`capture` is for steps on Tensors, `capture_values` for steps on scalar Values.
"""

from __future__ import annotations

from tinygrad_edu.plan.plan import Plan, capture
from tinygrad_edu.plan.values import ValuePlan, capture_values

__all__ = ["Plan", "ValuePlan", "capture", "capture_values"]
