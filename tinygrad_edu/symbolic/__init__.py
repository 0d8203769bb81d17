"""Formulas as trees: the same operations and derivative rules, run on symbols; simplified, written, computed."""

from __future__ import annotations

from tinygrad_edu.symbolic.differentiate import gradients
from tinygrad_edu.symbolic.evaluate import evaluate
from tinygrad_edu.symbolic.latex import latex
from tinygrad_edu.symbolic.markup import mathml
from tinygrad_edu.symbolic.simplify import simplify
from tinygrad_edu.symbolic.text import program, text
from tinygrad_edu.symbolic.tree import Expression, filled, inside_out, symbol

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
