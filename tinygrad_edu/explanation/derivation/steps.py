"""What a derivation is made of: steps, and around them the pages on which they are written."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tinygrad_edu.explanation.derivation.page.page import Page
from tinygrad_edu.symbolic.expression import Expression


@dataclass(frozen=True, eq=False)
class Use:
    """One place where a tensor is used: what its gradient gets from there."""

    via: Expression  # the result it went into, or the part of a formula
    formula: Expression | None  # None where the rule cannot be followed on symbols
    value: np.ndarray
    operation: str  # the name of the operation there


@dataclass(frozen=True, eq=False)
class Step:
    """How the gradient of one tensor comes about."""

    symbol: Expression  # the tensor
    formula: Expression | None  # how it was computed; None for a leaf
    value: np.ndarray
    gradient_symbol: Expression  # ∂L/∂x
    short: Expression | None  # δ₁, if that is its name in what follows
    uses: tuple[Use, ...]
    upstream: Expression | None  # the gradient it comes from, if it is a single one
    upstream_of: Expression | None  # the tensor whose gradient that is
    upstream_value: np.ndarray | None
    local: Expression | None  # the local derivative, if it is a factor for each number
    local_value: np.ndarray | None
    forms: tuple[
        Expression, ...
    ]  # the gradient as a formula, each shorter or more explicit than the one before
    nearly: Expression | None  # the same without constants too small to be seen
    gradient: np.ndarray  # the engine's
    remarks: tuple[str, ...] = ()

    @property
    def called(self) -> Expression:
        """What the gradient is called in later formulas: δ₁ or ∂L/∂x."""
        return self.gradient_symbol if self.short is None else self.short


@dataclass(frozen=True, eq=False, repr=False)
class Derivation(Page):
    """The working of a gradient, on paper: `.text`, `.markdown`, `.latex`, `.html`; a prompt or a notebook shows it.

    `steps` are for programs; `gradients` the final arrays by name; `formulas` the result as lines of text.
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
