"""Formulas as trees: operations and derivative rules run on symbols; simplified, written, computed."""

from __future__ import annotations

from tinygrad_edu.symbolic.differentiate import gradients
from tinygrad_edu.symbolic.evaluate import evaluate
from tinygrad_edu.symbolic.expression import Expression, filled, inside_out, symbol
from tinygrad_edu.symbolic.simplification.simplify import simplify
from tinygrad_edu.symbolic.writers.latex_writer import latex
from tinygrad_edu.symbolic.writers.mathml_writer import mathml
from tinygrad_edu.symbolic.writers.text_writer import program, text

__all__ = [
    "Expression",
    "evaluate",
    "filled",
    "gradients",
    "inside_out",
    "latex",
    "mathml",
    "program",
    "simplify",
    "symbol",
    "text",
]
