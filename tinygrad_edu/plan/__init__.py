"""Record a step, on Tensors or on Values, and replay it as the straight NumPy program one would write by hand."""

from __future__ import annotations

from tinygrad_edu.plan.codegen.jax.jax_engine import JaxEngine, jax_engine
from tinygrad_edu.plan.codegen.jax.orbax_checkpoint import load_checkpoint, save_checkpoint
from tinygrad_edu.plan.plan import Plan, capture
from tinygrad_edu.plan.saved.saved_plan import SavedPlan, load_plan

__all__ = [
    "JaxEngine",
    "Plan",
    "SavedPlan",
    "capture",
    "jax_engine",
    "load_checkpoint",
    "load_plan",
    "save_checkpoint",
]
