"""A derivation: its steps, and the page on which they are written."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tinygrad_edu.explanation.derivation.page.page import Page
from tinygrad_edu.symbolic.expression import Expression


@dataclass(frozen=True, eq=False)
class Use:
    """One place where a tensor is used, and the share of its gradient from there."""

    via: Expression  # the result of the operation, or the part of a formula that it is
    formula: Expression | None  # None where the rule cannot be followed on symbols
    value: np.ndarray
    operation: str  # the name of the operation there


@dataclass(frozen=True, eq=False, kw_only=True)
class GradientForms:
    """The formulas of one gradient. There is none where a rule cannot be followed, or uses are too many."""

    forms: tuple[Expression, ...] = ()  # each shorter or more explicit than the form before
    nearly: Expression | None = None  # the last form without constants too small to be seen
    upstream: Expression | None = None  # the gradient that flows in, if it is a single one
    upstream_value: np.ndarray | None = None
    local: Expression | None = (
        None  # the local derivative, if the gradient is upstream times local for each number
    )
    local_value: np.ndarray | None = None
    unwritten: str = ""  # why there are no forms, if something is the matter with them


@dataclass(frozen=True, eq=False, kw_only=True)
class Step(GradientForms):
    """The working of the gradient of one tensor."""

    symbol: Expression  # the tensor
    formula: Expression | None  # of the tensor; None for a leaf
    value: np.ndarray
    gradient_symbol: Expression  # ∂L/∂x
    short: Expression | None  # δ₁, if later formulas name the gradient so
    uses: tuple[Use, ...]
    upstream_of: Expression | None  # the tensor of the gradient upstream
    gradient: np.ndarray  # by the engine
    remarks: tuple[str, ...] = ()

    @property
    def called(self) -> Expression:
        """The name of the gradient in later formulas: δ₁ or ∂L/∂x."""
        return self.gradient_symbol if self.short is None else self.short


@dataclass(frozen=True, eq=False, repr=False)
class Derivation(Page):
    """The working of a gradient on paper: `.text`, `.markdown`, `.latex`, `.html`; prompts and notebooks show it.

    `steps` are for programs, `gradients` are the final arrays by name, `formulas` the result as lines of text.
    """

    steps: tuple[Step, ...] = ()
    gradients: dict[str, np.ndarray] = field(default_factory=dict)
    formulas: tuple[str, ...] = ()

    @property
    def formula(self) -> str:
        """The last line of the result: `∂L/∂W₁ = Xᵀ · δ₁`."""
        return self.formulas[-1] if self.formulas else ""

    @property
    def gradient(self) -> np.ndarray:
        """The final gradient. Raises `RuntimeError` if there are several."""
        if len(self.gradients) != 1:
            raise RuntimeError(
                f"gradient needs one tensor, got {', '.join(self.gradients)}; use .gradients[name]"
            )
        return next(iter(self.gradients.values()))
